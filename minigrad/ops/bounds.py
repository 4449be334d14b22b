"""The larger, the smaller, and what lies between."""

from __future__ import annotations

from typing import Any

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.arithmetic import refuse_bools, stored
from minigrad.ops.comparison import where


@op("max(x, y)", promote="common", elementwise=True)
def maximum(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = max(x, y), NaN where either is"""
    return xp.maximum(x, y, out=out)


# Equal operands share the gradient.
maximum.derivatives(
    x=lambda g, x, y: where(x < y, 0, where(x == y, g / 2, g)),
    y=lambda g, x, y: where(x > y, 0, where(x == y, g / 2, g)),
)


@op("min(x, y)", promote="common", elementwise=True)
def minimum(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = min(x, y), NaN where either is"""
    return xp.minimum(x, y, out=out)


minimum.derivatives(
    x=lambda g, x, y: where(x > y, 0, where(x == y, g / 2, g)),
    y=lambda g, x, y: where(x < y, 0, where(x == y, g / 2, g)),
)


@op(
    "y if isnan(x) else x if isnan(y) else max(x, y)",
    promote="common",
    elementwise=True,
    scalar="x if x >= y or y != y else y",
)
def fmax(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = max(x, y), the other one where one is NaN"""
    return xp.fmax(x, y, out=out)


fmax.derivatives(
    x=lambda g, x, y: where(x == y, g / 2, where((x > y) | (y != y), g, 0)),
    y=lambda g, x, y: where(x == y, g / 2, where((x > y) | (y != y), 0, g)),
)


@op(
    "y if isnan(x) else x if isnan(y) else min(x, y)",
    promote="common",
    elementwise=True,
    scalar="x if x <= y or y != y else y",
)
def fmin(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = min(x, y), the other one where one is NaN"""
    return xp.fmin(x, y, out=out)


fmin.derivatives(
    x=lambda g, x, y: where(x == y, g / 2, where((x < y) | (y != y), g, 0)),
    y=lambda g, x, y: where(x == y, g / 2, where((x < y) | (y != y), 0, g)),
)


# At a bound that is a number the gradient is 0, as that of relu. A bound that is a tensor shares
# it, as the operands of maximum do. (PyTorch does so since 2.15; before, all of it passed.)
@op("max(x, min)", promote="common", elementwise=True, fits=("min",))
def clamp_min(xp: Any, x: Array, min: Array, *, out: Array | None = None) -> Array:
    """y = max(x, min)"""
    if _number(min):
        refuse_bools("clamp_min", x)
    return xp.maximum(x, min, out=out)


def _clamp_min_x(g: Any, x: Any, min: Any) -> Any:
    if _number(min):
        return where(x > min, g, 0)
    return where(x < min, 0, where(x == min, g / 2, g))


clamp_min.derivatives(
    x=_clamp_min_x,
    min=lambda g, x, min: where(x > min, 0, where(x == min, g / 2, g)),
)
clamp_min.mathematics(x="g if x > min else 0")


@op("min(x, max)", promote="common", elementwise=True, fits=("max",))
def clamp_max(xp: Any, x: Array, max: Array, *, out: Array | None = None) -> Array:
    """y = min(x, max)"""
    if _number(max):
        refuse_bools("clamp_max", x)
    return xp.minimum(x, max, out=out)


def _clamp_max_x(g: Any, x: Any, max: Any) -> Any:
    if _number(max):
        return where(x < max, g, 0)
    return where(x > max, 0, where(x == max, g / 2, g))


clamp_max.derivatives(
    x=_clamp_max_x,
    max=lambda g, x, max: where(x < max, 0, where(x == max, g / 2, g)),
)
clamp_max.mathematics(x="g if x < max else 0")


@op("min(max(x, min), max)", promote="common", elementwise=True, fits=("min", "max"))
def clamp(xp: Any, x: Array, min: Array, max: Array, *, out: Array | None = None) -> Array:
    """y = min(max(x, min), max)"""
    refuse_bools("clamp", x, min, max)
    return xp.clip(x, min, max, out=out)


def _clamp_x(g: Any, x: Any, min: Any, max: Any) -> Any:
    if _number(min) and _number(max):
        return where((x > min) & (x < max), g, 0)
    share = where(((x == min) | (x == max)) & (min < max), g / 2, g)
    return where((x < min) | (x > max) | (min > max), 0, share)


clamp.derivatives(
    x=_clamp_x,
    min=lambda g, x, min, max: where(
        (x < min) & (min <= max), g, where((x == min) & (min < max), g / 2, 0)
    ),
    max=lambda g, x, min, max: where(
        ((x > max) & (min <= max)) | (min > max), g, where((x == max) & (min < max), g / 2, 0)
    ),
)
clamp.mathematics(
    x="g if min < x < max else 0",
    min="g if x < min <= max else 0",
    max="g if x > max or min > max else 0",
)


def _number(bound: Any) -> bool:
    return isinstance(bound, (int, float))


@op(
    "nan if isnan(x) else (largest if posinf is None else posinf) if x == inf else "
    "(-largest if neginf is None else neginf) if x == -inf else x",
    elementwise=True,
)
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


@op(
    "0 if x < 0 else values if x == 0 else 1",
    elementwise=True,
    scalar="values if x == 0 else 1 if x > 0 else 0",
    kinds="fiu",
)
def heaviside(xp: Any, x: Array, values: Array, *, out: Array | None = None) -> Array:
    """y = 0 for x < 0, ``values`` for x = 0, 1 for x > 0"""
    if getattr(values, "dtype", x.dtype) != x.dtype:
        raise RuntimeError(
            f"heaviside: not implemented for tensors with different dtypes: {x.dtype} and "
            f"{values.dtype}; convert one with .to(...)"
        )
    step = xp.where(xp.equal(x, 0), values, xp.greater(x, 0).astype(x.dtype))
    return stored(xp, step, out)
