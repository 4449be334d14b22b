"""The Jacobian of a function, by the tape and by central differences.

A Jacobian has a row for each element of the input and a column for each element of the output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.device import place
from minigrad.gradients import grad
from minigrad.tensor import Tensor, wrap

Matrix = np.ndarray[Any, Any]


def pulled(y: Tensor, inputs: Sequence[Tensor], cotangent: Matrix) -> list[Matrix]:
    """What the tape makes of a cotangent of y: the gradient of each input, as a NumPy array."""
    if not y.requires_grad:
        return [np.zeros(x.shape) for x in inputs]
    seed = wrap(y.device.call("array", cotangent, dtype=y.dtype).reshape(y.shape))
    found = grad(y, inputs, seed, retain_graph=True, allow_unused=True)
    return [
        np.zeros(x.shape) if g is None else as_numpy(g).copy()
        for x, g in zip(inputs, found, strict=True)
    ]


def analytic(y: Tensor, inputs: Sequence[Tensor]) -> list[Matrix]:
    """The Jacobian of y for each input: one walk over the tape a column."""
    columns = [pulled(y, inputs, one) for one in np.eye(y.numel())]
    return [
        np.array([column[i].reshape(-1) for column in columns]).reshape(y.numel(), x.numel()).T
        for i, x in enumerate(inputs)
    ]


def numeric(function: Callable[[], Sequence[Tensor]], x: Tensor, eps: float) -> list[Matrix]:
    """The Jacobian of every result with respect to x, whose elements are varied in place."""
    rows = [differences(function, x, _step(x, place, eps), eps) for place in np.ndindex(x.shape)]
    if not rows:
        return [np.zeros((0, y.numel())) for y in function()]
    return [np.array(column) for column in zip(*rows, strict=True)]


def _step(x: Tensor, place: tuple[int, ...], eps: float) -> Matrix:
    step = np.zeros(x.shape)
    step[place] = eps
    return step


def differences(
    function: Callable[[], Sequence[Tensor]], x: Tensor, step: Matrix, eps: float
) -> list[Matrix]:
    """(f(x + step) - f(x - step)) / (2 eps) of every result, flat; x is as before afterwards."""
    before = as_numpy(x).copy()

    def vary(numbers: Matrix) -> None:
        there = place(np.asarray(numbers, x.dtype), x.device)
        x.device.call("copyto", x.array, there)

    try:
        vary(before + step)
        above = [as_numpy(y).astype(np.float64) for y in function()]
        vary(before - step)
        below = [as_numpy(y).astype(np.float64) for y in function()]
    finally:
        vary(before)
    return [((a - b) / (2 * eps)).reshape(-1) for a, b in zip(above, below, strict=True)]


def as_numpy(t: Tensor) -> Matrix:
    """The numbers on the CPU."""
    return t.detach().cpu().numpy()
