"""A derivative along one direction from numbers alone, with its own error bar.

The function is asked at x ± h v for a ladder of step sizes h, a fixed ratio apart. On each rung
there is a central and two one-sided quotients; two rungs give an estimate of higher order, and two
such estimates say how far they may be off. The best rung is the one with the smallest bar. Where
the finest rungs contradict it beyond rounding, the bar is as wide as the contradiction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.trial import Trial


@dataclass
class Slopes:
    """The derivative of each result along a direction: central, to the right and to the left, each
    with an error bar, and the noise of the results themselves."""

    middle: Matrix
    middle_bar: Matrix
    right: Matrix
    right_bar: Matrix
    left: Matrix
    left_bar: Matrix
    noise: Matrix

    def along(self, u: Matrix) -> Slopes:
        """Of the sum of the results with these weights; an interval for each where there is a
        kink, as the results may have been given any value of theirs."""
        kinked = kinks(self)
        low = np.where(kinked, np.minimum(u * self.right, u * self.left), u * self.middle)
        high = np.where(kinked, np.maximum(u * self.right, u * self.left), u * self.middle)
        edge = np.abs(u) * np.maximum(self.right_bar, self.left_bar)
        bars = np.where(kinked, edge, np.abs(u) * self.middle_bar)
        used = u != 0

        def total(x: Matrix) -> Matrix:
            return np.atleast_1d(np.sum(np.where(used, x, 0.0)))

        bar = total(bars)
        if not np.any(kinked & used):
            middle = total(u * self.middle)
            return Slopes(middle, bar, middle, bar, middle, bar, total(np.abs(u) * self.noise))
        middle = total(u * self.middle)
        noise = total(np.abs(u) * self.noise)
        return Slopes(middle, bar, total(high), bar, total(low), bar, noise)


def kinks(s: Slopes) -> Matrix:
    """Where the slopes to either side differ for certain."""
    with np.errstate(all="ignore"):
        jump = np.abs(s.right - s.left)
        size = np.maximum(np.abs(s.right), np.abs(s.left))
        sure = (jump > 4 * (s.right_bar + s.left_bar)) & (jump > 1e-4 * size)
    return np.asarray(sure & np.isfinite(jump))


def slopes(trial: Trial, x: Matrix, direction: Matrix, here: Matrix) -> Slopes:
    """The derivatives of all results at x along a direction, whose length is that of the widest
    step but for a factor of 1/32."""
    ratio, count = float(trial.level.ratio), trial.level.rungs
    widest = 2.0**-5
    if trial.eps_inner > 1e-11:
        # What is rough inside shows its slope over wide steps, if it is not steep at the same time.
        widest, ratio, count = 2.0**-1, 4.0, 12
    steps = widest * ratio ** -np.arange(count)
    central = np.empty((count, here.size))
    right, left = np.empty_like(central), np.empty_like(central)
    with np.errstate(all="ignore"):
        for k, h in enumerate(steps):
            above, below = x + h * direction, x - h * direction
            up, down = trial.values(above), trial.values(below)
            central[k] = (up - down) / (2 * h)
            right[k], left[k] = (up - here) / h, (here - down) / h
        # What the results change by under rounding of the inputs, and what they are known to.
        shaken = trial.values(x + x * (direction != 0) * 2.0**-51)
        noise = 2 * trial.eps_inner * np.abs(here) + np.abs(shaken - here)
        # Where the shortest step is lost, the result is known to what it was computed among.
        lost = (up == here) | (down == here)
        noise = np.maximum(noise, lost * trial.eps_inner * trial.tops(here))
        noise = np.nan_to_num(noise, nan=0.0, posinf=0.0)
        middle, bar = _best(central, steps, noise, ratio, 2)
        # Noise is also what is left at the finest steps.
        rest = np.abs(central[-3:] - middle) * steps[-3:, None]
        seen = np.nanmax(np.nan_to_num(rest, nan=0.0, posinf=0.0), axis=0, initial=0.0)
        noise = np.maximum(noise, seen)
        middle, bar = _best(central, steps, noise, ratio, 2)
        r, r_bar = _best(right, steps, noise, ratio, 1)
        s, s_bar = _best(left, steps, noise, ratio, 1)
    return Slopes(middle, bar, r, r_bar, s, s_bar, noise)


def _best(
    quotients: Matrix, steps: Matrix, noise: Matrix, ratio: float, order: int
) -> tuple[Matrix, Matrix]:
    """The best estimate of each column, and its error bar."""
    gain = ratio**order
    better = (gain * quotients[1:] - quotients[:-1]) / (gain - 1)
    change = np.abs(np.diff(better, axis=0))
    rounding = 4 * noise / steps[2:, None]
    bars = np.where(np.isfinite(change), change, np.inf) + rounding
    # Two estimates may agree by chance: the next pair has a say, less its rounding.
    later = np.vstack([np.maximum(bars[1:] - 2 * ratio * rounding[1:], 0), bars[-1:]])
    bars = np.maximum(bars, 0.1 * np.where(np.isfinite(later), later, 0))
    # A method of this order gains so much a rung; more is chance.
    before = np.where(np.isfinite(change[:-1]), change[:-1], 0) * 4 / gain**2
    bars[1:] = np.maximum(bars[1:], before)
    k = np.argmin(bars, axis=0)
    columns = np.arange(quotients.shape[1])
    value, bar = better[1:][k, columns], bars[k, columns]
    # What the finer steps say against it, beyond what their bars allow.
    finer = np.arange(bars.shape[0])[:, None] > k
    against = np.abs(better[1:] - value) - bars - bar
    against = np.where(finer & np.isfinite(against), against, 0)
    bar = bar + np.maximum(np.max(against, axis=0, initial=0.0), 0)
    return np.where(np.isfinite(bar), value, np.nan), bar


def around(
    trial: Trial, x: Matrix, scale: Matrix, direction: Matrix, here: Matrix, u: Matrix, tries: int
) -> tuple[float, float]:
    """The least and the largest slope along a direction at points all around, very near: of
    Clarke's subdifferential, any value of which a gradient may have. (nan, nan) where rounding
    hides it, and where there is no kink: the slopes of a smooth function are nearer to each other
    the nearer the points are.

    Where three numbers tie, moving one of them shows no kink, and sort is not smooth all the same.
    """
    h = float(np.sqrt(max(trial.eps_inner, 2.0**-52)))
    low, high = np.full((2, u.size), np.inf), np.full((2, u.size), -np.inf)
    with np.errstate(all="ignore"):
        for k in range(tries):
            # Also at the point itself: what ties a little further on may not tie there.
            y = x + (0.0, 2.0, 64.0, 64.0)[k % 4] * h * scale * trial.rng.uniform(-1, 1, x.size)
            slope = (trial.values(y + h * direction) - trial.values(y - h * direction)) / (2 * h)
            far = k % 4 // 2
            low[far], high[far] = np.fmin(low[far], slope), np.fmax(high[far], slope)
        used = u != 0
        low[1], high[1] = np.fmin(*low), np.fmax(*high)
        ends = np.where(used, u * low, 0.0), np.where(used, u * high, 0.0)
        near, most = np.maximum(*ends).sum(1).tolist()
        close, least = np.minimum(*ends).sum(1).tolist()
        known = 2 * trial.eps_inner * np.abs(u * here)
        rounding = float(known[used & np.isfinite(known)].sum()) / h
    if not (most - least > 8 * rounding and near - close > 0.25 * (most - least)):
        return np.nan, np.nan
    return least, most
