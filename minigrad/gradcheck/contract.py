"""The contract: what backward has to do whatever it computes.

Shapes and types of gradients, nothing written, the same answer each time from the very first call,
whatever was asked in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.gradcheck.function import ContractError, Matrix
from minigrad.gradcheck.report import Finding
from minigrad.gradcheck.tolerance import close
from minigrad.gradcheck.trial import REFUSALS, NotChecked, Trial, joined


class Contract:
    """The first calls, and what is compared with them later."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.first_values: Matrix = np.zeros(0)
        self.first_grad: Matrix = np.zeros(0)
        self.u: Matrix = np.zeros(0)

    def begin(self) -> bool:
        """The very first calls, with the arguments as they were given. False where backward's
        answer is no answer, so that there are no numbers to look at."""
        trial = self.trial
        subject = trial.subject
        given = _copies(subject.arrays)
        kept = _copies(given)
        results = subject.forward(given)
        if not results:
            raise ValueError(
                f"check: {subject.name} gave no result of real numbers: there is no derivative"
            )
        trial.accept(results)
        trial.find_mirrored()
        self.first_values = joined(results).copy()
        self._unwritten(given, kept, "forward")
        trial.calls += 1
        self.u = trial.rng.standard_normal(trial.m)
        cotangents = trial.cotangents(self.u)
        seeds = [c.copy() for c in cotangents]
        try:
            grads = subject.pullback(given)(cotangents)
            trial.pulls += 1
        except ContractError as error:
            trial.found(Finding("contract", error.kind, str(error)))
            return False
        except REFUSALS as error:
            message = f"backward raised {type(error).__name__}: {error}"
            trial.found(Finding("contract", "raises", message))
            return False
        if any(not np.array_equal(c, s) for c, s in zip(cotangents, seeds, strict=True)):
            trial.found(
                Finding("contract", "writes", "backward writes into the cotangent that it is given")
            )
        self._unwritten(given, kept, "backward")
        usable = self._kinds(grads)
        self.first_grad = trial.flat(grads).copy()
        self._rounded(grads)
        self._raw = [g for g in grads if isinstance(g, np.ndarray)]
        self._raw_copies = [g.copy() for g in self._raw]
        return usable

    def _unwritten(self, given: list[Any], kept: list[Any], who: str) -> None:
        for i, (a, b) in enumerate(zip(given, kept, strict=True)):
            if isinstance(a, np.ndarray) and not _equal(a, b):
                message = f"{who} writes into argument {i}"
                self.trial.found(Finding("contract", "writes", message, input=f"argument {i}"))
                a[...] = b

    def _kinds(self, grads: list[Any]) -> bool:
        """Shapes and types. True where the numbers can be looked at nevertheless."""
        trial, usable = self.trial, True
        for k, g in enumerate(grads):
            if g is None:
                continue
            name, shape = trial.subject.names[k], trial.shapes[k]
            numbers = np.asarray(g)
            if numbers.dtype.kind not in "fiub":
                message = f"the gradient of {name} is of {numbers.dtype}, expected real numbers"
                trial.found(Finding("contract", "type", message, input=name))
                usable = False
            elif numbers.shape != shape:
                message = f"the gradient of {name} has the shape {numbers.shape}, expected {shape}"
                trial.found(Finding("contract", "shape", message, input=name))
                usable = False
            elif numbers.dtype.kind == "f":
                trial.eps = max(trial.eps, float(np.finfo(numbers.dtype).eps))
        return usable

    def _rounded(self, grads: list[Any]) -> None:
        """A gradient in float64, all numbers of which are of float32, was rounded on its way."""
        self.halved = [
            name
            for name, g in zip(self.trial.subject.names, grads, strict=True)
            if isinstance(g, (np.ndarray, np.floating))
            and g.dtype == np.float64
            and np.any(g)
            and np.all(g == np.asarray(g).astype(np.float32))
        ]

    def rounded(self) -> None:
        """Gradients must not be of less precision than the results."""
        if self.halved and self.trial.eps < 1e-12:
            message = (
                f"the gradient of {', '.join(self.halved)} is rounded to float32 or less, "
                "while the function computes in float64"
            )
            self.trial.found(Finding("contract", "rounded", message))

    def repeat(self) -> None:
        """Again, and again with something else in between."""
        trial = self.trial
        second, third = trial.values(trial.x), trial.values(trial.x)
        eps = trial.eps
        if trial.wide and not close(second, third, eps=eps):
            raise NotChecked(
                "the function gives other numbers each time for the same arguments (dropout, "
                "random numbers, state): fix its seed, or switch it to evaluation, to check it"
            )
        if trial.wide and not close(self.first_values, third, eps=eps):
            self._state("the first call of forward differs from later ones with the same arguments")
        pull = trial.puller(trial.x)
        once, twice = pull(self.u), pull(self.u)
        if not close(once, twice, eps=eps):
            holes = bool(((once == 0) != (twice == 0)).any())
            trial.found(
                Finding(
                    "contract",
                    "mask redrawn" if holes else "reentrant",
                    "backward is not re-entrant: two calls with the same arguments differ by up to "
                    f"{_far(once, twice):.3g}",
                )
            )
            return
        if not close(self.first_grad, once, eps=eps):
            self._state(
                "the first call of backward differs from later ones with the same arguments"
            )
        self.between()

    def between(self) -> None:
        """Other numbers of the same shape in between change nothing."""
        trial = self.trial
        eps = trial.eps
        before = trial.puller(trial.x)(self.u)
        other = elsewhere(trial)
        if other is None:
            return
        pull = trial.puller(trial.x)
        trial.values(other)
        if trial.subject.given and not close(pull(self.u), before, eps=eps):
            self._state(
                "backward depends on the last call of forward: its arguments are not those that it "
                "was given",
                "stale",
            )
        puller = trial.puller(other)
        u = trial.rng.standard_normal(trial.m)
        there = puller(u)
        kept = zip(self._raw, self._raw_copies, strict=True)
        if any(not np.array_equal(g, c, equal_nan=True) for g, c in kept):
            self._state("a later call writes into the gradient that an earlier one returned")
        if not close(trial.puller(trial.x)(self.u), before, eps=eps):
            self._state(
                "backward differs after a call with other arguments of the same shape", "stale"
            )
        # The same arrays with other numbers in them are other arguments.
        same = trial.arrays(trial.x, wide=False)
        try:
            trial.subject.forward(same)
            trial.subject.pullback(same)(trial.cotangents(self.u))
            for i, fresh in zip(
                trial.subject.varied, _only(trial, trial.arrays(other, wide=False)), strict=True
            ):
                same[i][...] = fresh
            trial.subject.forward(same)
            again = trial.flat(trial.subject.pullback(same)(trial.cotangents(u)))
        except REFUSALS:
            return
        if not close(again, there, eps=eps):
            self._state(
                "backward goes by the array and not by its numbers: it was changed, the "
                "gradient was not",
                "stale",
            )

    def end(self) -> None:
        """The first numbers once more, after everything."""
        trial = self.trial
        if trial.failed:
            return
        now = trial.puller(trial.x)(self.u)
        if not close(now, self.first_grad, eps=trial.eps):
            self._state("after many calls backward gives another gradient for the same arguments")
        elif trial.wide and not close(trial.values(trial.x), self.first_values, eps=trial.eps):
            self._state("after many calls forward gives another result for the same arguments")

    def _state(self, message: str, kind: str = "state") -> None:
        self.trial.found(Finding("contract", kind, message))


def nearby(trial: Trial, wide: float = 0.05) -> Matrix | None:
    """Another point of the same kind, where the function is defined; None where there is none.
    Signs stay, and a symmetric matrix stays symmetric."""
    scale = scales(trial.x, trial.slices)
    for shrink in (1.0, 0.1, 0.01, 1e-3):
        r = trial.rng.uniform(0.3, 1.0, trial.n) * trial.signs()
        moved = trial.x + wide * shrink * r * np.where(trial.x == 0, scale, np.abs(trial.x))
        for where, shape in zip(trial.slices, trial.shapes, strict=True):
            if len(shape) == 2 and shape[0] == shape[1] > 1:
                a = trial.x[where].reshape(shape)
                if np.array_equal(a, a.T):
                    b = moved[where].reshape(shape)
                    moved[where] = ((b + b.T) / 2).reshape(-1)
        if np.all(np.isfinite(trial.values(moved))):
            return np.asarray(moved)
    return None


def elsewhere(trial: Trial) -> Matrix | None:
    """A point with the same numbers in other places, moved a little: other elements are the
    largest, the negative ones. Where that is not of the same kind (a sorted input, a symmetric or
    triangular matrix) or the function is not defined there, a point near by."""
    kept = trial.x
    mixed = kept.copy()
    for where, shape in zip(trial.slices, trial.shapes, strict=True):
        part = kept[where]
        if part.size > 1 and not _ordered(part.reshape(shape)):
            mixed[where] = trial.rng.permutation(part)
    if not np.array_equal(mixed, kept):
        try:
            trial.x = mixed
            found = nearby(trial)
        finally:
            trial.x = kept
        if found is not None:
            return found
    return nearby(trial)


def _ordered(a: Matrix) -> bool:
    """Whether the places of an input's numbers mean something."""
    if a.ndim == 1 and a.size > 2:
        steps = np.diff(a)
        return bool(np.all(steps >= 0) or np.all(steps <= 0))
    if a.ndim == 2 and a.shape[0] == a.shape[1]:
        return bool(
            np.array_equal(a, a.T)
            or not np.any(np.tril(a, -1))
            or not np.any(np.triu(a, 1))
            # A dominant diagonal is there for a reason.
            or np.all(2 * np.abs(np.diag(a)) > np.abs(a).sum(1))
        )
    return False


def scales(x: Matrix, slices: Sequence[slice]) -> Matrix:
    """The natural size of a step for each element: its own, mostly no less than a tenth of what its
    input has in the middle, and no more than the spread of its input."""
    found = np.ones(x.size)
    for where in slices:
        given = x[where]
        if not given.size:
            continue
        part = np.abs(given)
        part = np.where(part < np.inf, part, 0.0)
        ordered = np.sort(part)
        middle = float(ordered[part.size // 2]) or float(ordered[-1]) or 1.0
        size = np.maximum(part, 0.1 * middle)
        # A number that is so much smaller than its neighbours is so for a reason: a divisor.
        size = np.where((part > 0) & (part < 1e-3 * middle), part, size)
        if part.size > 2:
            # Numbers far from zero and close together: what counts is their distance.
            off = given - given.mean()
            spread = 4 * float(np.sqrt(off @ off / off.size))
            if 1e-12 * middle < spread < np.inf:
                size = np.minimum(size, spread)
        found[where] = size
    return found


def _only(trial: Trial, arrays: list[Any]) -> list[Matrix]:
    return [arrays[i] for i in trial.subject.varied]


def _copies(arrays: list[Any]) -> list[Any]:
    return [x.copy(order="K") if isinstance(x, np.ndarray) else x for x in arrays]


def _equal(a: Matrix, b: Matrix) -> bool:
    return a.tobytes() == b.tobytes()


def _far(a: Matrix, b: Matrix) -> float:
    return float(np.nanmax(np.abs(a - b), initial=0.0))
