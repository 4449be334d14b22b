"""Images in other sizes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from minigrad.arguments import number, whole
from minigrad.creation import as_tensor
from minigrad.methods.halves import rounded_once
from minigrad.nn.functional.adaptive_pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
)
from minigrad.nn.functional.windows import require_type
from minigrad.ops.patches import Sizes, Window
from minigrad.ops.pooling import window_spread
from minigrad.ops.shape import apart
from minigrad.tensor import Tensor

__all__ = ["interpolate", "pixel_shuffle", "pixel_unshuffle", "upsample"]

Factors: TypeAlias = float | Sequence[float]
_LINEAR = {"linear": 1, "bilinear": 2, "trilinear": 3}
_AREA = (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)


@rounded_once
def interpolate(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: Factors | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Tensor:
    """Images in another size.

    Pixels in uint8 stay such, rounded; of other integers there is nothing in between.

    Args:
        input: (N, C, *S), S of one to three lengths.
        size: the new lengths, one for all or one for each.
        scale_factor: factors instead of lengths.
        mode: "nearest" and "nearest-exact" repeat or leave out numbers, "linear", "bilinear" and
            "trilinear" (for one, two, three dimensions) mix neighbours by their distance, "area"
            takes means.
        align_corners: let the middles of the corner pixels meet, not their outer edges.
        recompute_scale_factor: use the ratio of the lengths in place of the factor that was given.

    Errors: ValueError for both or none of size and factor, or align_corners in another mode;
    NotImplementedError for another mode or one for other dimensions; RuntimeError for another type.
    """
    n = input.ndim - 2
    if mode not in ("nearest", "nearest-exact", "area", *_LINEAR):
        raise NotImplementedError(
            "interpolate: expected mode 'nearest', 'nearest-exact', 'linear', 'bilinear', "
            f"'trilinear' or 'area', got {mode!r}"
        )
    if n not in (1, 2, 3) or _LINEAR.get(mode, n) != n:
        needed = f"{_LINEAR[mode] + 2}D" if mode in _LINEAR else "3D, 4D or 5D"
        raise NotImplementedError(
            f"interpolate: Got {input.ndim}D input, but {mode} mode needs {needed} input"
        )
    if align_corners is not None and mode not in _LINEAR:
        raise ValueError(
            "interpolate: align_corners option can only be set with the interpolating modes: "
            f"linear | bilinear | trilinear; the mode is {mode}"
        )
    require_type("interpolate", input, *(() if mode == "area" else ("uint8",)))
    old = input.shape[2:]
    goal, factors = _goal(old, size, scale_factor)
    if recompute_scale_factor:
        factors = None
    if mode == "area":
        return _AREA[n - 1](input, goal)
    if mode in _LINEAR and input.dtype.kind != "f":  # pixels, rounded
        wide = interpolate(
            input.float(), size, scale_factor, mode, align_corners, recompute_scale_factor
        )
        return (wide + 0.5).floor().to(dtype=input.dtype)
    if mode in _LINEAR:
        y = input
        for i, (m, o) in enumerate(zip(old, goal, strict=True)):
            factor = None if factors is None else factors[i]
            if m != o or factor is not None:
                matrix = _mixing(m, o, factor, bool(align_corners)).astype(input.dtype)
                y = _along(y, i + 2, as_tensor(matrix, device=input.device))
        return apart(y, input)  # type: ignore[no-any-return]
    times = [o // m for m, o in zip(old, goal, strict=True)]
    whole = all(o == m * t for m, o, t in zip(old, goal, times, strict=True))
    if whole and (factors is None or all(f == t for f, t in zip(factors, times, strict=True))):
        ones = (1,) * n
        window = Window(tuple(times), tuple(times), ones, ((0, 0),) * n)
        return window_spread(input, window=window, size=goal)
    y = input
    for i, (m, o) in enumerate(zip(old, goal, strict=True)):
        ratio = np.float32(m / o if factors is None else 1 / factors[i])  # PyTorch's precision
        places = np.arange(o, dtype=np.float32) + (0.5 if mode == "nearest-exact" else 0)
        origin = np.minimum((places * ratio).astype(np.int64), m - 1)
        y = y.index_select(i + 2, as_tensor(origin, device=input.device))
    return y


def upsample(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: Factors | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """`interpolate`, by its old name.

    Args:
        input, size, scale_factor, mode, align_corners: as there.
    """
    return interpolate(input, size, scale_factor, mode, align_corners)


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Channels become neighbouring pixels.

    Args:
        input: (*, C · r², H, W).
        upscale_factor: r.

    Shapes: result (*, C, H · r, W · r).
    Errors: RuntimeError for fewer than 3 dimensions or channels that r² does not divide.
    Source: Shi et al., Real-Time Super-Resolution by Sub-Pixel Convolution, 2016.
    """
    r = whole("pixel_shuffle", "upscale_factor", upscale_factor)
    if input.ndim < 3 or r < 1 or input.shape[-3] % (r * r):
        raise RuntimeError(
            "pixel_shuffle: expects its input's 'channel' dimension to be divisible by the square "
            f"of upscale_factor {r}, but got input of shape {tuple(input.shape)}"
        )
    *lead, c, h, w = input.shape
    k = len(lead)
    y = input.reshape(*lead, c // (r * r), r, r, h, w)
    y = y.permute(*range(k), k, k + 3, k + 1, k + 4, k + 2)
    return apart(y.reshape(*lead, c // (r * r), h * r, w * r), input)  # type: ignore[no-any-return]


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Neighbouring pixels become channels: the inverse of `pixel_shuffle`.

    Args:
        input: (*, C, H · r, W · r).
        downscale_factor: r.

    Shapes: result (*, C · r², H, W).
    Errors: RuntimeError for fewer than 3 dimensions or lengths that r does not divide.
    """
    r = whole("pixel_unshuffle", "downscale_factor", downscale_factor)
    if input.ndim < 3 or r < 1 or input.shape[-2] % r or input.shape[-1] % r:
        raise RuntimeError(
            "pixel_unshuffle: expects height and width to be divisible by downscale_factor "
            f"{r}, but got input of shape {tuple(input.shape)}"
        )
    *lead, c, h, w = input.shape
    k = len(lead)
    y = input.reshape(*lead, c, h // r, r, w // r, r)
    y = y.permute(*range(k), k, k + 2, k + 4, k + 1, k + 3)
    return apart(y.reshape(*lead, c * r * r, h // r, w // r), input)  # type: ignore[no-any-return]


def _goal(
    old: Sizes, size: int | Sequence[int] | None, scale_factor: Factors | None
) -> tuple[Sizes, list[float] | None]:
    """The new lengths, and the factors if they were given."""
    if (size is None) == (scale_factor is None):
        which = "either" if size is None else "only one of"
        raise ValueError(f"interpolate: {which} size or scale_factor should be defined")
    n = len(old)
    given: Any = scale_factor if size is None else size
    if isinstance(given, (tuple, list)):
        listed = list(given)
    elif getattr(given, "ndim", 0) == 1:
        listed = given.tolist()
    else:
        listed = [given] * n
    if len(listed) != n:
        raise ValueError(
            f"interpolate: Input and output must have the same number of spatial dimensions, but "
            f"got input with spatial dimensions of {list(old)} and {listed}"
        )
    if size is not None:
        goal, factors = tuple(whole("interpolate", "size", v) for v in listed), None
    else:
        factors = [float(number("interpolate", "scale_factor", f)) for f in listed]
        if not all(map(math.isfinite, factors)):
            raise RuntimeError(f"interpolate: scale_factor must be finite, got {scale_factor}")
        if any(f <= 0 for f in factors):
            raise ValueError(f"interpolate: scale_factor must be above 0, got {scale_factor}")
        goal = tuple(math.floor(m * f) for m, f in zip(old, factors, strict=True))
    if any(v < 1 for v in (*old, *goal)):
        raise RuntimeError(
            "interpolate: Input and output sizes should be greater than 0, but got input "
            f"{tuple(old)} output {goal}"
        )
    return goal, factors


def _mixing(m: int, o: int, factor: float | None, align_corners: bool) -> Any:
    """The matrix (o, m) that takes m numbers to o by linear interpolation."""
    places = np.arange(o)
    if align_corners:
        source = places * ((m - 1) / (o - 1) if o > 1 else 0.0)
    else:
        source = np.maximum((places + 0.5) * (m / o if factor is None else 1 / factor) - 0.5, 0)
    left = np.minimum(source.astype(np.int64), m - 1)
    share = np.clip(source - left, 0, 1)
    matrix = np.zeros((o, m))
    matrix[places, left] += 1 - share
    matrix[places, np.minimum(left + 1, m - 1)] += share
    return matrix


def _along(x: Tensor, dim: int, matrix: Tensor) -> Tensor:
    """The product with a matrix along one dimension."""
    return x.movedim(dim, -1).matmul(matrix.mT).movedim(-1, dim).contiguous()
