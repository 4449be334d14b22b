"""How well a gradient can be known: its own rounding, from what small changes do to it.

A fixed tolerance is too wide for gradients of 1e-9 and too narrow for those behind a matrix of
condition 1e6. So backward is asked again with inputs and cotangent changed by a few units in the
last place: an element that moves by δ cannot be asked to be right to better than some δ.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.trial import Trial

OWN = 50.0
"""So many times what an element moved itself."""
AROUND = 4.0
"""So many times what the elements of the same input moved on average."""
VALUE = 16.0
"""So many units in the last place of the results that the element is the slope of: 1 - y, where y
is 1, is known to so much."""


def roughness(trial: Trial) -> None:
    """Find out what the function computes with inside: float32, perhaps, or among terms of 1e8.

    The third difference of points very near to each other is nothing but rounding for a smooth
    function, and stays where they come nearer.
    """
    v = trial.x * trial.signs() * (0.5 + trial.rng.random())
    count = 4 if trial.level.name == "quick" else 7
    a = trial.values(trial.x)
    found = []
    for distance in (2.0**-22, 2.0**-24):
        points = [a, *(trial.values(trial.x + k * distance * v) for k in range(1, count))]
        found.append(np.max(np.abs(np.diff(points, 3, axis=0)), axis=0))
    # Of a smooth function it shrinks to a 64th.
    rough = found[1] > found[0] / 20
    share = np.where(rough, np.minimum(*found), 0.0) / (6 * np.abs(a))
    share = share[np.isfinite(share) & (a != 0)]
    inner = float(np.median(share)) if share.size else 0.0
    if inner > 64 * 2.0**-52:
        trial.eps_inner = inner
        trial.eps = max(trial.eps, min(inner, 1e-3))


def shaken(trial: Trial, x: Matrix) -> Matrix:
    """The point with each number moved by one or two units in the last place."""
    r = trial.rng.random(x.size) - 0.5
    return x * (1 + trial.eps * (np.copysign(1.0, r) + 2 * r))


def shakes(trial: Trial, times: int = 2) -> list[Callable[[Matrix], Matrix]]:
    """Backward at points that are the same but for rounding."""

    def one() -> Callable[[Matrix], Matrix]:
        pull = trial.puller(shaken(trial, trial.x))
        return lambda u: pull(shaken(trial, u))

    return [one() for _ in range(times)]


def moved(got: Matrix, others: list[Matrix]) -> Matrix:
    """How far an element moved at most. What moved by a part in a million or more has jumped, at
    a kink or a tie, which is no rounding: that is left to the kinks."""
    far: Matrix = np.abs(others[0] - got)
    for other in others[1:]:
        far = np.fmax(far, np.abs(other - got))
    return far


def tolerance(trial: Trial, got: Matrix, far: Matrix, reach: Matrix | None = None) -> Matrix:
    """How far each element of a gradient may be from the truth by rounding alone. ``reach`` is the
    sum of the sizes of the (weighted) results that the element is the slope of."""
    eps = trial.eps
    size = np.abs(got)
    jump = 1e10 * eps if eps < 1e-12 else 0.05
    own = np.where(far <= jump * (size + 1e-300), far, 0.0)
    around = np.zeros(got.size)
    for where in trial.slices:
        part = own[where]
        if part.size:
            largest = size[where].max()
            # A gradient that is inf or nan somewhere has no size.
            largest = largest if largest < np.inf else 0.0
            around[where] = np.sqrt(part @ part / part.size) + 2 * eps * largest
    found = OWN * own + AROUND * around + eps**0.7 * size
    if reach is not None:
        found += VALUE * eps * reach
    return np.asarray(np.where(found < np.inf, found, 0.0))


def close(a: Matrix, b: Matrix, slack: Matrix | float = 0.0, eps: float = 2.0**-52) -> bool:
    """Whether two runs of the same computation agree: to the bit, but for the order of sums."""
    if a.shape != b.shape:
        return False
    if (a == b).all():
        return True
    size = np.abs(a) + np.abs(b)
    # Where both are inf or nan, the difference is nan and does not count.
    far = np.abs(a - b) > 256 * eps * size + slack
    odd = np.isfinite(a) != np.isfinite(b)
    return not bool((far | odd).any())
