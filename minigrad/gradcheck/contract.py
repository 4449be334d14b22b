"""The contract: what backward has to do whatever it computes.

Shapes and types of gradients, nothing written, the same answer each time from the very first call,
whatever was asked in between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.gradcheck.function import ContractError, Matrix
from minigrad.gradcheck.points import elsewhere
from minigrad.gradcheck.report import Finding
from minigrad.gradcheck.strides import placed
from minigrad.gradcheck.tolerance import Shakes, close, roughness
from minigrad.gradcheck.trial import REFUSALS, NotChecked, Trial, joined, unit
from minigrad.gradcheck.units import Counted, counted, known


class Contract:
    """The first calls, and what is compared with them later."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.first_values: Matrix = np.zeros(0)
        self.first_grad: Matrix = np.zeros(0)
        self.u: Matrix = np.zeros(0)
        self.here: Matrix = np.zeros(0)
        """The results at the point, once more."""
        self.other: tuple[Matrix, Matrix] | None = None
        """Another point, and the results there."""
        self.layouts: tuple[str, ...] = ()
        """In which repetitions came."""
        self.odd_layout = False
        """Whether they differed for a layout."""
        self.there: Matrix = np.zeros(0)
        """The gradient at the other point, for the same cotangent."""

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
        self._unwritten(given, kept, "forward")
        if trial.n and trial.m:
            known(subject, results)
        if in_units := counted(subject, results):
            subject = in_units
            trial.take(subject)
            trial.accept(subject.results(results))
            trial.notes += subject.notes()
            given = _copies(subject.arrays)
            kept = _copies(given)
        trial.find_mirrored()
        self.first_values = trial.here
        trial.calls += 1
        self.u = trial.rng.standard_normal(trial.m)
        cotangents = trial.cotangents(self.u)
        seeds = [c.copy() for c in cotangents]
        try:
            grads = subject.pullback(given)(cotangents)
            trial.pulls += 1
            if isinstance(subject, Counted) and not np.isfinite(trial.flat(grads)).all():
                subject.shrink()
                trial.accept(subject.results(results))
                self.first_values = trial.here
                grads = subject.pullback(given)(cotangents)
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
                trial.eps = max(trial.eps, unit(numbers.dtype))
        return usable

    def _rounded(self, grads: list[Any]) -> None:
        """A gradient in float64, all numbers of which are of float32, was rounded on its way."""
        self.halved = [
            k
            for k, g in enumerate(grads)
            if isinstance(g, (np.ndarray, np.floating))
            and g.dtype == np.float64
            and (g == np.asarray(g).astype(np.float32)).all()
            and np.isfinite(g).all()
            and g.any()
        ]

    def rounded(self) -> None:
        """Gradients must not be of less precision than the results."""
        trial = self.trial
        if not self.halved:
            return
        roughness(trial)
        if trial.eps >= 1e-12:
            return
        # What is left of a sum whose terms cancel has few digits as well.
        far = Shakes(trial, trial.x).wavers(self.u, self.first_grad)
        known = (far < 1e-3 * np.abs(self.first_grad)) & (self.first_grad != 0)
        names = [trial.subject.names[k] for k in self.halved if known[trial.slices[k]].any()]
        if names:
            message = (
                f"the gradient of {', '.join(names)} is rounded to float32 or less, "
                "while the function computes in float64"
            )
            trial.found(Finding("contract", "rounded", message))

    def repeat(self) -> None:
        """Again, and again with something else in between."""
        trial, subject = self.trial, self.trial.subject
        eps = trial.eps
        same = trial.arrays(trial.x, wide=False)
        self.here = joined(subject.forward(same))
        if not close(self.first_values, self.here, eps=eps):
            steady(self.trial)
            self._state("the first call of forward differs from later ones with the same arguments")
        held = subject.pullback(same)
        trial.calls += 1
        trial.pulls += 1
        once = trial.flat(held(trial.cotangents(self.u)))
        if not close(self.first_grad, once, eps=eps) and self._is_reentrant(once):
            self._state(
                "the first call of backward differs from later ones with the same arguments"
            )
        if not trial.failed:
            self.between(once, same)

    def _is_reentrant(self, once: Matrix) -> bool:
        """Whether backward's answers repeat, now that one differs from the first."""
        trial = self.trial
        pull = trial.puller(trial.x)
        answers = [once, pull(self.u), pull(self.u)]
        for other in answers[1:]:
            if not close(once, other, eps=trial.eps):
                holes = bool(((once == 0) != (other == 0)).any())
                trial.found(
                    Finding(
                        "contract",
                        "mask redrawn" if holes else "reentrant",
                        "backward is not re-entrant: calls with the same arguments differ by up to "
                        f"{_far(once, other):.3g}",
                    )
                )
                return False
        return True

    def between(self, once: Matrix, same: list[Any]) -> None:
        """Other numbers of the same shape in between change nothing. ``same`` are arguments that
        were called with already."""
        trial, subject = self.trial, self.trial.subject
        eps = trial.eps
        pull = self._again("fortran") if subject.given else None
        self.other = elsewhere(trial)
        if self.other is None:
            return
        other, _ = self.other
        # The last call of forward was there.
        if pull is not None and not self._repeats(pull, once):
            self._state(
                "backward depends on the last call of forward: its arguments are not those that it "
                "was given",
                "stale",
            )
        self.there = trial.puller(other)(self.u)
        self.untouched()
        # The same arrays with other numbers in them are other arguments.
        try:
            fresh = trial.arrays(other, wide=False)
            for i in subject.varied:
                same[i][...] = fresh[i]
            trial.calls += 1
            subject.forward(same)
            trial.pulls += 1
            again = trial.flat(subject.pullback(same)(trial.cotangents(self.u)))
        except REFUSALS:
            again = self.there
        if not close(again, self.there, eps=eps):
            self._state(
                "backward goes by the array and not by its numbers: it was changed, the "
                "gradient was not",
                "stale",
            )
        if not self._repeats(self._again("backwards"), once):
            self._state(
                "backward differs after a call with other arguments of the same shape", "stale"
            )

    def untouched(self) -> None:
        """The gradient of the first call is as it was."""
        kept = zip(self._raw, self._raw_copies, strict=True)
        if any(not np.array_equal(g, c, equal_nan=True) for g, c in kept):
            self._state("a later call writes into the gradient that an earlier one returned")

    def _again(self, layout: str) -> Callable[[Matrix], Matrix]:
        """Backward at the point; at level quick with arguments in another layout, as long as there
        is nothing odd about it."""
        trial = self.trial
        if trial.level.name != "quick" or layout not in trial.subject.layouts or trial.eps > 1e-12:
            return trial.puller(trial.x)
        self.layouts += (layout,)
        arrays = [placed(x, layout) for x in trial.arrays(trial.x, wide=False)]
        try:
            pull = trial.subject.pullback(arrays)
        except REFUSALS:
            self.odd_layout = True
            return trial.puller(trial.x)

        def pulled(u: Matrix) -> Matrix:
            trial.pulls += 1
            try:
                return trial.flat(pull(trial.cotangents(u)))
            except REFUSALS:
                return np.full(trial.n, np.nan)

        return pulled

    def _repeats(self, pull: Callable[[Matrix], Matrix], once: Matrix) -> bool:
        """Whether it gives the known gradient, or is it the layout that makes the difference."""
        eps = self.trial.eps
        if close(pull(self.u), once, eps=eps):
            return True
        if self.trial.level.name != "quick":
            return False
        if close(pull(self.u), once, eps=eps):
            return False  # it is no layout
        self.odd_layout = close(self.trial.puller(self.trial.x)(self.u), once, eps=eps)
        return self.odd_layout

    def end(self) -> None:
        """The first numbers once more, after everything."""
        trial = self.trial
        if trial.failed:
            return
        now = trial.puller(trial.x)(self.u)
        if not close(now, self.first_grad, eps=trial.eps):
            self._state("after many calls backward gives another gradient for the same arguments")
        elif trial.wide and not close(trial.values(trial.x), self.first_values, eps=trial.eps):
            steady(self.trial)
            self._state("after many calls forward gives another result for the same arguments")

    def _state(self, message: str, kind: str = "state") -> None:
        self.trial.found(Finding("contract", kind, message))


def steady(trial: Trial) -> None:
    """Errors: NotChecked where forward gives other numbers each time."""
    first = trial.values(trial.x)
    for _ in range(3):
        if not close(first, trial.values(trial.x), eps=trial.eps):
            raise NotChecked(
                "the function gives other numbers each time for the same arguments (dropout, "
                "random numbers, state): fix its seed, or switch it to evaluation, to check it"
            )


def _copies(arrays: list[Any]) -> list[Any]:
    return [x.copy(order="K") if isinstance(x, np.ndarray) else x for x in arrays]


def _equal(a: Matrix, b: Matrix) -> bool:
    return a.tobytes() == b.tobytes()


def _far(a: Matrix, b: Matrix) -> float:
    return float(np.nanmax(np.abs(a - b), initial=0.0))
