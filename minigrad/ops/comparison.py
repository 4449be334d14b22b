"""Comparisons and logic: truth values, and the choice by them. Only `where` has a derivative."""

from __future__ import annotations

from typing import Any

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.arithmetic import kind, refuse_bools


@op("x == y", promote="common", elementwise=True, kinds="fiu")
def eq(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = (x = y)"""
    return xp.equal(x, y, out=out)


@op("x != y", promote="common", elementwise=True, kinds="fiu")
def ne(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = (x ≠ y)"""
    return xp.not_equal(x, y, out=out)


@op("x < y", promote="common", elementwise=True, kinds="fiu")
def lt(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = (x < y)"""
    return xp.less(x, y, out=out)


@op("x <= y", promote="common", elementwise=True, kinds="fiu")
def le(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = (x ≤ y)"""
    return xp.less_equal(x, y, out=out)


@op("x > y", promote="common", elementwise=True, kinds="fiu")
def gt(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = (x > y)"""
    return xp.greater(x, y, out=out)


@op("x >= y", promote="common", elementwise=True, kinds="fiu")
def ge(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = (x ≥ y)"""
    return xp.greater_equal(x, y, out=out)


@op("isnan(x)", elementwise=True)
def isnan(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = whether x is NaN"""
    return xp.isnan(x, out=out)


@op("isinf(x)", elementwise=True)
def isinf(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = whether x is ∞ or -∞"""
    return xp.isinf(x, out=out)


@op("isfinite(x)", elementwise=True)
def isfinite(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = whether x is a number, neither infinite nor NaN"""
    return xp.isfinite(x, out=out)


@op("x and y", elementwise=True, kinds="fiub")
def logical_and(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = (x ≠ 0) ∧ (y ≠ 0)"""
    return xp.logical_and(x, y, out=out)


@op("x or y", elementwise=True, kinds="fiub")
def logical_or(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = (x ≠ 0) ∨ (y ≠ 0)"""
    return xp.logical_or(x, y, out=out)


@op("(x != 0) != (y != 0)", elementwise=True, kinds="fiub")
def logical_xor(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = (x ≠ 0) ≠ (y ≠ 0)"""
    return xp.logical_xor(x, y, out=out)


@op("not x", elementwise=True, kinds="fiub")
def logical_not(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = (x = 0)"""
    return xp.logical_not(x, out=out)


@op("x & y", promote="common", elementwise=True, kinds="iub")
def bitwise_and(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = the bits that x and y have; TypeError for floating-point numbers"""
    return _of_integers("bitwise_and", xp.bitwise_and, x, y, out=out)


@op("x | y", promote="common", elementwise=True, kinds="iub")
def bitwise_or(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = the bits that x or y have"""
    return _of_integers("bitwise_or", xp.bitwise_or, x, y, out=out)


@op("x ^ y", promote="common", elementwise=True, kinds="iub")
def bitwise_xor(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = the bits that only one of x and y has"""
    return _of_integers("bitwise_xor", xp.bitwise_xor, x, y, out=out)


@op("~x", elementwise=True, kinds="iub")
def bitwise_not(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = the bits that x does not have; of a truth value the other"""
    return _of_integers("bitwise_not", xp.invert, x, out=out)


@op("x << y", promote="common", elementwise=True, kinds="iu")
def bitwise_left_shift(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x · 2^y"""
    return _of_integers("bitwise_left_shift", xp.left_shift, x, y, out=out)


@op("x >> y", promote="common", elementwise=True, kinds="iu")
def bitwise_right_shift(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = ⌊x / 2^y⌋"""
    return _of_integers("bitwise_right_shift", xp.right_shift, x, y, out=out)


def _of_integers(name: str, function: Any, *operands: Any, out: Array | None) -> Array:
    if "shift" in name:
        refuse_bools(name, *operands)
    if kind(*operands) == "f":
        raise NotImplementedError(
            f"{name}: expected integers or truth values, got floating-point tensors"
        )
    return function(*operands, out=out)


@op(
    "x if condition else y",
    promote="common",
    first=1,
    elementwise=True,
    fits=("x", "y"),
    kinds="fiub",
)
def where(xp: Any, condition: Array, x: Array, y: Array) -> Array:
    """z = x where the condition holds, y elsewhere"""
    return xp.where(condition, x, y)


where.derivatives(
    x=lambda g, condition: where(condition, g, 0),
    y=lambda g, condition: where(condition, 0, g),
)
