"""Towards an integer: rounding, and division with a remainder. Steps: their derivative is 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.arithmetic import kind, refuse_bools, refuse_integers, stored


@op("floor(x)", elementwise=True, kinds="fiu")
def floor(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = ⌊x⌋, the next integer below"""
    return _rounded(xp, "floor", xp.floor, x, out)


@op("ceil(x)", elementwise=True, kinds="fiu")
def ceil(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = ⌈x⌉, the next integer above"""
    return _rounded(xp, "ceil", xp.ceil, x, out)


@op("trunc(x)", elementwise=True, kinds="fiu")
def trunc(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = x without its fraction"""
    return _rounded(xp, "trunc", xp.trunc, x, out)


@op(
    "round(x * 10 ** decimals) / 10 ** decimals",
    elementwise=True,
    scalar=(
        "s = 10.0 ** abs(decimals); "
        "round(x) if decimals == 0 else round(x * s) / s if decimals > 0 else round(x / s) * s"
    ),
    kinds="fiu",
)
def round(xp: Any, x: Array, *, decimals: int = 0, out: Array | None = None) -> Array:
    """y = the nearest number with so many decimals, the even one of two"""
    if not decimals:
        return _rounded(xp, "round", xp.rint, x, out)
    refuse_integers("round", x)
    scale = 10.0 ** max(decimals, -decimals)
    if decimals > 0:
        return xp.divide(xp.rint(xp.multiply(x, scale)), scale, out=out)
    return xp.multiply(xp.rint(xp.divide(x, scale)), scale, out=out)


def _rounded(xp: Any, name: str, function: Any, x: Array, out: Array | None) -> Array:
    refuse_bools(name, x)
    # Integers are round; NumPy and CuPy disagree on the type that they would get.
    return function(x, out=out) if x.dtype.kind == "f" else xp.positive(x, out=out)


@op("floor(x / y)", promote="common", elementwise=True, scalar="x // y")
def floor_divide(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = ⌊x / y⌋; RuntimeError for an integer divided by 0"""
    _refuse_division("floor_divide", x, y)
    return xp.floor_divide(x, y, out=out)


@op("trunc(x / y)", promote="common", elementwise=True)
def trunc_divide(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x / y without its fraction"""
    _refuse_division("div", x, y)
    if kind(x, y) == "f":
        return xp.trunc(xp.divide(x, y, out=out), out=out)
    down, rest = xp.floor_divide(x, y), xp.remainder(x, y)
    inexact = xp.logical_and(xp.not_equal(rest, 0), xp.less(x, 0) != xp.less(y, 0))
    return stored(xp, xp.where(inexact, down + 1, down).astype(down.dtype), out)


@op("x - y * floor(x / y)", promote="common", elementwise=True, scalar="x % y")
def remainder(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x - y ⌊x / y⌋, with the sign of y: Python's %"""
    _refuse_division("remainder", x, y)
    return xp.remainder(x, y, out=out)


remainder.derivatives(
    x=lambda g: g,
    y=lambda g, x, y: g * -floor_divide(x, y),
)


@op("x - y * trunc(x / y)", promote="common", elementwise=True, scalar="fmod(x, y)")
def fmod(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x - y trunc(x / y), with the sign of x: C's fmod"""
    _refuse_division("fmod", x, y)
    return xp.fmod(x, y, out=out)


fmod.derivatives(
    x=lambda g: g,
    y=lambda g, x, y: g * -trunc_divide(x, y),
)

for step in (floor, ceil, trunc, round):
    step.derivatives(x=lambda g: None)
for step in (floor_divide, trunc_divide):
    step.derivatives(x=lambda g: None, y=lambda g: None)


def _refuse_division(name: str, x: Any, y: Any) -> None:
    """Errors: RuntimeError for truth values, and for integers divided by 0."""
    refuse_bools(name, x, y)
    if kind(x, y) == "f" or not getattr(x, "size", 1):
        return
    # On a GPU the look would cost a transfer.
    if isinstance(y, (int, np.ndarray)) and not np.all(y):
        raise RuntimeError(f"{name}: ZeroDivisionError: an integer is divided by 0")
