"""The oracle: what the gradient is, from the function's own numbers.

A step along the imaginary axis gives a derivative without any subtraction, exact to rounding, where
the function is analytic and computes with complex numbers as with real ones. That is tested along
random directions and never assumed; a function that is not is asked at x ± h.
"""

from __future__ import annotations

import numpy as np

from minigrad.gradcheck.contract import scales
from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.steps import Slopes, slopes
from minigrad.gradcheck.trial import Trial

TINY = 2.0**-100
FIRST = 2.0**-13
"""The step of the first look, times the natural size of the element."""


class Oracle:
    """Derivatives of one trial's function at one point."""

    def __init__(self, trial: Trial, x: Matrix, analytic: bool | None = None) -> None:
        self.trial, self.x = trial, x
        self.here = trial.values(x)
        self.scale = scales(trial)
        self.directions: list[Matrix] = []
        self.along: list[Slopes] = []
        count = 1 if trial.level.name == "quick" or analytic is not None else 2
        for _ in range(count):
            self.direction()
        self.noise = np.max([s.noise for s in self.along], axis=0)
        """What each result is known to."""
        self.analytic = self.is_analytic() if analytic is None else analytic
        self.shaky = np.zeros(trial.m)
        """How far complex steps may be off, for each result, along a direction of full length."""
        if self.analytic:
            self._shake()

    def direction(self) -> tuple[Matrix, Slopes]:
        """One more random direction through all elements, and the slopes along it."""
        signs = self.trial.rng.choice([-1.0, 1.0], self.trial.n)
        v = signs * self.scale * self.trial.rng.uniform(0.5, 1.0, self.trial.n)
        found = slopes(self.trial, self.x, v, self.here)
        self.directions.append(v)
        self.along.append(found)
        return v, found

    def complex_step(self, v: Matrix) -> Matrix | None:
        """The derivatives of all results along v, or None where the function has no answer."""
        if not self.trial.subject.analytic:
            return None
        self.trial.calls += 1
        try:
            found = self.trial.subject.forward(self.trial.arrays(self.x + 1j * TINY * v))
            if any(y.dtype != np.complex128 for y in found) and not any(
                y.dtype == np.complex128 for y in found
            ):
                return None
            flat = np.concatenate([y.reshape(-1) for y in found])
        except Exception:  # what a function says to complex numbers may be anything
            return None
        if flat.size != self.trial.m:
            return None
        # A result of another type than complex has lost the step: it is constant, or not analytic.
        return np.asarray(flat.imag / TINY, np.float64)

    def is_analytic(self) -> bool:
        """Whether complex steps agree with differences in every result."""
        if self.trial.eps > 1e-12:
            return False
        for v, s in zip(self.directions, self.along, strict=True):
            found = self.complex_step(v)
            if found is None or not np.all(np.isfinite(found)):
                return False
            off = np.abs(found - s.middle)
            if not np.all(off <= 8 * s.middle_bar + 1e-9 * np.abs(found)):
                return False
        return True

    def _shake(self) -> None:
        for v in self.directions:
            once = self.complex_step(v)
            kept = self.x
            self.x = kept * (1 + 2.0**-52 * self.trial.rng.choice([-2.0, -1, 1, 2], kept.size))
            again = self.complex_step(v * (1 + 2.0**-52 * self.trial.rng.uniform(-1, 1, v.size)))
            self.x = kept
            if once is not None and again is not None:
                off = np.abs(again - once)
                off = np.where(off <= 1e-6 * np.abs(once), off, 0.0)
                self.shaky = np.maximum(self.shaky, np.nan_to_num(off))

    def unit(self, i: int) -> Matrix:
        """A step of its natural size along one element."""
        v = np.zeros(self.trial.n)
        v[i] = self.scale[i]
        return v

    def element(self, i: int) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        """∂ of all results by element i at a first look: value, error bar by rounding, and the
        slopes to either side."""
        if self.analytic:
            found = self.complex_step(self.unit(i))
            if found is not None:
                value = found / self.scale[i]
                bar = 30 * self.shaky / self.scale[i] * (value != 0)
                # Numbers below 1e-308 have fewer digits.
                bar += 2.0**-1068 / (TINY * self.scale[i]) * (value != 0)
                return value, bar, value, value
        h = FIRST * self.scale[i]
        above, below = self.x.copy(), self.x.copy()
        above[i] += h
        below[i] -= h
        up, down = self.trial.values(above), self.trial.values(below)
        value = (up - down) / (above[i] - below[i])
        bar = 8 * self.noise / h * (up != down)
        right = (up - self.here) / (above[i] - self.x[i])
        left = (self.here - down) / (self.x[i] - below[i])
        return value, bar, right, left

    def sizes(self, i: int) -> list[float]:
        """What the natural size of a step along element i may be: the first guess, the element's
        own size, that of its neighbours, much less."""
        first, own = float(self.scale[i]), abs(float(self.x[i]))
        others = float(np.median(self.scale))
        return [first, *(size for size in (own, others) if size > 0), first * 2.0**-10]

    def refined(self, i: int, size: float) -> Slopes:
        """∂ of all results by element i with many step sizes, from this size on."""
        v = np.zeros(self.trial.n)
        v[i] = size
        s = slopes(self.trial, self.x, v, self.here)
        return Slopes(*(part / size for part in _parts(s)))


def _parts(s: Slopes) -> tuple[Matrix, ...]:
    return (*(s.middle, s.middle_bar, s.right, s.right_bar, s.left, s.left_bar, s.noise),)
