"""Arithmetic: elementwise, broadcasting, in PyTorch's common type."""

from __future__ import annotations

import math
from typing import Any

from minigrad.device import Array
from minigrad.dtypes import fitting
from minigrad.op import op


def kind(*operands: Any) -> str:
    """NumPy's letter for the operands' type ("b", "i", "u", "f"), alike for all after promotion."""
    for x in operands:
        if hasattr(x, "dtype"):
            return x.dtype.kind  # type: ignore[no-any-return]
    return "f"


def refuse_bools(name: str, *operands: Any) -> None:
    """Errors: NotImplementedError, as in PyTorch, for an op that truth values do not have."""
    if kind(*operands) == "b":
        raise NotImplementedError(
            f"{name}: not implemented for bool tensors; convert with .long() first"
        )


def refuse_integers(name: str, *operands: Any) -> None:
    """Errors: NotImplementedError, as in PyTorch, for an op of floating-point numbers alone."""
    if (letter := kind(*operands)) in "biu":
        what = "bool" if letter == "b" else "integer"
        raise NotImplementedError(
            f"{name}: not implemented for {what} tensors; convert with .float() first"
        )


def stored(xp: Any, result: Array, out: Array | None) -> Array:
    """A result in its destination, for a forward whose last step cannot write there."""
    if out is None:
        return result
    xp.copyto(out, result)
    return out


@op("x + y", promote="common", elementwise=True, ufunc="add", kinds="fiu")
def add(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x + y"""
    return xp.add(x, y, out=out)


add.derivatives(
    x=lambda g: g,
    y=lambda g: g,
)


@op("x - y", promote="common", elementwise=True, ufunc="subtract", kinds="fiu")
def sub(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x - y"""
    return xp.subtract(x, y, out=out)


sub.derivatives(
    x=lambda g: g,
    y=lambda g: -g,
)


@op("x * y", promote="common", elementwise=True, ufunc="multiply", kinds="fiu")
def mul(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x · y"""
    return xp.multiply(x, y, out=out)


mul.derivatives(
    x=lambda g, y: g * y,
    y=lambda g, x: g * x,
)


@op("x / y", promote="float", elementwise=True, ufunc="divide")
def div(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x / y"""
    return xp.divide(x, y, out=out)


div.derivatives(
    x=lambda g, y: g / y,
    y=lambda g, out, y: -g * out / y,
)


@op("-x", elementwise=True)
def neg(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """z = -x"""
    refuse_bools("neg", x)
    return xp.negative(x, out=out)


neg.derivatives(x=lambda g: -g)


@op("abs(x)", elementwise=True)
def abs(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """z = |x|; the derivative at 0 is 0"""
    refuse_bools("abs", x)
    return xp.absolute(x, out=out)


abs.derivatives(x=lambda g, x: g * x.sign())


@op("sign(x)", elementwise=True, scalar="1 if x > 0 else -1 if x < 0 else 0", kinds="fiu")
def sign(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """z = 1, 0 or -1: the sign of x, and 0 of NaN"""
    if x.dtype.kind == "f":
        return stored(xp, xp.where(xp.isnan(x), 0, xp.sign(x)), out)
    return xp.logical_or(x, x, out=out) if x.dtype.kind == "b" else xp.sign(x, out=out)


sign.derivatives(x=lambda g: None)


@op("x ** y", promote="common", elementwise=True)
def pow(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = x^y; integers stay integers, and 2^-1 is then 0"""
    if isinstance(y, (int, float)):
        # Much faster than the general power, and what PyTorch does.
        if y == 2:
            return xp.multiply(x, x, out=out)
        if y == 3:
            return xp.multiply(xp.multiply(x, x), x, out=out)
        if y == 0.5:
            return xp.sqrt(x, out=out)
        if y == -1 and x.dtype.kind not in "iu":
            return xp.reciprocal(x, out=out)
        if y == -0.5 and x.dtype.kind == "f":
            return xp.divide(1, xp.sqrt(x, out=out), out=out)
    letter = kind(x, y)
    if letter == "f":
        return xp.power(x, y, out=out)
    refuse_bools("pow", x, y)
    return _integer_power(xp, x, y, out)


def _integer_power(xp: Any, x: Any, y: Any, out: Array | None) -> Array:
    if kind(y) != "i" or isinstance(y, int):
        return xp.power(x, y, out=out)
    result = xp.power(x, xp.maximum(y, 0))
    # Only 1 and -1 have an integer reciprocal; of the rest 0 is left, as in PyTorch.
    unit = xp.where(xp.equal(x, 1), 1, xp.where(xp.equal(x, -1), 1 - 2 * (y % 2), 0))
    return stored(xp, xp.where(y < 0, unit, result).astype(result.dtype), out)


def _pow_x(g: Any, x: Any, y: Any) -> Any:
    if isinstance(y, (int, float)):
        return None if y == 0 else g if y == 1 else g * (x * 2 if y == 2 else y * x ** (y - 1))
    # Where y is 0 the power is constant, also at x = 0, where x^(y-1) is infinite.
    return g * (y * x ** (y - 1)).where(y != 0, 0)


def _pow_y(g: Any, x: Any, y: Any, out: Any) -> Any:
    # 0^y is constant for y ≥ 0, where the logarithm is not finite.
    if isinstance(x, (int, float)):
        if x == 0:
            return g * (out * -math.inf).where(y < 0, 0)
        return g * (out * (math.log(x) if x > 0 else math.nan))
    return g * (out * x.log()).where((x != 0) | (y < 0) | (y != y), 0)


pow.derivatives(x=_pow_x, y=_pow_y)
pow.mathematics(x="g * y * x ** (y - 1)", y="g * out * log(x)")


@op("sqrt(x)", promote="float", elementwise=True, ufunc="sqrt")
def sqrt(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """z = √x, NaN below 0"""
    return xp.sqrt(x, out=out)


sqrt.derivatives(x=lambda g, out: g / (2 * out))


@op("1 / sqrt(x)", promote="float", elementwise=True)
def rsqrt(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """z = 1 / √x"""
    return xp.divide(1, xp.sqrt(x, out=out), out=out)


rsqrt.derivatives(x=lambda g, x, out: g * (-0.5 * out / x))
rsqrt.mathematics(x="-g * out / (2 * x)")


@op("1 / x", promote="float", elementwise=True)
def reciprocal(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """z = 1 / x"""
    return xp.divide(1, x, out=out)


reciprocal.derivatives(x=lambda g, out: g * -(out**2))


@op("sqrt(x ** 2 + y ** 2)", promote="common", elementwise=True, scalar="hypot(x, y)")
def hypot(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = √(x² + y²), without overflow on the way"""
    refuse_integers("hypot", x, y)
    return xp.hypot(x, y, out=out)


@op("x / sqrt(x ** 2 + y ** 2)", promote="common", elementwise=True, scalar="x / hypot(x, y)")
def direction(xp: Any, x: Array, y: Array) -> Array:
    """z = x / √(x² + y²)"""
    return xp.divide(x, xp.hypot(x, y))


hypot.derivatives(
    x=lambda g, x, y: g * direction(x, y),
    y=lambda g, x, y: g * direction(y, x),
)
# 1 / r - x² / r³ would cancel where y is small.
direction.derivatives(
    x=lambda g, x, y: g * (direction(y, x) / hypot(x, y) * direction(y, x)),
    y=lambda g, x, y: g * (-direction(x, y) / hypot(x, y) * direction(y, x)),
)
hypot.mathematics(x="g * x / out", y="g * y / out")
direction.mathematics(
    x="g * y ** 2 / (x ** 2 + y ** 2) ** 1.5",
    y="-g * x * y / (x ** 2 + y ** 2) ** 1.5",
)


@op("copysign(x, y)", promote="float", elementwise=True, ufunc="copysign")
def copysign(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = |x| with the sign of y"""
    return xp.copysign(x, y, out=out)


copysign.derivatives(
    x=lambda g, x, out: g * (x.sign() * out.sign()).where(x == x, math.nan),
    y=lambda g: None,
)
copysign.mathematics(x="g * sign(x) * sign(out)")


@op("x + value * (a * b)", promote="common", elementwise=True)
def addcmul(
    xp: Any, x: Array, a: Array, b: Array, *, value: float = 1, out: Array | None = None
) -> Array:
    """z = x + value · a · b"""
    refuse_bools("addcmul", x, a, b)
    return xp.add(x, _scaled(xp, xp.multiply(a, b), value), out=out)


addcmul.derivatives(
    x=lambda g: g,
    a=lambda g, b, value: g * (b if value == 1 else b * value),
    b=lambda g, a, value: g * (a if value == 1 else a * value),
)
addcmul.mathematics(a="value * g * b", b="value * g * a")


@op("x + value * (a / b)", promote="common", elementwise=True)
def addcdiv(
    xp: Any, x: Array, a: Array, b: Array, *, value: float = 1, out: Array | None = None
) -> Array:
    """z = x + value · a / b"""
    refuse_integers("addcdiv", x, a, b)
    return xp.add(x, _scaled(xp, xp.divide(a, b), value), out=out)


addcdiv.derivatives(
    x=lambda g: g,
    a=lambda g, b, value: g * (value / b),
    b=lambda g, a, b, value: g * (a / b * (-value / b)),  # b² might be 0
)


@op(
    "x + weight * (end - x)",
    promote="common",
    elementwise=True,
    scalar="x + (end - x) * weight if weight < 0.5 else end - (end - x) * (1 - weight)",
)
def lerp(xp: Any, x: Array, end: Array, weight: Array, *, out: Array | None = None) -> Array:
    """z = x + weight · (end - x), from the nearer end, so that weight 1 gives ``end`` exactly"""
    way = xp.subtract(end, x)
    if isinstance(weight, (int, float)):
        if weight < 0.5:
            return xp.add(x, _scaled(xp, way, weight), out=out)
        return xp.subtract(end, _scaled(xp, way, 1 - weight), out=out)
    near, far = x + way * weight, end - way * (1 - weight)
    return stored(xp, xp.where(weight < 0.5, near, far), out)


lerp.derivatives(
    x=lambda g, weight: g * (1 - weight),
    end=lambda g, weight: g * weight,
    weight=lambda g, x, end: g * (end - x),
)


def _scaled(xp: Any, fresh: Any, factor: float) -> Any:
    """A new array times a number, in the memory that it has."""
    if factor == 1:
        return fresh
    if kind(fresh) in "iu":  # of addcmul; the others refuse integers
        factor = fitting("addcmul", factor, fresh.dtype)
    return xp.multiply(fresh, factor, out=fresh if getattr(fresh, "ndim", 0) else None)
