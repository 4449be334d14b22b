"""Elementary functions: exponentials, logarithms, circular and hyperbolic functions."""

from __future__ import annotations

import math
from typing import Any

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.arithmetic import direction, hypot, refuse_integers, sqrt, stored
from minigrad.ops.comparison import where
from minigrad.ops.polynomial import polynomial, precisely

LN2, LN10 = math.log(2), math.log(10)


@op("exp(x)", promote="float", elementwise=True, ufunc="exp")
def exp(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = eˣ"""
    return xp.exp(x, out=out)


exp.derivatives(x=lambda g, out: g * out)


@op("2 ** x", promote="float", elementwise=True, ufunc="exp2", scalar="exp2(x)")
def exp2(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = 2ˣ"""
    return xp.exp2(x, out=out)


exp2.derivatives(x=lambda g, out: g * (out * LN2))


@op("expm1(x)", promote="float", elementwise=True, ufunc="expm1")
def expm1(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = eˣ - 1, precise for small x"""
    return xp.expm1(x, out=out)


expm1.derivatives(x=lambda g, x: g * x.exp())  # y + 1 would lose eˣ for x far below 0


@op("log(x)", promote="float", elementwise=True, ufunc="log")
def log(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = ln x"""
    return xp.log(x, out=out)


log.derivatives(x=lambda g, x: g / x)


@op("log2(x)", promote="float", elementwise=True, ufunc="log2")
def log2(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = log₂ x"""
    return xp.log2(x, out=out)


log2.derivatives(x=lambda g, x: g / (x * LN2))


@op("log10(x)", promote="float", elementwise=True, ufunc="log10")
def log10(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = log₁₀ x"""
    return xp.log10(x, out=out)


log10.derivatives(x=lambda g, x: g * (1 / LN10) / x)  # x · ln 10 might overflow


@op("log1p(x)", promote="float", elementwise=True, ufunc="log1p")
def log1p(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = ln(1 + x), precise for small x"""
    return xp.log1p(x, out=out)


log1p.derivatives(x=lambda g, x: g / (x + 1))


@op(
    "log(exp(x) + exp(y))",
    promote="common",
    elementwise=True,
    scalar=("x + log(2) if x == y else x + log1p(exp(y - x)) if x > y else y + log1p(exp(x - y))"),
)
def logaddexp(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = ln(eˣ + eʸ), without overflow"""
    refuse_integers("logaddexp", x, y)
    return xp.logaddexp(x, y, out=out)


logaddexp.derivatives(
    x=lambda g, x, y: g * (x - y).sigmoid(),
    y=lambda g, x, y: g * (y - x).sigmoid(),
)


@op(
    "0 if x == 0 else x * log(y)",
    promote="float",
    elementwise=True,
    scalar="0 if x == 0 and y == y else x * log(y)",
)
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
xlogy.mathematics(x="g * log(y)")


@op("1 / (1 + exp(-x))", promote="float", elementwise=True, scalar="sigmoid(x)")
def sigmoid(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = 1 / (1 + e⁻ˣ); where e⁻ˣ overflows the quotient is 0, as it should be"""
    if x.dtype.char == "e":  # halves overflow early
        return stored(xp, sigmoid.forward(xp, x.astype("float32")).astype(x.dtype), out)
    out = xp.empty_like(x) if out is None else out
    xp.negative(x, out=out)
    xp.exp(out, out=out)
    xp.add(out, 1, out=out)
    return xp.divide(1, out, out=out)  # NumPy's reciprocal takes twice as long


sigmoid.derivatives(x=lambda g, out: g * (out * (1 - out)))


@op(
    "u = x if eps is None else min(max(x, eps), 1 - eps); log(u / (1 - u))",
    promote="float",
    elementwise=True,
)
@precisely("float32")
def logit(xp: Any, x: Array, *, eps: float | None = None) -> Array:
    """y = ln(x / (1 - x)), the inverse of sigmoid, of x clamped to [eps, 1 - eps]"""
    if eps is not None:
        x = xp.clip(x, eps, 1 - eps)
    return xp.log(x / (1 - x))


def _logit_x(g: Any, x: Any, eps: float | None) -> Any:
    slope = g * (x.reciprocal() + (1 - x).reciprocal())
    outside = (x < 0) | (x > 1) if eps is None else (x < eps) | (x > 1 - eps)
    return where(outside, math.nan if eps is None else 0, slope)


logit.derivatives(x=_logit_x)
logit.mathematics(x="g / (x * (1 - x)) if eps is None or eps <= x <= 1 - eps else 0")


@op("sin(x)", promote="float", elementwise=True, ufunc="sin")
def sin(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = sin x"""
    return xp.sin(x, out=out)


sin.derivatives(x=lambda g, x: g * x.cos())


@op("cos(x)", promote="float", elementwise=True, ufunc="cos")
def cos(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = cos x"""
    return xp.cos(x, out=out)


cos.derivatives(x=lambda g, x: g * -x.sin())


@op("tan(x)", promote="float", elementwise=True, ufunc="tan")
def tan(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = tan x"""
    return xp.tan(x, out=out)


tan.derivatives(x=lambda g, out: g * (1 + out * out))


@op("asin(x)", promote="float", elementwise=True, ufunc="arcsin")
def asin(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = arcsin x"""
    return xp.arcsin(x, out=out)


@op("1 - x ** 2", promote="float", elementwise=True, scalar="(1 - x) * (1 + x)")
def one_minus_square(xp: Any, x: Array) -> Array:
    """y = 1 - x², precise next to ±1"""
    return (1 - x) * (1 + x)


one_minus_square.derivatives(x=lambda g, x: g * (-2 * x))
asin.derivatives(x=lambda g, x: g / sqrt(one_minus_square(x)))


@op("acos(x)", promote="float", elementwise=True, ufunc="arccos")
def acos(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = arccos x"""
    return xp.arccos(x, out=out)


acos.derivatives(x=lambda g, x: -g / sqrt(one_minus_square(x)))


@op("atan(x)", promote="float", elementwise=True, ufunc="arctan")
def atan(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = arctan x"""
    return xp.arctan(x, out=out)


def _atan_x(g: Any, x: Any) -> Any:
    length = x.hypot(1)  # x² alone might overflow
    return g / length / length


atan.derivatives(x=_atan_x)
atan.mathematics(x="g / (1 + x ** 2)")


@op("atan2(x, y)", promote="float", elementwise=True, ufunc="arctan2")
def atan2(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = the angle of the point with abscissa y and ordinate x, in [-π, π]"""
    return xp.arctan2(x, y, out=out)


def _around(g: Any, x: Any, y: Any) -> Any:
    """G · y / (x² + y²), and 0 at the origin, where there is no angle."""
    length = hypot(x, y)
    return where(length == 0, 0, g * (direction(y, x) / length))


atan2.derivatives(
    x=lambda g, x, y: _around(g, x, y),
    y=lambda g, x, y: -_around(g, y, x),
)
atan2.mathematics(x="g * y / (x ** 2 + y ** 2)", y="-g * x / (x ** 2 + y ** 2)")


@op("sinh(x)", promote="float", elementwise=True, ufunc="sinh")
def sinh(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = (eˣ - e⁻ˣ) / 2"""
    return xp.sinh(x, out=out)


sinh.derivatives(x=lambda g, x: g * x.cosh())


@op("cosh(x)", promote="float", elementwise=True, ufunc="cosh")
def cosh(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = (eˣ + e⁻ˣ) / 2"""
    return xp.cosh(x, out=out)


cosh.derivatives(x=lambda g, x: g * x.sinh())


@op("tanh(x)", promote="float", elementwise=True, ufunc="tanh")
def tanh(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = sinh x / cosh x"""
    return xp.tanh(x, out=out)


tanh.derivatives(x=lambda g, out: g * (1 - out * out))


@op("asinh(x)", promote="float", elementwise=True, ufunc="arcsinh")
def asinh(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = ln(x + √(x² + 1))"""
    return xp.arcsinh(x, out=out)


asinh.derivatives(x=lambda g, x: g / x.hypot(1))  # x² alone might overflow
asinh.mathematics(x="g / sqrt(x ** 2 + 1)")


@op("acosh(x)", promote="float", elementwise=True, ufunc="arccosh")
def acosh(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = ln(x + √(x² - 1)), for x ≥ 1"""
    return xp.arccosh(x, out=out)


acosh.derivatives(x=lambda g, x: g / (x - 1).sqrt() / (x + 1).sqrt())  # x² might overflow
acosh.mathematics(x="g / sqrt(x ** 2 - 1)")


@op("atanh(x)", promote="float", elementwise=True, ufunc="arctanh")
def atanh(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = ln((1 + x) / (1 - x)) / 2"""
    return xp.arctanh(x, out=out)


atanh.derivatives(x=lambda g, x: g / one_minus_square(x))


@op(
    "1 if x == 0 else sin(pi * x) / (pi * x)",
    promote="float",
    elementwise=True,
    scalar=(
        "w = round(x); 1 if x == 0 else sin(pi * (x - w)) * (1 - 2 * abs(fmod(w, 2))) / (pi * x)"
    ),
)
@precisely("float32")
def sinc(xp: Any, x: Array) -> Array:
    """y = sin(πx) / (πx), 1 at 0"""
    return xp.where(x == 0, 1, _sin_pi(xp, x, 0) / (math.pi * x)).astype(x.dtype)


@op(
    "'the n-th derivative of sinc'",
    promote="float",
    elementwise=True,
    uncompiled="the power series around 0 is as long as n asks for",
)
@precisely("float32")
def sinc_slope(xp: Any, x: Array, *, n: int) -> Array:
    """y = dⁿ sinc(x) / dxⁿ for n ≥ 1

    From x sinc x = sin(πx) / π by n derivatives: x yₙ + n yₙ₋₁ = πⁿ⁻¹ sin(πx + nπ/2). Around 0,
    where this cancels, by the power series.
    """
    near = xp.absolute(x) < 0.5 + 0.5 * n
    away = xp.where(near, 1, x)
    y = _sin_pi(xp, away, 0) / (math.pi * away)
    for k in range(1, n + 1):
        y = (math.pi ** (k - 1) * _sin_pi(xp, away, k) - k * y) / away
    inside = xp.where(near, x, 0)
    series = polynomial(xp, inside * inside, _sinc_series(n))
    return xp.where(near, series * inside if n % 2 else series, y).astype(x.dtype)


def _sin_pi(xp: Any, x: Array, quarters: int) -> Array:
    """sin(πx + quarters · π/2), precise for large x."""
    whole = xp.rint(x)
    turned = xp.sin if quarters % 2 == 0 else xp.cos
    sign = (1 - 2 * xp.remainder(whole, 2)) * (-1 if quarters % 4 > 1 else 1)
    return turned(math.pi * (x - whole)) * sign


def _sinc_series(n: int) -> list[float]:
    """The coefficients of the n-th derivative's powers of x², the highest first: those of sinc are
    (-1)ᵏ π²ᵏ / (2k + 1)! by x²ᵏ."""
    least = (n + 1) // 2
    found = [
        (-1) ** k * math.pi ** (2 * k) / (math.factorial(2 * k - n) * (2 * k + 1))
        for k in range(least, least + 14 + 4 * n)
    ]
    return found[::-1]


sinc.derivatives(x=lambda g, x: g * sinc_slope(x, n=1))
sinc_slope.derivatives(x=lambda g, x, n: g * sinc_slope(x, n=n + 1))
sinc_slope.mathematics(x="'G times the next derivative of sinc'")
sinc.mathematics(x="g * (cos(pi * x) - out) / x")
