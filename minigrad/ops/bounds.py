"""The larger, the smaller, and what lies between."""

from __future__ import annotations

from typing import Any

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.arithmetic import refuse_bools, stored
from minigrad.ops.comparison import where


@op(promote="common", elementwise=True)
def maximum(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = max(x, y), NaN where either is"""
    return xp.maximum(x, y, out=out)


# Equal operands share the gradient.
maximum.derivatives(
    x=lambda g, x, y: where(x < y, 0, where(x == y, g / 2, g)),
    y=lambda g, x, y: where(x > y, 0, where(x == y, g / 2, g)),
)


@op(promote="common", elementwise=True)
def minimum(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = min(x, y), NaN where either is"""
    return xp.minimum(x, y, out=out)


minimum.derivatives(
    x=lambda g, x, y: where(x > y, 0, where(x == y, g / 2, g)),
    y=lambda g, x, y: where(x < y, 0, where(x == y, g / 2, g)),
)


@op(promote="common", elementwise=True)
def fmax(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = max(x, y), the other one where one is NaN"""
    return xp.fmax(x, y, out=out)


fmax.derivatives(
    x=lambda g, x, y: where((x >= y) | (y != y), g, 0),
    y=lambda g, x, y: where((x >= y) | (y != y), 0, g),
)


@op(promote="common", elementwise=True)
def fmin(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = min(x, y), the other one where one is NaN"""
    return xp.fmin(x, y, out=out)


fmin.derivatives(
    x=lambda g, x, y: where((x <= y) | (y != y), g, 0),
    y=lambda g, x, y: where((x <= y) | (y != y), 0, g),
)


# At a bound the gradient passes: clamp(x) = x there.
@op(promote="common", elementwise=True)
def clamp_min(xp: Any, x: Array, min: Array, *, out: Array | None = None) -> Array:
    """y = max(x, min)"""
    return xp.maximum(x, min, out=out)


clamp_min.derivatives(
    x=lambda g, x, min: where(x >= min, g, 0),
    min=lambda g, x, min: where(x < min, g, 0),
)


@op(promote="common", elementwise=True)
def clamp_max(xp: Any, x: Array, max: Array, *, out: Array | None = None) -> Array:
    """y = min(x, max)"""
    return xp.minimum(x, max, out=out)


clamp_max.derivatives(
    x=lambda g, x, max: where(x <= max, g, 0),
    max=lambda g, x, max: where(x > max, g, 0),
)


@op(promote="common", elementwise=True)
def clamp(xp: Any, x: Array, min: Array, max: Array, *, out: Array | None = None) -> Array:
    """y = min(max(x, min), max)"""
    refuse_bools("clamp", x, min, max)
    return xp.minimum(xp.maximum(x, min), max, out=out)


clamp.derivatives(
    x=lambda g, x, min, max: where((x >= min) & (x <= max), g, 0),
    min=lambda g, x, min, max: where((x < min) & (min < max), g, 0),
    max=lambda g, x, min, max: where((x > max) | (min > max), g, 0),
)


@op(elementwise=True)
def nan_to_num(
    xp: Any,
    x: Array,
    *,
    nan: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Array:
    """y = x with numbers in place of NaN, ∞ and -∞; by default 0 and the largest of the type"""
    if x.dtype.kind != "f":
        return x.copy()
    return xp.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


nan_to_num.derivatives(x=lambda g, x: where(x.isfinite(), g, 0))


@op(elementwise=True)
def heaviside(xp: Any, x: Array, values: Array, *, out: Array | None = None) -> Array:
    """y = 0 for x < 0, ``values`` for x = 0, 1 for x > 0"""
    if getattr(values, "dtype", x.dtype) != x.dtype:
        raise RuntimeError(
            f"heaviside: not implemented for tensors with different dtypes: {x.dtype} and "
            f"{values.dtype}; convert one with .to(...)"
        )
    step = xp.where(xp.equal(x, 0), values, xp.greater(x, 0).astype(x.dtype))
    step = xp.where(xp.not_equal(x, x), x, step)
    return stored(xp, step, out)
