"""How well a gradient can be known: its own rounding, from what small changes do to it.

A fixed tolerance is too wide for gradients of 1e-9 and too narrow for those behind a matrix of
condition 1e6. So backward is asked again with inputs and cotangent changed by a few units in the
last place: an element that moves by δ cannot be asked to be right to better than some δ.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.points import scales
from minigrad.gradcheck.trial import NotChecked, Trial
from minigrad.gradcheck.units import in_powers

OWN = 50.0
"""So many times what an element moved itself."""
AROUND = 4.0
"""So many times what the elements of the same input moved on average."""
FACTORS = 1.1, 1.3, 0.7
"""A multiple of a cotangent has a gradient of other digits: what is left of a sum whose terms
cancel may stay as it is under the least of changes, and not under these."""
VALUE = 16.0
"""So many units in the last place of the results that the element is the slope of: 1 - y, where y
is 1, is known to so much."""


def roughness(trial: Trial) -> bool:
    """Find out what the function computes with inside: float32, perhaps, or among terms of 1e8.
    True where that is more than was known; asked a second time it is not.

    The third difference of points very near to each other is nothing but rounding for a smooth
    function, and stays where they come nearer. What agrees without it agrees with it, so it is
    asked for where something is in doubt.
    """
    if trial.measured:
        return False
    trial.measured = True
    v = trial.x * trial.signs() * (0.5 + trial.rng.random())
    count = 4 if trial.level.name == "quick" else 7
    a = trial.values(trial.x)
    found = []
    short = -22 if trial.coarse < 1e-5 else -7  # steps that float16 can do
    for distance in (2.0**short, 2.0 ** (short - 2)):
        points = [a, *(trial.values(trial.x + k * distance * v) for k in range(1, count))]
        found.append(np.max(np.abs(np.diff(points, 3, axis=0)), axis=0))
    # Of a smooth function it shrinks to a 64th.
    rough = found[1] > found[0] / 20
    share = np.where(rough, np.minimum(*found), 0.0) / (6 * np.abs(a))
    share = share[np.isfinite(share) & (a != 0)]
    inner = float(np.median(share)) if share.size else 0.0
    if inner <= 64 * 2.0**-52 and trial.coarse < 1e-5:
        return False
    if inner > 0.05 and _chaotic(trial, a):
        raise NotChecked(
            "the results change altogether where the inputs change by rounding: numbers cannot "
            "tell a derivative; check it at other inputs"
        )
    inner = max(inner, trial.coarse if trial.coarse > 1e-5 else 0.0)
    trial.eps_inner = inner
    trial.eps = max(trial.eps, min(inner, 1e-3))
    return True


def _chaotic(trial: Trial, here: Matrix) -> bool:
    """Whether every result is another one where inputs change by rounding, whichever way: as the
    sine of 1e300 does. What is left of a sum that is 0 does as well."""
    if in_powers(trial).max(initial=0) <= 0 or (np.abs(here) < 1e-9).any():
        return False
    ways = [trial.values(trial.x * (1 + k * trial.coarse)) for k in (1, -1, 2, -2)]
    moved = np.min([np.abs(values - here) for values in ways], axis=0)
    return bool((moved > 0.02 * np.abs(here)).all())


def shaken(trial: Trial, x: Matrix) -> Matrix:
    """The point with each number moved by one or two units in the last place."""
    r = trial.rng.random(x.size) - 0.5
    return x * (1 + trial.eps * (np.copysign(1.0, r) + 2 * r))


class Shakes:
    """Backward at points that are the same but for rounding, made when it is asked for.

    Of what an element moves by a part in a million or more when the inputs are shaken, it has
    jumped, at a kink or a tie: that is no rounding, and left to the kinks. Where the cotangent
    alone is shaken there are no kinks: it may be the rest of a sum whose terms cancel.
    """

    def __init__(self, trial: Trial, x: Matrix) -> None:
        self.trial, self.x = trial, x
        self._pulls: list[Callable[[Matrix], Matrix]] = []

    def far(
        self, u: Matrix, got: Matrix, times: int = 1, factors: tuple[float, ...] = FACTORS
    ) -> Matrix:
        """How far each element of backward's answer to ``u`` moves at most. ``factors`` are for
        what is known to be linear."""
        trial = self.trial
        while len(self._pulls) < times:
            self._pulls.append(trial.puller(shaken(trial, self.x)))
        found = np.zeros(got.size)
        for pull in self._pulls[:times]:
            found = np.fmax(found, np.abs(pull(shaken(trial, u)) - got))
        jump = 1e10 * trial.eps if trial.eps < 1e-12 else 0.05
        found = np.where(found <= jump * (np.abs(got) + 1e-300), found, 0.0)
        return np.fmax(found, self.wavers(u, got, factors))

    def wavers(self, u: Matrix, got: Matrix, factors: tuple[float, ...] = FACTORS) -> Matrix:
        """How far each element moves as the cotangent alone is shaken."""
        pull, found = self.trial.puller(self.x), np.zeros(got.size)
        for factor in factors:
            again = pull(shaken(self.trial, u) * factor) / factor
            found = np.fmax(found, np.abs(again - got))
        return residue(self.trial, u, got, found)


def residue(trial: Trial, u: Matrix, got: Matrix, moved: Matrix) -> Matrix:
    """What an element moved, as long as that can be rounding: of terms that cancel there is left at
    most a part in 1e9 of what such a function's gradient could be."""
    size = float(np.nan_to_num(np.abs(got), nan=0.0, posinf=0.0).max())
    values = np.maximum(np.abs(trial.here), 1.0)  # results may be such a rest themselves
    reach = float(np.nan_to_num(np.abs(u) @ values, nan=0.0, posinf=0.0))
    most = 4e6 * trial.eps * (size + reach / scales(trial.x, trial.slices))
    return np.where(moved <= most, moved, 0.0)


def tolerance(
    trial: Trial, got: Matrix, far: Matrix | None = None, reach: Matrix | None = None
) -> Matrix:
    """How far each element of a gradient may be from the truth by rounding alone. ``far`` is how
    far it moves (None: that was not asked, and is taken for 0). ``reach`` is the sum of
    the sizes of the (weighted) results that the element is the slope of. Several gradients may
    stand in rows."""
    eps = trial.eps
    size = np.abs(got)
    found: Matrix = eps**0.7 * size
    if far is not None:
        found += OWN * far
    for where in trial.slices:
        part = size[..., where]
        if part.size:
            # A gradient that is inf or nan somewhere has no size.
            largest = part.max(-1, keepdims=True)
            around = 2 * eps * np.where(largest < np.inf, largest, 0.0)
            if far is not None:
                around += mean_size(far[..., where])
            found[..., where] += AROUND * around
    if reach is not None:
        found += VALUE * eps * reach
    if not found.max() < np.inf:
        found = np.where(found < np.inf, found, 0.0)
    return found


def mean_size(a: Matrix) -> Matrix:
    """The root of the mean square along the last axis; squares of large numbers would overflow."""
    most = np.maximum(a.max(-1, keepdims=True), 2.0**-1022)
    return np.asarray(most * np.sqrt(((a / most) ** 2).mean(-1, keepdims=True)))


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
