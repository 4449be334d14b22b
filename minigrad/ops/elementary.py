"""Elementary functions: exponentials, logarithms, circular and hyperbolic functions."""

from __future__ import annotations

import math
from typing import Any

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.arithmetic import refuse_integers
from minigrad.ops.comparison import where

LN2, LN10 = math.log(2), math.log(10)


@op(promote="float", elementwise=True, ufunc="exp")
def exp(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = eˣ"""
    return xp.exp(x, out=out)


exp.derivatives(x=lambda g, out: g * out)


@op(promote="float", elementwise=True, ufunc="exp2")
def exp2(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = 2ˣ"""
    return xp.exp2(x, out=out)


exp2.derivatives(x=lambda g, out: g * (out * LN2))


@op(promote="float", elementwise=True, ufunc="expm1")
def expm1(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = eˣ - 1, precise for small x"""
    return xp.expm1(x, out=out)


expm1.derivatives(x=lambda g, x: g * x.exp())  # y + 1 would lose eˣ for x far below 0


@op(promote="float", elementwise=True, ufunc="log")
def log(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = ln x"""
    return xp.log(x, out=out)


log.derivatives(x=lambda g, x: g / x)


@op(promote="float", elementwise=True, ufunc="log2")
def log2(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = log₂ x"""
    return xp.log2(x, out=out)


log2.derivatives(x=lambda g, x: g / (x * LN2))


@op(promote="float", elementwise=True, ufunc="log10")
def log10(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = log₁₀ x"""
    return xp.log10(x, out=out)


log10.derivatives(x=lambda g, x: g / (x * LN10))


@op(promote="float", elementwise=True, ufunc="log1p")
def log1p(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = ln(1 + x), precise for small x"""
    return xp.log1p(x, out=out)


log1p.derivatives(x=lambda g, x: g / (x + 1))


@op(promote="common", elementwise=True)
def logaddexp(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = ln(eˣ + eʸ), without overflow"""
    refuse_integers("logaddexp", x, y)
    return xp.logaddexp(x, y, out=out)


logaddexp.derivatives(
    x=lambda g, x, y: g * (x - y).sigmoid(),
    y=lambda g, x, y: g * (y - x).sigmoid(),
)


@op(promote="float", elementwise=True)
def xlogy(xp: Any, x: Array, y: Array) -> Array:
    """z = x ln y, 0 where x is 0 and y a number"""
    if isinstance(y, (int, float)):
        y = xp.asarray(y, x.dtype)  # the logarithm of a Python number would be a float64
    zero = xp.logical_and(xp.equal(x, 0), xp.equal(y, y))
    return xp.where(zero, 0, xp.multiply(x, xp.log(y)))


xlogy.derivatives(
    x=lambda g, x, y: where((x == 0) & (y <= 0), 0, xlogy(g, y)),
    y=lambda g, x, y: g * (x / y),
)


@op(promote="float", elementwise=True)
def sigmoid(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = 1 / (1 + e⁻ˣ); where e⁻ˣ overflows the quotient is 0, as it should be"""
    out = xp.empty_like(x) if out is None else out
    xp.negative(x, out=out)
    xp.exp(out, out=out)
    xp.add(out, 1, out=out)
    return xp.divide(1, out, out=out)  # NumPy's reciprocal takes twice as long


sigmoid.derivatives(x=lambda g, out: g * (out * (1 - out)))


@op(promote="float", elementwise=True)
def logit(xp: Any, x: Array, *, eps: float | None = None) -> Array:
    """y = ln(x / (1 - x)), the inverse of sigmoid, of x clamped to [eps, 1 - eps]"""
    if eps is not None:
        x = xp.clip(x, eps, 1 - eps)
    return xp.log(x / (1 - x))


def _logit_x(g: Any, x: Any, eps: float | None) -> Any:
    slope = g / (x * (1 - x))
    return slope if eps is None else where((x >= eps) & (x <= 1 - eps), slope, 0)


logit.derivatives(x=_logit_x)


@op(promote="float", elementwise=True, ufunc="sin")
def sin(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = sin x"""
    return xp.sin(x, out=out)


sin.derivatives(x=lambda g, x: g * x.cos())


@op(promote="float", elementwise=True, ufunc="cos")
def cos(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = cos x"""
    return xp.cos(x, out=out)


cos.derivatives(x=lambda g, x: g * -x.sin())


@op(promote="float", elementwise=True, ufunc="tan")
def tan(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = tan x"""
    return xp.tan(x, out=out)


tan.derivatives(x=lambda g, out: g * (1 + out * out))


@op(promote="float", elementwise=True, ufunc="arcsin")
def asin(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = arcsin x"""
    return xp.arcsin(x, out=out)


asin.derivatives(x=lambda g, x: g / ((1 - x) * (1 + x)).sqrt())


@op(promote="float", elementwise=True, ufunc="arccos")
def acos(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = arccos x"""
    return xp.arccos(x, out=out)


acos.derivatives(x=lambda g, x: -g / ((1 - x) * (1 + x)).sqrt())


@op(promote="float", elementwise=True, ufunc="arctan")
def atan(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = arctan x"""
    return xp.arctan(x, out=out)


atan.derivatives(x=lambda g, x: g / (x * x + 1))


@op(promote="float", elementwise=True, ufunc="arctan2")
def atan2(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = the angle of the point with abscissa y and ordinate x"""
    return xp.arctan2(x, y, out=out)


atan2.derivatives(
    x=lambda g, x, y: g * (y / (x * x + y * y)),
    y=lambda g, x, y: g * (-x / (x * x + y * y)),
)


@op(promote="float", elementwise=True, ufunc="sinh")
def sinh(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = (eˣ - e⁻ˣ) / 2"""
    return xp.sinh(x, out=out)


sinh.derivatives(x=lambda g, x: g * x.cosh())


@op(promote="float", elementwise=True, ufunc="cosh")
def cosh(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = (eˣ + e⁻ˣ) / 2"""
    return xp.cosh(x, out=out)


cosh.derivatives(x=lambda g, x: g * x.sinh())


@op(promote="float", elementwise=True, ufunc="tanh")
def tanh(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = sinh x / cosh x"""
    return xp.tanh(x, out=out)


tanh.derivatives(x=lambda g, out: g * (1 - out * out))


@op(promote="float", elementwise=True, ufunc="arcsinh")
def asinh(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = ln(x + √(x² + 1))"""
    return xp.arcsinh(x, out=out)


asinh.derivatives(x=lambda g, x: g / x.hypot(1))  # x² alone might overflow


@op(promote="float", elementwise=True, ufunc="arccosh")
def acosh(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = ln(x + √(x² - 1)), for x ≥ 1"""
    return xp.arccosh(x, out=out)


acosh.derivatives(x=lambda g, x: g / ((x - 1) * (x + 1)).sqrt())


@op(promote="float", elementwise=True, ufunc="arctanh")
def atanh(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = ln((1 + x) / (1 - x)) / 2"""
    return xp.arctanh(x, out=out)


atanh.derivatives(x=lambda g, x: g / ((1 - x) * (1 + x)))


@op(promote="float", elementwise=True)
def sinc(xp: Any, x: Array) -> Array:
    """y = sin(πx) / (πx), 1 at 0"""
    whole = xp.rint(x)
    sine = xp.sin(math.pi * (x - whole)) * (1 - 2 * xp.remainder(whole, 2))
    return xp.where(x == 0, 1, sine / (math.pi * x)).astype(x.dtype)


# Terms of the power series of sinc', without their x.
_SLOPES = [(-1) ** k * 2 * k * math.pi ** (2 * k) / math.factorial(2 * k + 1) for k in range(1, 13)]


def _sinc_slope(g: Any, x: Any) -> Any:
    """G · (cos πx - sinc x) / x; around 0, where both are 1, by the power series."""
    near = x.abs() < 0.5
    away = where(near, 1, x)
    far = ((math.pi * away).cos() - away.sinc()) / away
    square, series = x * x, 0.0
    for slope in reversed(_SLOPES):
        series = series * square + slope
    return g * where(near, series * x, far)


sinc.derivatives(x=_sinc_slope)
