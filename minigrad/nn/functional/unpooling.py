"""The way back from max pooling: numbers to the places that they were taken from."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from minigrad.arguments import wholes
from minigrad.names import public
from minigrad.nn.functional.windows import Lengths, each
from minigrad.op import Op
from minigrad.tensor import Tensor


def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """The numbers of `max_pool1d` back where its indices say, zeros elsewhere.

    Args:
        input: the numbers, (N, C, L) or (C, L).
        indices: where they stand, of the same shape.
        kernel_size: lengths of the window of the pooling that is undone.
        stride: its steps; None is the window's length.
        padding: its border.
        output_size: chooses among the sizes that give this input; None is the smallest.

    Errors: as for `max_unpool2d`.
    """
    return _unpool("max_unpool1d", 1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """The numbers of `max_pool2d` back where its indices say, zeros elsewhere.

    Args:
        input: the numbers, (N, C, H, W) or (C, H, W).
        indices: where they stand, of the same shape.
        kernel_size: lengths of the window of the pooling that is undone.
        stride: its steps; None is the window's length.
        padding: its border.
        output_size: chooses among the sizes that give this input; None is the smallest.

    Errors: RuntimeError for indices of another shape or outside the image.
    """
    return _unpool("max_unpool2d", 2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """The numbers of `max_pool3d` back where its indices say, zeros elsewhere.

    Args:
        input: the numbers, (N, C, D, H, W) or (C, D, H, W).
        indices: where they stand, of the same shape.
        kernel_size: lengths of the window of the pooling that is undone.
        stride: its steps; None is the window's length.
        padding: its border.
        output_size: chooses among the sizes that give this input; None is the smallest.

    Errors: as for `max_unpool2d`.
    """
    return _unpool("max_unpool3d", 3, input, indices, kernel_size, stride, padding, output_size)


def _unpool(
    caller: str,
    n: int,
    x: Tensor,
    indices: Tensor,
    kernel_size: Lengths,
    stride: Lengths | None,
    padding: Lengths,
    output_size: Sequence[int] | None,
) -> Tensor:
    if x.shape != indices.shape:
        raise RuntimeError(
            f"{caller}: Expected shape of indices to be that of the input {tuple(x.shape)}, but "
            f"got {tuple(indices.shape)}"
        )
    kernel = each(caller, "kernel_size", kernel_size, n)
    steps = kernel if stride is None else each(caller, "stride", stride, n)
    borders = each(caller, "padding", padding, n, least=0)
    lead, size = x.shape[:-n], x.shape[-n:]
    goal = tuple(
        (m - 1) * s + k - 2 * p for m, s, k, p in zip(size, steps, kernel, borders, strict=True)
    )
    if output_size is not None:
        asked = wholes(caller, "output_size", output_size)[-n:]
        if any(not g - s < a < g + s for a, g, s in zip(asked, goal, steps, strict=True)):
            raise ValueError(
                f"{caller}: invalid output_size {tuple(output_size)}: each length must be less "
                f"than a stride {steps} from {goal}"
            )
        goal = asked
    places = indices.array
    looked_at = isinstance(places, np.ndarray) and places.size  # on a GPU: a transfer
    if looked_at and not 0 <= places.min() <= places.max() < math.prod(goal):
        raise RuntimeError(
            f"{caller}: found an invalid max index: {places.min()} or {places.max()} "
            f"(output volumes are of size {goal})"
        )
    flat = Op.fresh(x.device.call("zeros", (*lead, math.prod(goal)), x.dtype))
    spread = flat.scatter(-1, indices.flatten(-n), x.flatten(-n))
    return spread.reshape(*lead, *goal)


public(globals())
