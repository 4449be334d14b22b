"""Other points at which a function is looked at, and the natural size of a step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.trial import Trial


def nearby(
    trial: Trial, x: Matrix | None = None, wide: float = 0.05
) -> tuple[Matrix, Matrix] | None:
    """Another point of the same kind, where the function is defined, and the results there; None
    where there is none. Signs stay, and a symmetric matrix stays symmetric."""
    x = trial.x if x is None else x
    size = np.abs(x)
    if not size.all():
        size = np.where(x == 0, scales(x, trial.slices), size)
    square = [
        (where, shape)
        for where, shape in zip(trial.slices, trial.shapes, strict=True)
        if len(shape) == 2 and shape[0] == shape[1] > 1
    ]
    for shrink in (1.0, 0.1, 0.01, 1e-3):
        r = trial.rng.uniform(0.3, 1.0, trial.n) * trial.signs()
        moved = x + wide * shrink * r * size
        for where, shape in square:
            a = x[where].reshape(shape)
            if np.array_equal(a, a.T) and _ordered(a):
                b = moved[where].reshape(shape)
                moved[where] = ((b + b.T) / 2).reshape(-1)
        values = trial.values(moved)
        if np.isfinite(values).all():
            return moved, values
    return None


def elsewhere(trial: Trial) -> tuple[Matrix, Matrix] | None:
    """A point with the same numbers in other places, moved a little: other elements are the
    largest, the negative ones. Where that is not of the same kind (a sorted input, a symmetric or
    triangular matrix) or the function is not defined there, a point near by."""
    mixed = trial.x.copy()
    for where, shape in zip(trial.slices, trial.shapes, strict=True):
        part = trial.x[where]
        if part.size > 1 and not _ordered(part.reshape(shape)):
            mixed[where] = trial.rng.permutation(part)
    if not np.array_equal(mixed, trial.x):
        found = nearby(trial, mixed)
        if found is not None:
            return found
    return nearby(trial)


def inner(trial: Trial) -> tuple[Matrix, Matrix] | None:
    """A point that has the same first and last numbers, and the same sums: what is inside of each
    input changes places. Where that is not of the same kind, it moves a little."""
    moved = trial.x.copy()
    for where, shape in zip(trial.slices, trial.shapes, strict=True):
        part = trial.x[where]
        if part.size < 4:
            continue
        if not _ordered(part.reshape(shape)):
            moved[where][1:-1] = np.roll(part[1:-1], int(trial.rng.integers(1, part.size - 2)))
        elif len(shape) == 1:
            gap = np.diff(part)
            moved[where][1:-1] += trial.rng.uniform(0.1, 0.3, part.size - 2) * gap[1:]
    values = trial.values(moved)
    if np.array_equal(moved, trial.x) or not np.isfinite(values).all():
        return nearby(trial)
    return moved, values


def afar(trial: Trial) -> tuple[Matrix, Matrix] | None:
    """A point of other sizes: all numbers much larger, or much smaller, and moved a little."""
    for factor in trial.rng.permutation([6.0, 0.2]).tolist():
        found = nearby(trial, trial.x * factor)
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
            # A symmetric matrix that is not positive definite is so by chance, like one of ones.
            (np.array_equal(a, a.T) and (len(a) > 64 or np.linalg.eigvalsh(a)[0] > 0))
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
