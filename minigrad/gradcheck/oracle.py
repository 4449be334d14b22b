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
from minigrad.gradcheck.tolerance import shaken
from minigrad.gradcheck.trial import Trial, joined

TINY = 2.0**-100
FIRST = 2.0**-13
"""The step of the first look, times the natural size of the element."""


class Oracle:
    """Derivatives of one trial's function at one point."""

    def __init__(self, trial: Trial, x: Matrix, analytic: bool | None = None) -> None:
        self.trial, self.x = trial, x
        self.here = trial.values(x)
        self.scale = scales(x, trial.slices)
        self.directions: list[Matrix] = []
        self._slopes: list[Slopes | None] = []
        self.steps: list[Matrix | None] = []
        """The slopes along each direction by complex steps, where those are right."""
        self.noise = np.zeros(trial.m)
        """What each result is known to."""
        self.shaky = np.zeros(trial.m)
        """How far complex steps may be off, for each result, along a direction of full length."""
        self.analytic = bool(analytic)
        self.another()
        if not analytic:
            # Complex steps that were right elsewhere need no differences to find it out again.
            self.noise = self.slope(0).noise
            self.analytic = analytic is None and self.is_analytic()
        if self.analytic:
            self._shake()

    def another(self, v: Matrix | None = None) -> Matrix:
        """One more direction, by default a random one through all elements."""
        if v is None:
            far = 0.5 + 0.5 * self.trial.rng.random(self.trial.n)
            v = self.trial.signs() * self.scale * far
        self.directions.append(v)
        self._slopes.append(None)
        if self.analytic:
            self.steps.append(self.complex_step(v))
        return v

    def slope(self, k: int) -> Slopes:
        """The slopes along direction k, by differences."""
        found = self._slopes[k]
        if found is None:
            found = slopes(self.trial, self.x, self.directions[k], self.here)
            self._slopes[k] = found
        return found

    @property
    def along(self) -> list[Slopes]:
        """The slopes of all directions for which they are known by differences."""
        return [s for s in self._slopes if s is not None]

    def complex_step(self, v: Matrix) -> Matrix | None:
        """The derivatives of all results along v, or None where the function has no answer."""
        if not self.trial.subject.analytic:
            return None
        self.trial.calls += 1
        try:
            found = self.trial.subject.forward(self.trial.arrays(self.x + 1j * TINY * v))
            if not any(y.dtype == np.complex128 for y in found):
                return None
            flat = joined(found)
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
        v, s = self.directions[0], self.slope(0)
        found = self.complex_step(v)
        if found is None or not np.isfinite(found).all():
            return False
        self.steps = [found]
        off = np.abs(found - s.middle)
        return bool((off <= 8 * s.middle_bar + 1e-9 * np.abs(found)).all())

    def _shake(self) -> None:
        v, once = self.directions[0], self.steps[0]
        kept = self.x
        self.x = shaken(self.trial, kept)
        again = self.complex_step(shaken(self.trial, v))
        self.x = kept
        if once is not None and again is not None:
            off = np.abs(again - once)
            self.shaky = np.where(off <= 1e-6 * np.abs(once), off, 0.0)

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
