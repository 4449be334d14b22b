"""A step length that satisfies the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from minigrad.tensor import Tensor

ARMIJO, CURVATURE = 1e-4, 0.9


class Point(NamedTuple):
    """A place on the line: step length, loss, gradient, and slope along the line."""

    t: float
    loss: float
    gradient: Tensor
    slope: float


def strong_wolfe(
    evaluate: Callable[[float], Point],
    start: Point,
    t: float,
    reach: float,
    *,
    tolerance: float = 1e-9,
    most: int = 25,
) -> tuple[Point, int]:
    """A point with  f(t) ≤ f(0) + c₁ t f'(0)  and  |f'(t)| ≤ -c₂ f'(0), from a first guess ``t``.

    Args:
        start: the point at t = 0.
        reach: the largest coordinate of the direction, which turns lengths into distances.
        most: how often at most to try another length.

    Returns: the point (the best one found, where trying had to stop) and the number of evaluations.
    Source: Nocedal and Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6.
    """

    def too_high(p: Point) -> bool:
        return p.loss > start.loss + ARMIJO * p.t * start.slope

    def flat(p: Point) -> bool:
        return abs(p.slope) <= -CURVATURE * start.slope

    # Grow the step until it brackets a good point.
    before, new = start, evaluate(t)
    tries = 0
    while True:
        if tries == most:
            return min(start, new, key=lambda p: p.loss), tries + 1
        if too_high(new) or (tries > 1 and new.loss >= before.loss):
            break
        if flat(new):
            return new, tries + 1
        if new.slope >= 0:
            break
        least, largest = new.t + 0.01 * (new.t - before.t), new.t * 10
        t = lowest_of_cubic(before, new, least, largest)
        before, new = new, evaluate(t)
        tries += 1

    # Narrow the bracket, keeping its better end.
    low, high = (before, new) if before.loss <= new.loss else (new, before)
    close_before = False  # whether the last try fell close to an end of the bracket
    while tries < most and abs(high.t - low.t) * reach >= tolerance:
        left, right = sorted((low.t, high.t))
        a, b = (low, high) if low.t < high.t else (high, low)
        t = lowest_of_cubic(a, b, left, right)
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:
            if close_before or t >= right or t <= left:
                t = right - margin if right - t < t - left else left + margin
                close_before = False
            else:
                close_before = True
        else:
            close_before = False
        new = evaluate(t)
        tries += 1
        if too_high(new) or new.loss >= low.loss:
            high = new
        elif flat(new):
            return new, tries + 1
        else:
            if new.slope * (high.t - low.t) >= 0:
                high = low
            low = new
        if high.loss < low.loss:
            low, high = high, low
    return low, tries + 1


def lowest_of_cubic(a: Point, b: Point, least: float, largest: float) -> float:
    """Where the cubic through two points (a.t < b.t) with their slopes is lowest, between bounds;
    their middle where it has no minimum. Source: Nocedal and Wright, equation 3.59."""
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return (least + largest) / 2
    d2 = math.sqrt(square)
    width = b.slope - a.slope + 2 * d2
    if width == 0:
        return (least + largest) / 2
    t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / width)
    return min(max(t, least), largest)
