"""Pooling to a given size: the windows are as equal as they can be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from minigrad.arguments import whole
from minigrad.creation import as_tensor
from minigrad.methods.halves import rounded_once
from minigrad.nn.functional.pooling import over_counts
from minigrad.nn.functional.windows import batched, require_images, require_type
from minigrad.ops.padding import pad
from minigrad.ops.patches import Sizes, Window
from minigrad.ops.pooling import window_argmax, window_max, window_pick, window_place, window_sum
from minigrad.tensor import Tensor

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
]

Goal: TypeAlias = int | Sequence[int | None] | None
"""Lengths of an adaptive result; None leaves a length as it is."""


@rounded_once
def adaptive_avg_pool1d(input: Tensor, output_size: Goal) -> Tensor:
    """The means of as many windows as asked for.

    Args:
        input: (N, C, L) or (C, L).
        output_size: their number, the length of the result; None keeps the input's.

    Shapes: result (N, C, output_size), windows as for `adaptive_avg_pool2d`.
    """
    return _adaptive_avg("adaptive_avg_pool1d", 1, input, output_size)


@rounded_once
def adaptive_avg_pool2d(input: Tensor, output_size: Goal) -> Tensor:
    """The means of windows of nearly equal size, window i of n reaching from ⌊i H / n⌋ to
    ⌈(i + 1) H / n⌉.

    Args:
        input: (N, C, H, W) or (C, H, W).
        output_size: (OH, OW), or one number for both; None keeps the input's length.

    Shapes: result (N, C, OH, OW).
    """
    return _adaptive_avg("adaptive_avg_pool2d", 2, input, output_size)


@rounded_once
def adaptive_avg_pool3d(input: Tensor, output_size: Goal) -> Tensor:
    """The means of as many windows as asked for.

    Args:
        input: (N, C, D, H, W) or (C, D, H, W).
        output_size: (OD, OH, OW), or one number for all; None keeps the input's length.

    Shapes: result (N, C, OD, OH, OW), windows as for `adaptive_avg_pool2d`.
    """
    return _adaptive_avg("adaptive_avg_pool3d", 3, input, output_size)


def adaptive_max_pool1d(input: Tensor, output_size: Goal, return_indices: bool = False) -> Any:
    """The largest numbers of as many windows as asked for.

    Args:
        input: (N, C, L) or (C, L).
        output_size: their number; None keeps the input's length.
        return_indices: give also where they stand.

    Shapes: result (N, C, output_size), windows as for `adaptive_avg_pool2d`.
    """
    return _adaptive_max("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Tensor, output_size: Goal, return_indices: bool = False) -> Any:
    """The largest numbers of the windows of `adaptive_avg_pool2d`.

    Args:
        input: (N, C, H, W) or (C, H, W).
        output_size: (OH, OW), or one number for both; None keeps the input's length.
        return_indices: give also where they stand, counted through the image.

    Shapes: result (N, C, OH, OW).
    """
    return _adaptive_max("adaptive_max_pool2d", 2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Tensor, output_size: Goal, return_indices: bool = False) -> Any:
    """The largest numbers of as many windows as asked for.

    Args:
        input: (N, C, D, H, W) or (C, D, H, W).
        output_size: (OD, OH, OW), or one number for all; None keeps the input's length.
        return_indices: give also where they stand, counted through the volume.

    Shapes: result (N, C, OD, OH, OW), windows as for `adaptive_avg_pool2d`.
    """
    return _adaptive_max("adaptive_max_pool3d", 3, input, output_size, return_indices)


def _goal(caller: str, x: Tensor, n: int, output_size: Goal) -> Sizes:
    require_images(caller, x, n)
    size = x.shape[-n:]
    if isinstance(output_size, (tuple, list)):
        wanted = output_size
    elif output_size is None:
        raise TypeError(f"{caller}: output_size must be lengths, not None; (None,) keeps a length")
    else:
        wanted = [whole(caller, "output_size", output_size)] * n
    if len(wanted) != n:
        raise RuntimeError(f"{caller}: output_size must be {n} lengths, got {output_size}")
    goal = tuple(
        m if w is None else whole(caller, "output_size", w)
        for m, w in zip(size, wanted, strict=True)
    )
    if any(w < 1 for w in goal) or 0 in size:
        raise RuntimeError(
            f"{caller}: elements of output_size and of the input's size must be greater than 0, "
            f"but got {goal} for input of shape {tuple(x.shape)}"
        )
    return goal


def _parts(x: Tensor, goal: Sizes, value: float) -> tuple[Tensor, Window, list[Any], list[Any]]:
    """The windows of an adaptive pooling side by side, all of one size, so that a plain pooling
    does the rest. The shorter ones are filled up with ``value``.

    Returns: the rearranged image, the window, and for each dimension where the image's numbers
    come from and how long the windows are.
    """
    kernel, origins, lengths = [], [], []
    for i, n in enumerate(goal):
        size = x.shape[i + 2]
        places = np.arange(n)
        start, end = places * size // n, -(-(places + 1) * size // n)
        k = int((end - start).max())
        origin = start[:, None] + np.arange(k)
        beyond = origin >= end[:, None]
        if beyond.any():
            widths = tuple((0, 1 if j == i + 2 else 0) for j in range(x.ndim))
            x = pad(x, widths=widths, value=value)
            origin[beyond] = size
        if n * k != size or beyond.any():
            x = x.index_select(i + 2, as_tensor(origin.reshape(-1), device=x.device))
        kernel.append(k)
        origins.append(origin.reshape(-1))
        lengths.append(end - start)
    ones = (1,) * len(goal)
    window = Window(tuple(kernel), tuple(kernel), ones, ((0, 0),) * len(goal))
    return x, window, origins, lengths


def _adaptive_avg(caller: str, n: int, x: Tensor, output_size: Goal) -> Tensor:
    require_type(caller, x)
    goal = _goal(caller, x, n, output_size)

    def compute(x: Tensor) -> Tensor:
        parts, window, _, lengths = _parts(x, goal, 0.0)
        total = window_sum(parts, window=window)
        return over_counts(total, lengths)

    return batched(caller, x, n, compute)


def _adaptive_max(caller: str, n: int, x: Tensor, output_size: Goal, return_indices: bool) -> Any:
    require_type(caller, x)
    goal = _goal(caller, x, n, output_size)
    if not return_indices:

        def compute(x: Tensor) -> Tensor:
            parts, window, _, _ = _parts(x, goal, -math.inf)
            return window_max(parts, window=window)

        return batched(caller, x, n, compute)
    if x.ndim == n + 1:
        pair = _adaptive_max(caller, n, x.unsqueeze(0), goal, True)
        return tuple(y.squeeze(0) for y in pair)
    parts, window, origins, _ = _parts(x, goal, -math.inf)
    spot = window_argmax(parts, window=window)
    places = window_place(spot, window=window, size=parts.shape[2:])
    table = np.zeros((1,) * n, np.int64)
    for i, origin in enumerate(origins):
        table = table * x.shape[i + 2] + origin.reshape([-1 if j == i else 1 for j in range(n)])
    indices = as_tensor(table.reshape(-1), device=x.device)[places]
    return window_pick(parts, spot, window=window), indices
