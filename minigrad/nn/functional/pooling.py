"""Pooling: each window of an image becomes one number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.arguments import number, switch, whole
from minigrad.creation import as_tensor
from minigrad.methods.halves import rounded_once
from minigrad.nn.functional.windows import Lengths, batched, each, require_type
from minigrad.ops.patches import Sizes, Window
from minigrad.ops.pooling import window_argmax, window_max, window_place, window_sum
from minigrad.tensor import Tensor

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
]


def max_pool1d(
    input: Tensor,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    dilation: Lengths = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of each window.

    Args:
        input: (N, C, L) or (C, L).
        kernel_size: lengths of the window, one number or one for each dimension.
        stride: steps from window to window; None is the window's length.
        padding: the border on both sides, at most half a window; it counts as -inf.
        dilation: steps between neighbours within a window.
        ceil_mode: round the number of windows up, so that the last may reach over the end.
        return_indices: give also where the numbers stand, counted through the image.

    Shapes: result (N, C, OL), length as for `max_pool2d`. Errors: as for `max_pool2d`.
    """
    return _max_pool(
        "max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


def max_pool2d(
    input: Tensor,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    dilation: Lengths = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of each window. Where several are the largest, the gradient goes to the
    first.

    Args:
        input: (N, C, H, W) or (C, H, W).
        kernel_size: lengths of the window, one number or one for each dimension.
        stride: steps from window to window; None is the window's length.
        padding: the border on both sides, at most half a window; it counts as -inf.
        dilation: steps between neighbours within a window.
        ceil_mode: round the number of windows up, so that the last may reach over the end.
        return_indices: give also where the numbers stand, counted through the image.

    Shapes: result (N, C, OH, OW), OH = ⌊(H + 2P - D(KH - 1) - 1) / S⌋ + 1 and OW likewise.
    Errors: RuntimeError for a border of more than half a window, and where no window fits.
    """
    return _max_pool(
        "max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


def max_pool3d(
    input: Tensor,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    dilation: Lengths = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of each window.

    Args:
        input: (N, C, D, H, W) or (C, D, H, W).
        kernel_size: lengths of the window, one number or one for each dimension.
        stride: steps from window to window; None is the window's length.
        padding: the border on both sides, at most half a window; it counts as -inf.
        dilation: steps between neighbours within a window.
        ceil_mode: round the number of windows up, so that the last may reach over the end.
        return_indices: give also where the numbers stand, counted through the image.

    Shapes: result (N, C, OD, OH, OW), lengths as for `max_pool2d`. Errors: as for `max_pool2d`.
    """
    return _max_pool(
        "max_pool3d", 3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


@rounded_once
def avg_pool1d(
    input: Tensor,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window.

    Args:
        input: (N, C, L) or (C, L).
        kernel_size: lengths of the window, one number or one for each dimension.
        stride: steps from window to window; None is the window's length.
        padding: zeros on both sides, at most half a window.
        ceil_mode: round the number of windows up, so that the last may reach over the end.
        count_include_pad: whether the border's zeros count in the mean.

    Shapes: result (N, C, OL), OL = ⌊(L + 2P - K) / S⌋ + 1. Errors: as for `max_pool2d`.
    """
    return _avg_pool(
        "avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None
    )


@rounded_once
def avg_pool2d(
    input: Tensor,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window.

    Args:
        input: (N, C, H, W) or (C, H, W).
        kernel_size: lengths of the window, one number or one for each dimension.
        stride: steps from window to window; None is the window's length.
        padding: zeros on both sides, at most half a window.
        ceil_mode: round the number of windows up, so that the last may reach over the end.
        count_include_pad: whether the border's zeros count in the mean.
        divisor_override: divide every sum by this number in place of the window's.

    Shapes: result (N, C, OH, OW), OH = ⌊(H + 2P - KH) / S⌋ + 1. Errors: as for `max_pool2d`.
    """
    return _avg_pool(
        "avg_pool2d",
        2,
        input,
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
    )


@rounded_once
def avg_pool3d(
    input: Tensor,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window.

    Args:
        input: (N, C, D, H, W) or (C, D, H, W).
        kernel_size: lengths of the window, one number or one for each dimension.
        stride: steps from window to window; None is the window's length.
        padding: zeros on both sides, at most half a window.
        ceil_mode: round the number of windows up, so that the last may reach over the end.
        count_include_pad: whether the border's zeros count in the mean.
        divisor_override: divide every sum by this number in place of the window's.

    Shapes: result (N, C, OD, OH, OW), lengths as for `avg_pool2d`. Errors: as for `max_pool2d`.
    """
    return _avg_pool(
        "avg_pool3d",
        3,
        input,
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
    )


@rounded_once
def lp_pool1d(
    input: Tensor,
    norm_type: float,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """(Σ xᵖ)^(1/p) over each window. Where the sum is 0 its gradient is taken as 0.

    Args:
        input: (N, C, L) or (C, L).
        norm_type: p; ∞ is the largest |x|.
        kernel_size: lengths of the window, one number or one for each dimension.
        stride: steps from window to window; None is the window's length.
        ceil_mode: round the number of windows up, so that the last may reach over the end.

    Errors: ValueError for p = 0.
    """
    return _lp_pool("lp_pool1d", 1, input, norm_type, kernel_size, stride, ceil_mode)


@rounded_once
def lp_pool2d(
    input: Tensor,
    norm_type: float,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """(Σ xᵖ)^(1/p) over each window. Where the sum is 0 its gradient is taken as 0.

    Args:
        input: (N, C, H, W) or (C, H, W).
        norm_type: p; ∞ is the largest |x|.
        kernel_size: lengths of the window, one number or one for each dimension.
        stride: steps from window to window; None is the window's length.
        ceil_mode: round the number of windows up, so that the last may reach over the end.

    Errors: ValueError for p = 0.
    """
    return _lp_pool("lp_pool2d", 2, input, norm_type, kernel_size, stride, ceil_mode)


def _require_numbers(caller: str, x: Tensor) -> None:
    """Errors: RuntimeError for images without a number: their windows hold the border alone."""
    if 0 in x.shape[1:]:
        raise RuntimeError(
            f"{caller}: expected channels of at least one number, with optional 0 dim batch size, "
            f"got input of size {list(x.shape)}"
        )


def _window(
    caller: str,
    size: Sizes,
    kernel_size: Lengths,
    stride: Lengths | None,
    padding: Lengths,
    dilation: Lengths,
    ceil_mode: bool,
) -> Window:
    """The window, its border at the end lengthened for a last window that reaches over it."""
    n = len(size)
    kernel = each(caller, "kernel_size", kernel_size, n)
    given = stride or None if isinstance(stride, tuple) else stride
    steps = kernel if given is None else each(caller, "stride", given, n)
    spread = each(caller, "dilation", dilation, n)
    borders = each(caller, "padding", padding, n, least=0)
    window = Window(kernel, steps, spread, tuple((p, p) for p in borders))
    if any(2 * p > span for p, span in zip(borders, window.spans, strict=True)):
        raise RuntimeError(
            f"{caller}: pad should be at most half of effective kernel size, but got "
            f"pad={borders}, kernel_size={kernel} and dilation={spread}"
        )
    if switch(caller, "ceil_mode", ceil_mode):
        ends = []
        for m, span, s, p in zip(size, window.spans, steps, borders, strict=True):
            count = -(-(m + 2 * p - span) // s) + 1
            if (count - 1) * s >= m + p:  # a window must start in the image or its left border
                count -= 1
            ends.append((p, max(p, (count - 1) * s + span - m - p)))
        window = Window(kernel, steps, spread, tuple(ends))
    if any(count < 1 for count in window.places(size)):
        raise RuntimeError(
            f"{caller}: Given input size: {size}, kernel size: {kernel}. Calculated output size: "
            f"{window.places(size)}. Output size is too small"
        )
    return window


def _max_pool(
    caller: str,
    n: int,
    x: Tensor,
    kernel_size: Lengths,
    stride: Lengths | None,
    padding: Lengths,
    dilation: Lengths,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    require_type(caller, x, "int64", "int32", "int16", "int8", "uint8")
    if not return_indices:

        def compute(x: Tensor) -> Tensor:
            _require_numbers(caller, x)
            window = _window(caller, x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
            return window_max(x, window=window)

        return batched(caller, x, n, compute)
    if x.ndim == n + 1:
        pair = _max_pool(
            caller, n, x.unsqueeze(0), kernel_size, stride, padding, dilation, ceil_mode, True
        )
        return tuple(y.squeeze(0) for y in pair)
    _require_numbers(caller, x)
    window = _window(caller, x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    spot = window_argmax(x, window=window)
    # Not what is picked at the spot, which is nothing where the window is all border.
    return window_max(x, window=window), window_place(spot, window=window, size=x.shape[2:])


def _avg_pool(
    caller: str,
    n: int,
    x: Tensor,
    kernel_size: Lengths,
    stride: Lengths | None,
    padding: Lengths,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Tensor:
    if divisor_override is not None:
        divisor_override = whole(caller, "divisor_override", divisor_override)
        if divisor_override == 0:
            raise RuntimeError(f"{caller}: divisor must be not zero")
    switch(caller, "count_include_pad", count_include_pad)
    require_type(caller, x, "int64")

    def compute(x: Tensor) -> Tensor:
        _require_numbers(caller, x)
        size = x.shape[2:]
        window = _window(caller, size, kernel_size, stride, padding, 1, ceil_mode)
        total = window_sum(x, window=window)
        if divisor_override is not None:
            return _divided(total, divisor_override)
        return over_counts(total, _counts(window, size, count_include_pad))

    return batched(caller, x, n, compute)


def _counts(window: Window, size: Sizes, border: bool) -> list[Any]:
    """For each dimension, how many numbers a window has at each place; the border given by
    ``padding`` counts or not, what ``ceil_mode`` adds behind it never does."""
    counts = []
    for i, count in enumerate(window.places(size)):
        before = window.padding[i][0]
        start = np.arange(count) * window.stride[i] - before
        end = start + window.kernel[i]
        margin = before if border else 0
        counts.append(np.minimum(end, size[i] + margin) - np.maximum(start, -margin))
    return counts


def over_counts(total: Tensor, counts: list[Any]) -> Tensor:
    """Sums over windows, divided by how many numbers each holds: the product of its lengths."""
    if all((count == count[0]).all() for count in counts):
        return _divided(total, math.prod(int(count[0]) for count in counts))
    divisor = math.prod(np.ix_(*counts), start=np.ones((), total.dtype))
    return _divided(total, as_tensor(divisor, dtype=total.dtype, device=total.device))


def _divided(total: Tensor, divisor: Tensor | int) -> Tensor:
    return total.div(divisor, rounding_mode=None if total.is_floating_point() else "trunc")


def _lp_pool(
    caller: str,
    n: int,
    x: Tensor,
    p: float,
    kernel_size: Lengths,
    stride: Lengths | None,
    ceil_mode: bool,
) -> Tensor:
    p = number(caller, "norm_type", p)
    if p == 0:
        raise ValueError(f"{caller}: norm_type must be a non-zero value, but got {p}")
    if math.isinf(p):
        sign = 1 if p > 0 else -1
        largest = _max_pool(caller, n, x.abs() * sign, kernel_size, stride, 0, 1, ceil_mode, False)
        return largest * sign  # type: ignore[no-any-return]
    means = _avg_pool(caller, n, x.pow(p), kernel_size, stride, 0, ceil_mode, True, None)
    sums = means * math.prod(each(caller, "kernel_size", kernel_size, n))
    lengths = sums.where(sums != 0, 1).pow(1.0 / p)
    return lengths.where(sums != 0, sums.detach().pow(1.0 / p))
