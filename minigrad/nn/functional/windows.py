"""What convolution and pooling share: lengths for each dimension, batches of one, checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from minigrad.arguments import whole
from minigrad.ops.patches import Sizes, Window
from minigrad.tensor import Tensor

Lengths: TypeAlias = int | Sequence[int]
"""One number for all dimensions, or one for each."""


def each(caller: str, name: str, value: Lengths, n: int, *, least: int = 1) -> Sizes:
    """A number for each of n dimensions. Errors: TypeError for what are no whole numbers,
    RuntimeError for a wrong count or a small one."""
    if isinstance(value, (tuple, list)):
        listed = tuple(whole(caller, name, v) for v in value)
    elif isinstance(value, (Tensor, np.ndarray)) and value.ndim == 1:
        listed = tuple(whole(caller, name, v) for v in value.tolist())
    else:
        listed = (whole(caller, name, value),) * n
    if len(listed) == 1:
        listed *= n
    if len(listed) != n:
        raise RuntimeError(
            f"{caller}: {name} must either be a single int, or a tuple of {n} ints; got {value}"
        )
    if any(v < least for v in listed):
        kind = "greater than zero" if least == 1 else "non-negative"
        raise RuntimeError(f"{caller}: {name} should be {kind}, but got {value}")
    return listed


def batched(caller: str, x: Tensor, n: int, compute: Callable[[Tensor], Tensor]) -> Tensor:
    """A function of images (N, C, *S) on images, or on one (C, *S) alone.

    Errors: RuntimeError for another number of dimensions.
    """
    require_images(caller, x, n)
    return compute(x) if x.ndim == n + 2 else compute(x.unsqueeze(0)).squeeze(0)


def require_images(caller: str, x: Tensor, n: int) -> None:
    """Errors: RuntimeError for another number of dimensions than that of images or one image."""
    if x.ndim not in (n + 1, n + 2):
        raise RuntimeError(
            f"{caller}: Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {caller}, but "
            f"got input of size: {list(x.shape)}"
        )


def require_places(caller: str, size: Sizes, window: Window) -> Sizes:
    """The number of places. Errors: RuntimeError when the window does not fit."""
    places = window.places(size)
    if any(n < 1 for n in places):
        sides = " x ".join(map(str, window.bordered(size)))
        spans = " x ".join(map(str, window.spans))
        raise RuntimeError(
            f"{caller}: Calculated padded input size per channel: ({sides}). Kernel size: "
            f"({spans}). Kernel size can't be greater than actual input size"
        )
    return places


def require_type(caller: str, x: Tensor, *others: str) -> None:
    """Errors: RuntimeError for a type that is neither a floating one nor among the others."""
    if x.dtype.kind != "f" and str(x.dtype) not in others:
        raise RuntimeError(f'"{caller}" not implemented for {x.dtype}; convert with .float() first')
