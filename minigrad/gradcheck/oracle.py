"""The oracle: what the gradient is, from the function's own numbers.

A step along the imaginary axis gives a derivative without any subtraction, exact to rounding, where
the function is analytic and computes with complex numbers as with real ones. That is tested along
random directions and never assumed; a function that is not is asked at x ± h.
"""

from __future__ import annotations

import numpy as np

from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.points import scales
from minigrad.gradcheck.steps import Slopes, slopes
from minigrad.gradcheck.tolerance import roughness, shaken
from minigrad.gradcheck.trial import Trial, joined

TINY = 2.0**-100
FIRST = 2.0**-13
"""The step of the first look, times the natural size of the element."""


class Oracle:
    """Derivatives of one trial's function at one point."""

    def __init__(
        self,
        trial: Trial,
        x: Matrix,
        analytic: bool | None = None,
        here: Matrix | None = None,
    ) -> None:
        self.trial, self.x = trial, x
        self.here = trial.values(x) if here is None else here
        self.scale = scales(x, trial.slices)
        self.directions: list[Matrix] = []
        self._slopes: dict[int, Slopes] = {}
        self._brief: dict[int, Matrix | None] = {}
        self.steps: list[Matrix | None] = []
        """The slopes along each direction by complex steps, where those are right."""
        self.shaky: Matrix | None = None
        """How far complex steps may be off, for each result, along a direction of full length;
        None where that was not asked for."""
        self._real = self.here
        self._bent: Matrix | float = 0.0
        """How far two differences are from each other."""
        self.certain = analytic is not None
        """Whether it is certain that complex steps are right, or wrong."""
        self.analytic = bool(analytic)
        self.another()
        if analytic is None:
            # Complex steps that were right elsewhere need no differences to find it out again.
            self.analytic = self.seems_analytic()

    def seems_analytic(self) -> bool:
        """Whether complex steps agree with a few differences; where the two are not far apart,
        with many."""
        if self.trial.eps > 1e-12 or not self.trial.subject.analytic:
            return False
        found = self.complex_step(self.directions[0])
        if found is None or not np.isfinite(found).all():
            return False
        self.steps = [found]
        size = np.abs(found)
        brief = self.brief(0)
        if brief is not None:
            off = np.abs(found - brief)
            if (off <= 1e-8 * size + 1e-11 * np.abs(self.here)).all():
                return True
            far = 1e-3 * (size + np.abs(brief)) + 1e-6 * np.abs(self.here)
            if (off > far + self._bent).any():
                return False
        self.certain = True
        return self.is_analytic()

    def closer(self) -> bool:
        """Find out all that can be known of the oracle itself, as something is in doubt. True where
        it came to more than was known."""
        changed = False
        if not self.certain:
            self.certain = True
            if self.analytic and not self.is_analytic():
                self.analytic, changed = False, True
        if self.analytic and self.shaky is None:
            self._shake()
            changed = changed or (self.shaky is not None and bool(self.shaky.any()))
        return changed

    def another(self, v: Matrix | None = None) -> Matrix:
        """One more direction, by default a random one through all elements."""
        if v is None:
            far = 0.5 + 0.5 * self.trial.rng.random(self.trial.n)
            v = self.trial.signs() * self.scale * far
        self.directions.append(v)
        if self.analytic:
            self.steps.append(self.complex_step(v))
        return v

    def slope(self, k: int) -> Slopes:
        """The slopes along direction k, by differences."""
        if k not in self._slopes:
            if not self.analytic:
                roughness(self.trial)
            self._slopes[k] = slopes(self.trial, self.x, self.directions[k], self.here)
        return self._slopes[k]

    @property
    def noise(self) -> Matrix:
        """What each result is known to."""
        return self.slope(0).noise

    def known(self, k: int) -> bool:
        """Whether the slopes along direction k are known by differences."""
        return k in self._slopes

    def brief(self, k: int) -> Matrix | None:
        """The slopes along direction k by two differences, for a first look; None where they look
        like a kink."""
        if k not in self._brief:
            self._brief[k] = self._two_differences(self.directions[k])
        return self._brief[k]

    def _two_differences(self, v: Matrix) -> Matrix | None:
        here = self.here
        wide, ratio = 2.0**-7, 8.0
        found = []
        for h in (wide, wide / ratio):
            up, down = self.trial.values(self.x + h * v), self.trial.values(self.x - h * v)
            found.append(((up - down) / (2 * h), np.abs(up - 2 * here + down) / h))
        (first, bent), (second, still) = found
        # Of a smooth function the sides come nearer to each other as the step does.
        if (still > 0.5 * bent + 1e-9 * np.abs(here)).any():
            return None
        self._bent = np.abs(second - first)
        return np.asarray(second + (second - first) / (ratio**2 - 1))

    @property
    def along(self) -> list[Slopes]:
        """The slopes of all directions for which they are known by differences."""
        return list(self._slopes.values())

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
        self._real = flat.real
        # A result of another type than complex has lost the step: it is constant, or not analytic.
        return np.asarray(flat.imag / TINY, np.float64)

    def is_analytic(self) -> bool:
        """Whether complex steps agree with differences in every result."""
        found, s = self.steps[0], self.slope(0)
        if found is None:
            return False
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
            # Complex numbers are computed another way: how far the results differ is their noise.
            self.complex_step(v)
            noise = np.abs(self._real - self.here) / (np.abs(self.here) + 1e-300)
            self.shaky += np.where(noise <= 1e-3, noise, 0.0) * np.abs(once)

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
                # Numbers below 1e-308 have fewer digits.
                bar = np.full(value.size, 2.0**-1068 / (TINY * self.scale[i]))
                if self.shaky is not None:
                    bar += 30 * self.shaky / self.scale[i] * (value != 0)
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
