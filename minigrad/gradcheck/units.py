"""Numbers near the ends of their type's range, in other units.

A check asks for multiples of cotangents, for steps and for sums of sizes, which overflow where
results are of 1e300 and vanish where they are of 1e-300. There each such number is counted in a
power of two of its own, which costs no digit: all rungs see numbers near 1. What is subnormal has
lost digits already; it is kept as it is, and nothing is asked about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.gradcheck.function import Matrix, Pullback, Subject
from minigrad.gradcheck.trial import NotChecked, Trial

ORDINARY = {8: 200, 4: 40, 2: 6}
"""Up to so many powers of two from 1, numbers of so many bytes are left as they are."""
MOST = {8: 900, 4: 90, 2: 8}
"""And results moved by so many at most, as cotangents move the other way."""
DEEP = -700
"""Below this power of two a complex step vanishes."""


def known(subject: Subject, results: Sequence[Matrix]) -> None:
    """Errors: NotChecked, with the place, where an input or a result is nan or inf."""
    inputs = [(subject.names[k], subject.arrays[i]) for k, i in enumerate(subject.varied)]
    alone = len(results) == 1
    outputs = [("output" if alone else f"output {k}", y) for k, y in enumerate(results)]
    for name, x in [*inputs, *outputs]:
        odd = ~np.isfinite(x)
        if odd.any():
            at = tuple(int(a) for a in np.argwhere(odd)[0])
            place = name + (f"{list(at)}" if at else "")
            raise NotChecked(
                f"{place} is {np.asarray(x)[at]}: there is no derivative to compare with where "
                "inputs or results are not finite; check it at other inputs"
            )


class Counted(Subject):
    """A subject whose extreme numbers are counted in powers of two: an input x is 2**b times what
    the check sees, a result y is 2**a times that, and cotangents and gradients go with them."""

    def __init__(self, inner: Subject, ins: dict[int, Scale], outs: list[Scale]) -> None:
        self.inner, self.ins, self.outs = inner, ins, outs
        arrays = [ins[i].inward(x) if i in ins else x for i, x in enumerate(inner.arrays)]
        super().__init__(inner.name, arrays, inner.names)
        self.framework, self.given = inner.framework, inner.given
        scales = [*ins.values(), *outs]
        self.layouts = inner.layouts if all(s.plain for s in ins.values()) else ()
        self.analytic = inner.analytic and min(s.power.min(initial=0) for s in scales) >= DEEP

    def notes(self) -> list[str]:
        """What a reader has to know of it."""
        said = [
            "numbers near the ends of their type's range are looked at in powers of two of their "
            "own; so are slopes along directions through all inputs"
        ]
        count = sum(int(s.held.sum()) for s in [*self.ins.values(), *self.outs])
        if count:
            said.append(f"{count} subnormal numbers have lost their digits: nothing is asked there")
        return said

    def results(self, found: Sequence[Matrix]) -> list[Matrix]:
        """Results as the check sees them."""
        if len(found) != len(self.outs):
            return list(found)
        return [s.inward(y) for y, s in zip(found, self.outs, strict=True)]

    def _outward(self, arrays: list[Any]) -> list[Any]:
        told: list[Any] = list(arrays)
        seen: list[int] = []
        for i, s in self.ins.items():
            # Arguments that are one array stay one, if they are counted alike.
            twin = next((k for k in seen if arrays[k] is arrays[i] and self.ins[k].same(s)), None)
            told[i] = s.outward(arrays[i]) if twin is None else told[twin]
            seen.append(i)
        return told

    def forward(self, arrays: list[Any]) -> list[Matrix]:
        return self.results(self.inner.forward(self._outward(arrays)))

    def pullback(self, arrays: list[Any]) -> Pullback:
        given = self._outward(arrays)
        before = {i: given[i].copy() for i in self.ins}
        inner = self.inner.pullback(given)

        def pull(cotangents: list[Matrix]) -> list[Any]:
            seeds = [s.inward(c) for c, s in zip(cotangents, self.outs, strict=True)]
            kept = [c.copy() for c in seeds]
            grads = inner(seeds)
            # What backward writes into is to be seen.
            for i, s in self.ins.items():
                if arrays[i] is not given[i] and not np.array_equal(given[i], before[i]):
                    arrays[i][...] = s.inward(given[i])
            for c, now, was, s in zip(cotangents, seeds, kept, self.outs, strict=True):
                if c is not now and not np.array_equal(now, was):
                    c[...] = s.outward(now)
            return [
                None if g is None else self.ins[i].gradient(g)
                for g, i in zip(grads, self.varied, strict=True)
            ]

        return pull

    def second(self, rng: np.random.Generator) -> Subject | None:
        return self.inner.second(rng)

    def shrink(self) -> None:
        """Count results so that cotangents are much smaller: slopes overflow otherwise."""
        for s in self.outs:
            s.power, s.plain = np.minimum(s.power + 200, 900), False

    @property
    def by(self) -> Matrix:
        """b of all inputs that are varied, in one vector."""
        return np.concatenate([self.ins[i].power.ravel() for i in self.varied])

    @property
    def of(self) -> Matrix:
        """a of all results, in one vector."""
        return np.concatenate([s.power.ravel() for s in self.outs])


class Scale:
    """The powers of two in which one array's numbers are counted, and which of them are held."""

    def __init__(self, x: Matrix, most: int = 2000) -> None:
        self.numbers = np.array(x)
        size = self.numbers.dtype.itemsize
        _, power = np.frexp(self.numbers.astype(np.float64))
        ordinary = (self.numbers == 0) | (np.abs(power) <= ORDINARY.get(size, 200))
        self.power = np.where(ordinary, 0, np.clip(power, -most, most))
        tiny = np.finfo(self.numbers.dtype).tiny
        self.held = (self.numbers != 0) & (np.abs(self.numbers) < tiny)
        self.plain = not self.power.any()

    def same(self, other: Scale) -> bool:
        """Whether another one counts in the same way."""
        held = self.held.any() or other.held.any()
        return not held and np.array_equal(self.power, other.power)

    def inward(self, x: Matrix) -> Matrix:
        """As the check sees it, and 0 where it is held; a cotangent as the function sees it."""
        return np.asarray(self._times(x, -self.power, 0.0))

    def outward(self, x: Matrix) -> Matrix:
        """As the function sees it."""
        return np.asarray(self._times(x, self.power, self.numbers))

    def gradient(self, g: Any) -> Any:
        """A gradient by such numbers, as the check sees it."""
        return self._times(g, self.power, 0.0)

    def _times(self, x: Any, power: Matrix, held: Matrix | float) -> Any:
        if self.plain or np.shape(x) != self.power.shape:
            return x
        x = np.asarray(x)
        half = power // 2
        wide = x if x.dtype.kind == "c" else x.astype(np.float64)
        found = wide * np.ldexp(1.0, half) * np.ldexp(1.0, power - half)
        return np.asarray(np.where(self.held, held, found)).astype(x.dtype)


def counted(subject: Subject, results: Sequence[Matrix]) -> Counted | None:
    """The subject in other units, or None where its numbers are ordinary. Errors: NotChecked where
    there is nothing but subnormal numbers."""
    if any(np.asarray(y).dtype.kind != "f" for y in results):
        return None
    ins = {i: Scale(subject.arrays[i]) for i in subject.varied}
    outs = [Scale(y, MOST.get(y.dtype.itemsize, 900)) for y in results]
    if all(s.plain for s in [*ins.values(), *outs]):
        return None
    for what, scales in (("input", list(ins.values())), ("result", outs)):
        if all(s.held.all() for s in scales):
            raise NotChecked(
                f"every {what} is a subnormal number, which has lost its digits: check it at "
                "larger numbers"
            )
    return Counted(subject, ins, outs)


def in_powers(trial: Trial) -> Matrix:
    """The power of two in which each element of the inputs is counted."""
    subject = trial.subject
    return subject.by if isinstance(subject, Counted) else np.zeros(trial.n, int)


def told(trial: Trial, value: float, i: int, j: int | None = None) -> float:
    """A gradient by element i of the inputs, of element j of the results or of a weighted sum, in
    the function's own units."""
    subject = trial.subject
    if not isinstance(subject, Counted):
        return value
    with np.errstate(all="ignore"):
        power = (0 if j is None else int(subject.of[j])) - int(subject.by[i])
        return float(np.ldexp(value, power))
