"""One check as it runs: the point, the numbers there, what was found so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from minigrad.gradcheck.function import Matrix, Subject
from minigrad.gradcheck.level import Level
from minigrad.gradcheck.report import Finding

REFUSALS = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError, AssertionError)
"""What a function may answer at a point that is not its own. LinAlgError is a ValueError."""


class NotChecked(Exception):
    """The check ends here, and the sentence says why."""


@dataclass
class Trial:
    """The state that the rungs share. Numbers of all inputs, and of all results, are one vector."""

    subject: Subject
    level: Level
    seed: int
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    calls: int = 0
    pulls: int = 0

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.take(self.subject)
        self.here: Matrix = np.zeros(0)
        """The results at the point."""
        self.out_shapes: list[tuple[int, ...]] = []
        self.out_types: list[np.dtype[Any]] = []
        self.eps = max(map(unit, self.types), default=2.0**-52)
        self.eps_inner = 2.0**-52
        """What the function computes with where it is given float64."""
        self.measured = False
        """Whether that was asked for."""
        self.mirrored: list[int] = []
        """Inputs that are symmetric matrices, of which the function reads one half: it is a
        function of that half, and its gradient there the sum of two elements."""

    # --- the point ---------------------------------------------------------------------------

    def take(self, subject: Subject) -> None:
        """Check this subject, at its arguments."""
        self.subject = subject
        given = [self.subject.arrays[i] for i in self.subject.varied]
        self.shapes = [x.shape for x in given]
        self.types = [x.dtype for x in given]
        ends = accumulate((x.size for x in given), initial=0)
        self.slices = [slice(a, b) for a, b in pairwise(ends)]
        self.x = joined(given)
        self.n = self.x.size
        self.wide = all(x.dtype == np.float64 for x in given)
        self.coarse = max(map(unit, self.types), default=2.0**-52)

    def arrays(self, x: Matrix, wide: bool = True) -> list[Any]:
        """Arguments with these numbers: fresh arrays in C's order; ``wide`` of float64."""
        made = list(self.subject.arrays)
        if self.mirrored:
            x = self.mirror(x)
        if len(self.shapes) == 1 and (self.wide or wide or x.dtype.kind == "c"):
            made[self.subject.varied[0]] = x.reshape(self.shapes[0]).copy()
            return made
        for i, where, shape, kind in zip(
            self.subject.varied, self.slices, self.shapes, self.types, strict=True
        ):
            part = x[where].reshape(shape)
            if x.dtype.kind != "c" and not wide and kind != np.float64:
                made[i] = part.astype(kind)
            else:
                made[i] = part.copy()
        return made

    def values(self, x: Matrix) -> Matrix:
        """The results at these numbers, in one vector; nan where the function refuses."""
        self.calls += 1
        try:
            found = self.subject.forward(self.arrays(x, self.wide))
            flat = joined(found)
        except REFUSALS:
            return np.full(self._m, np.nan)
        return flat if flat.size == self._m else np.full(self._m, np.nan)

    @property
    def m(self) -> int:
        """How many numbers the results have."""
        return self._m

    def accept(self, results: list[Matrix]) -> None:
        """Take the shapes of the results for what they are from now on."""
        self.out_shapes = [y.shape for y in results]
        self.out_types = [y.dtype for y in results]
        self._m = sum(y.size for y in results)
        self.here = joined(results).astype(np.float64)
        for y in results:
            self.eps = max(self.eps, unit(y.dtype))

    def cotangents(self, u: Matrix) -> list[Matrix]:
        """A vector of weights as one fresh array a result, of its type."""
        if len(self.out_shapes) == 1:
            return [u.reshape(self.out_shapes[0]).astype(self.out_types[0])]
        made, start = [], 0
        for shape, kind in zip(self.out_shapes, self.out_types, strict=True):
            size = int(np.prod(shape, dtype=int))
            made.append(u[start : start + size].reshape(shape).astype(kind))
            start += size
        return made

    def is_twin(self, x: Any) -> bool:
        """Whether an argument could itself be the cotangent."""
        return (
            len(self.out_shapes) == 1
            and x.shape == self.out_shapes[0]
            and x.dtype == self.out_types[0]
        )

    def puller(self, x: Matrix) -> Callable[[Matrix], Matrix]:
        """From weights of the results to the gradient of all inputs, at this point."""
        pull = self.subject.pullback(self.arrays(x, wide=False))

        def pulled(u: Matrix) -> Matrix:
            self.pulls += 1
            return self.flat(pull(self.cotangents(u)))

        return pulled

    def flat(self, grads: Sequence[Any]) -> Matrix:
        """Gradients in one vector; None is zero, another shape is stretched or is nan."""
        return self.fold(self._flat(grads)) if self.mirrored else self._flat(grads)

    def _flat(self, grads: Sequence[Any]) -> Matrix:
        if len(grads) == 1 and type(grads[0]) is np.ndarray and grads[0].shape == self.shapes[0]:
            return np.asarray(grads[0].astype(np.float64).reshape(-1))
        found = np.zeros(self.n)
        for g, where, shape in zip(grads, self.slices, self.shapes, strict=True):
            if g is None:
                continue
            numbers = np.asarray(g)
            if numbers.shape == shape and numbers.dtype.kind == "f":
                found[where] = numbers.reshape(-1)
                continue
            try:
                found[where] = np.broadcast_to(numbers.astype(np.float64), shape).reshape(-1)
            except (ValueError, TypeError):
                found[where] = np.nan
        return found

    def tops(self, values: Matrix) -> Matrix:
        """For each number of the results the largest one of its result."""
        found, start = np.zeros(values.size), 0
        for shape in self.out_shapes:
            size = int(np.prod(shape, dtype=int))
            part = np.abs(values[start : start + size])
            found[start : start + size] = np.max(part[np.isfinite(part)], initial=0.0)
            start += size
        return found

    def signs(self) -> Matrix:
        """A random sign for each element."""
        return np.copysign(1.0, self.rng.random(self.n) - 0.5)

    def mirror(self, x: Matrix) -> Matrix:
        """Symmetric matrices from their lower halves."""
        x = x.copy()
        for k in self.mirrored:
            a = np.tril(x[self.slices[k]].reshape(self.shapes[k]))
            x[self.slices[k]] = (a + np.tril(a, -1).T).reshape(-1)
        return x

    def fold(self, grad: Matrix) -> Matrix:
        """The gradient by those halves."""
        grad = grad.copy()
        for k in self.mirrored:
            a = grad[self.slices[k]].reshape(self.shapes[k])
            grad[self.slices[k]] = (np.tril(a) + np.triu(a, 1).T).reshape(-1)
        return grad

    @property
    def least(self) -> float:
        """What is lost of numbers at the lower end of the narrowest type."""
        kinds = {kind.itemsize for kind in [*self.types, *self.out_types]}
        return {4: 2.0**-140, 2: 2.0**-22}.get(min(kinds, default=8), 2.0**-1060)

    def find_mirrored(self) -> None:
        """Find out which inputs are symmetric matrices of which one half is read."""
        found = []
        for k, (where, shape) in enumerate(zip(self.slices, self.shapes, strict=True)):
            if len(shape) != 2 or shape[0] != shape[1] or shape[0] < 2:
                continue
            a = self.x[where].reshape(shape)
            if not np.array_equal(a, a.T) or not np.any(np.triu(a, 1)):
                continue
            here = self.values(self.x)
            for half in (np.triu(a, 1), np.tril(a, -1)):
                x = self.x.copy()
                x[where] += 0.01 * half.reshape(-1)
                if np.array_equal(self.values(x), here):
                    found.append(k)
                    break
        self.mirrored = found
        if found:
            self.notes.append(
                "a symmetric input of which one half is read: its gradient is checked for changes "
                "that keep it symmetric"
            )

    # --- names -------------------------------------------------------------------------------

    def place(self, i: int) -> tuple[int, tuple[int, ...]]:
        """Which input, and where in it, an element of the vector of inputs is."""
        for k, where in enumerate(self.slices):
            if where.start <= i < where.stop:
                at = np.unravel_index(i - where.start, self.shapes[k])
                return k, tuple(int(a) for a in at)
        raise IndexError(i)

    def out_place(self, j: int) -> tuple[int, tuple[int, ...]]:
        """Which result, and where in it, an element of the vector of results is."""
        for k, shape in enumerate(self.out_shapes):
            size = int(np.prod(shape, dtype=int))
            if j < size:
                return k, tuple(int(a) for a in np.unravel_index(j, shape))
            j -= size
        raise IndexError(j)

    def say_in(self, i: int) -> str:
        """An element of the inputs in words: ``input 0[1, 2]``."""
        k, at = self.place(i)
        return self.subject.names[k] + (f"{list(at)}" if at else "")

    def say_out(self, j: int) -> str:
        """An element of the results in words: ``output[1]``."""
        k, at = self.out_place(j)
        name = "output" if len(self.out_shapes) == 1 else f"output {k}"
        return name + (f"{list(at)}" if at else "")

    def found(self, finding: Finding) -> None:
        """Keep what was found."""
        self.findings.append(finding)

    @property
    def failed(self) -> bool:
        """Whether something is wrong already."""
        return bool(self.findings)


def unit(kind: np.dtype[Any]) -> float:
    """The unit in the last place of 1 in a type of real or complex numbers."""
    return 2.0**-52 if kind == np.float64 else float(np.finfo(kind).eps)


def joined(arrays: Sequence[Matrix]) -> Matrix:
    """All numbers as one vector of float64, or of complex numbers."""
    if len(arrays) == 1:
        flat = arrays[0].reshape(-1)
        return flat.astype(np.complex128 if flat.dtype.kind == "c" else np.float64)
    if not arrays:
        return np.zeros(0)
    kind = np.complex128 if any(a.dtype.kind == "c" for a in arrays) else np.float64
    return np.concatenate([a.reshape(-1) for a in arrays]).astype(kind)
