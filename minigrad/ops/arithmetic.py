"""Arithmetic: elementwise, broadcasting, in PyTorch's common type."""

from __future__ import annotations

import math
from typing import Any

from minigrad.device import Array
from minigrad.op import op


@op(promote="common", elementwise=True)
def add(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x + y"""
    return xp.add(x, y, out=out)


add.derivatives(
    x=lambda g: g,
    y=lambda g: g,
)


@op(promote="common", elementwise=True)
def sub(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x - y"""
    return xp.subtract(x, y, out=out)


sub.derivatives(
    x=lambda g: g,
    y=lambda g: -g,
)


@op(promote="common", elementwise=True)
def mul(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x · y"""
    return xp.multiply(x, y, out=out)


mul.derivatives(
    x=lambda g, y: g * y,
    y=lambda g, x: g * x,
)


@op(promote="float", elementwise=True)
def div(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x / y"""
    return xp.divide(x, y, out=out)


div.derivatives(
    x=lambda g, y: g / y,
    y=lambda g, out, y: -g * out / y,
)


@op(elementwise=True)
def neg(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """z = -x"""
    return xp.negative(x, out=out)


neg.derivatives(x=lambda g: -g)


@op(promote="common", elementwise=True)
def pow(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x^y"""
    if isinstance(y, (int, float)) and y == 2:  # much faster than the general power
        return xp.multiply(x, x, out=out)
    return xp.power(x, y, out=out)


def _pow_x(g: Any, x: Any, y: Any) -> Any:
    if isinstance(y, (int, float)):
        return None if y == 0 else g * y * x ** (y - 1)
    # Where y is 0 the power is constant, also at x = 0, where x^(y-1) is infinite.
    return g * (y * x ** (y - 1)).where(y != 0, 0)


def _pow_y(g: Any, x: Any, y: Any, out: Any) -> Any:
    if isinstance(x, (int, float)):
        return g * out * (math.log(x) if x > 0 else -math.inf if x == 0 else math.nan)
    # 0^y is constant for y > 0; its logarithm is not finite.
    return g * (out * x.log()).where((x != 0) | (y < 0), 0)


pow.derivatives(x=_pow_x, y=_pow_y)
