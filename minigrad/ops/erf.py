"""The error function in array operations alone, to 1e-15 in float64 and 1e-6 in float32."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.polynomial import precisely, quotient, ratio

# Rational approximations of W. J. Cody, "Rational Chebyshev approximations for the error function",
# Mathematics of Computation 23 (1969), pp. 631-637: erf x = x R(x²) for small x, erfc x =
# e^(-x²) R(x) for x up to 4, erfc x = e^(-x²) / x (1/√π + R(1/x²) / x²) beyond.

SMALL = 0.46875
ERF_NEAR = (
    [
        1.85777706184603153e-1,
        3.16112374387056560e0,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3,
    ],
    [
        1.0,
        2.36012909523441209e1,
        2.44024637934444173e2,
        1.28261652607737228e3,
        2.84423683343917062e3,
    ],
)
ERFC_MIDDLE = (
    [
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594e0,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3,
    ],
    [
        1.0,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3,
    ],
)
ERFC_FAR = (
    [
        1.63153871373020978e-2,
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4,
    ],
    [
        1.0,
        2.56852019228982242e0,
        1.87295284992346725e0,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3,
    ],
)


# What the functions below do, in the language of scalar expressions.
_FALLING = (
    "s = min(abs(x), LIMIT); p = trunc(s * 16) / 16; "
    "falling = exp(-RATE * p * p) * exp(-RATE * (s - p) * (s + p))"
)
_OVER_FALLING = (
    f"m = min(c, 4); middle = {quotient('m', *ERFC_MIDDLE)}; h = 1 / max(c * c, 16); "
    f"far = (1 / sqrt(pi) - h * {quotient('h', *ERFC_FAR)}) / max(c, 4); "
    "over = middle if c <= 4 else far"
)


def _written_near(x: str) -> str:
    return f"z = min({x} * {x}, 1); near = {x} * {quotient('z', *ERF_NEAR)}"


def _written_falling(limit: int, rate: str) -> str:
    return _FALLING.replace("LIMIT", str(limit)).replace("RATE", rate)


@op(
    "exp(-rate * x ** 2)",
    promote="float",
    elementwise=True,
    scalar=f"{_written_falling(40, 'rate')}; falling",
)
@precisely("float32")
def bell(xp: Any, x: Array, *, rate: float) -> Array:
    """y = e^(-r x²)"""
    return _falling(xp, xp.minimum(xp.absolute(x), 40), rate)  # from there on it is 0


bell.derivatives(x=lambda g, x, out, rate: g * (out * x * (-2 * rate)))


def _falling(xp: Any, size: Array, rate: float) -> Array:
    """e^(-r x²), which loses digits as x² grows: a part of x whose square is exact goes alone."""
    exact = xp.trunc(size * 16) / 16
    return xp.exp(-rate * exact * exact) * xp.exp(-rate * (size - exact) * (size + exact))


@op(
    "2 / sqrt(pi) * integral[t, 0, x](exp(-(t ** 2)))",
    promote="float",
    elementwise=True,
    scalar=(
        f"{_written_near('x')}; s = min(abs(x), 6); "
        f"tail = exp(-s * s) * {quotient('s', *ERFC_MIDDLE)}; "
        f"near if s <= {SMALL} else copysign(1 - tail, x)"
    ),
)
@precisely("float32")
def erf(xp: Any, x: Array) -> Array:
    """y = 2/√π ∫₀ˣ e^(-t²) dt"""
    size = xp.minimum(xp.absolute(x), 6)  # from there on 1 - erf x is less than a rounding error
    tail = xp.exp(-size * size) * ratio(xp, size, *ERFC_MIDDLE)
    return xp.where(size <= SMALL, _erf_near(xp, x), xp.copysign(1 - tail, x))


erf.derivatives(x=lambda g, x: g * (2 / math.sqrt(math.pi) * bell(x, rate=1.0)))


@op(
    "2 / sqrt(pi) * integral[t, x, inf](exp(-(t ** 2)))",
    promote="float",
    elementwise=True,
    scalar=(
        f"{_written_near('x')}; {_written_falling(30, '1')}; c = s; {_OVER_FALLING}; "
        "tail = falling * over; "
        f"1 - near if s <= {SMALL} else 2 - tail if x < 0 else tail"
    ),
)
@precisely("float32")
def erfc(xp: Any, x: Array) -> Array:
    """y = 1 - erf x, precise where that is small"""
    size = xp.minimum(xp.absolute(x), 30)  # where it is 0
    tail = _falling(xp, size, 1.0) * _over_falling(xp, size)
    return xp.where(size <= SMALL, 1 - _erf_near(xp, x), xp.where(x < 0, 2 - tail, tail))


erfc.derivatives(x=lambda g, x: g * (-2 / math.sqrt(math.pi) * bell(x, rate=1.0)))


def _over_falling(xp: Any, size: Array) -> Array:
    """e^(x²) erfc x for x ≥ `SMALL`"""
    if xp is np and size.size and size.max() <= 4:  # nearly always, and a look costs little
        return ratio(xp, size, *ERFC_MIDDLE)
    middle = ratio(xp, xp.minimum(size, 4), *ERFC_MIDDLE)
    z = 1 / xp.maximum(size * size, 16)
    far = (1 / math.sqrt(math.pi) - z * ratio(xp, z, *ERFC_FAR)) / xp.maximum(size, 4)
    return xp.where(size <= 4, middle, far)


@op(
    "1 / sqrt(2 * pi) * integral[t, -inf, x](exp(-(t ** 2) / 2))",
    promote="float",
    elementwise=True,
    scalar=(
        f"{_written_falling(40, '0.5')}; c = s * sqrt(0.5); {_OVER_FALLING}; "
        f"tail = falling * over * 0.5; t = x * sqrt(0.5); {_written_near('t')}; "
        f"0.5 + 0.5 * near if c <= {SMALL} else tail if x < 0 else 1 - tail"
    ),
)
@precisely("float32")
def ndtr(xp: Any, x: Array) -> Array:
    """y = erfc(-x/√2) / 2, the normal distribution, precise where that is small"""
    size = xp.minimum(xp.absolute(x), 40)
    scaled = size * math.sqrt(0.5)
    tail = _falling(xp, size, 0.5) * _over_falling(xp, scaled) * 0.5
    near = 0.5 + 0.5 * _erf_near(xp, x * math.sqrt(0.5))
    return xp.where(scaled <= SMALL, near, xp.where(x < 0, tail, 1 - tail))


ndtr.derivatives(x=lambda g, x: g * (bell(x, rate=0.5) * (1 / math.sqrt(2 * math.pi))))


def _erf_near(xp: Any, x: Array) -> Array:
    return x * ratio(xp, xp.minimum(x * x, 1), *ERF_NEAR)


# M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied
# Statistics 37 (1988), pp. 477-484, which has the quantile √2 erfinv(2 p - 1).
QUANTILE_CENTRE = (
    [
        2.5090809287301226727e3,
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080e0,
    ],
    [
        5.2264952788528545610e3,
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ],
)
QUANTILE_TAIL = (
    [
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e0,
        3.64784832476320460504e0,
        5.76949722146069140550e0,
        4.63033784615654529590e0,
        1.42343711074968357734e0,
    ],
    [
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e0,
        2.05319162663775882187e0,
        1.0,
    ],
)
QUANTILE_FAR = (
    [
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580e0,
        5.46378491116411436990e0,
        6.65790464350110377720e0,
    ],
    [
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ],
)


@op(
    "x == 2 / sqrt(pi) * integral[t, 0, out](exp(-(t ** 2)))",
    promote="float",
    elementwise=True,
    scalar=(
        "q = x / 2; w = 0.180625 - min(q * q, 0.180625); a = abs(x); "
        f"centre = q * {quotient('w', *QUANTILE_CENTRE)}; "
        "r = sqrt(-log((1 - a) / 2)); u = r - 1.6; v = r - 5; "
        f"tail = {quotient('u', *QUANTILE_TAIL)} if r <= 5 else {quotient('v', *QUANTILE_FAR)}; "
        "(centre if a <= 0.85 else copysign(inf if a == 1 else tail, x)) / sqrt(2)"
    ),
)
@precisely("float32")
def erfinv(xp: Any, x: Array) -> Array:
    """y, so that erf y = x: ±∞ at ±1, NaN beyond"""
    q = x / 2
    centre = q * ratio(xp, 0.180625 - xp.minimum(q * q, 0.180625), *QUANTILE_CENTRE)
    size = xp.absolute(x)
    r = xp.sqrt(-xp.log((1 - size) / 2))
    tail = xp.where(r <= 5, ratio(xp, r - 1.6, *QUANTILE_TAIL), ratio(xp, r - 5, *QUANTILE_FAR))
    tail = xp.where(size == 1, math.inf, tail)
    return xp.where(size <= 0.85, centre, xp.copysign(tail, x)) / math.sqrt(2)


erfinv.derivatives(x=lambda g, out: g * (math.sqrt(math.pi) / 2 * (out * out).exp()))
