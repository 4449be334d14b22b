"""Right, wrong, at a kink, or not to be known: what numbers say of one slope."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.oracle import Oracle
from minigrad.gradcheck.steps import Slopes, kinks
from minigrad.gradcheck.trial import Trial


@dataclass
class Verdict:
    """What numbers say of one element of a gradient: "right", "kink" (right, at a kink), "wrong",
    or "unknown" where the error bar is wider than the question."""

    word: str
    expected: float
    bar: float
    low: float = 0.0
    high: float = 0.0


def judge(got: float, s: Slopes, slack: float) -> Verdict:
    """Whether a slope is what the numbers (of one result) say it is."""
    middle, bar = float(s.middle[0]), float(s.middle_bar[0])
    right, left = float(s.right[0]), float(s.left[0])
    sides = [(v, b) for v, b in ((right, s.right_bar[0]), (left, s.left_bar[0])) if np.isfinite(v)]
    if not np.isfinite(got):
        sure = np.isfinite(middle) and bar < 1e-3 * abs(middle) + 1e-9
        return Verdict("wrong" if sure else "unknown", middle, bar)
    if np.isfinite(middle) and abs(got - middle) <= slack + 2 * bar:
        return Verdict("right", middle, bar)
    if bool(kinks(s)[0]):
        low, high = min(left, right), max(left, right)
        edge = float(max(s.right_bar[0], s.left_bar[0]))
        if low - slack - 3 * edge <= got <= high + slack + 3 * edge:
            return Verdict("kink", middle, bar, low, high)
        far = max(low - got, got - high)
        sure = edge < 0.1 * far
        nearest = low if got < low else high
        return Verdict("wrong" if sure else "unknown", nearest, edge, low, high)
    if not np.isfinite(middle):
        for value, side in sides:
            if abs(got - value) <= slack + 3 * side:
                return Verdict("right", value, float(side))
        if len(sides) == 1:
            value, side = sides[0]
            sure = side < 0.05 * abs(got - value) and slack < 0.5 * abs(got - value)
            return Verdict("wrong" if sure else "unknown", value, float(side))
        return Verdict("unknown", middle, bar)
    # A step of the function itself (floor) between two numbers: nobody knows a slope there.
    sure = bar < 0.1 * abs(got - middle)
    return Verdict("wrong" if sure else "unknown", middle, bar)


def acquits(trial: Trial, other: Verdict, got: float, want: float) -> bool:
    """Whether another look says right: where the function is rough inside (float32), it also has to
    know it better than what is between the two."""
    if other.word == "right":
        return trial.eps_inner < 1e-9 or other.bar < 0.5 * abs(got - want)
    return other.word == "kink"


def within(got: float, want: float, low: float, high: float) -> bool:
    """Whether it is among the slopes around, which differ by as much as it is off."""
    edge = 0.02 * (high - low)
    return high - low > 0.5 * abs(got - want) and low - edge <= got <= high + edge


def steep(trial: Trial, oracle: Oracle, u: Matrix, v: Matrix, got: float, want: float) -> bool:
    """Whether the gradient changes altogether within the shortest steps, as that of the inverse of
    a matrix of condition 1e8, so that differences do not see it."""
    there = []
    for _ in range(6):
        y = oracle.x + 2.0**-28 * oracle.scale * trial.rng.choice([-1.0, 1.0], oracle.x.size)
        there.append(float(trial.puller(y)(u) @ v))
    off = abs(got - want)
    near, moved = min(abs(t - want) for t in there), max(abs(t - got) for t in there)
    # The slope of a function that merely bends changes by about as much as the point does.
    return near > 0.1 * off and moved > 0.02 * off and moved > 1e-5 * max(abs(got), abs(want))


def lost(got: float, verdict: Verdict, trial: Trial, u: Matrix) -> bool:
    """Whether it is 0 where the truth is less than rounding of 1: 1 - y, where y is 1 but for
    e^-40."""
    return got == 0 and abs(verdict.expected) < 16 * trial.eps * float(np.abs(u).max())


def ulps(got: float, want: float, eps: float) -> float | None:
    """How many units in the last place of the expected number lie between two numbers."""
    unit = abs(want) * eps
    if not np.isfinite(got) or not np.isfinite(want) or unit == 0:
        return None
    return abs(got - want) / unit
