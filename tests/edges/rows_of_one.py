"""Rows of functions of one number."""

from __future__ import annotations

import math
from typing import Any

from mpmath import mp, mpf

from . import jet as J
from .calls import NEXT_TO_ONE, infinite, inside, method, positive
from .row import Row


def _power(p: float) -> Any:
    return lambda x: J.power(x, J.constant(x, p))


def _erfinv(x: J.Jet) -> J.Jet:
    y = mp.erfinv(x.v) if abs(x.v) > mpf(2) ** -30 else _small_erfinv(x.v)
    d = mp.sqrt(mp.pi) / 2 * mp.exp(y * y)
    return x.lifted(y, d, 2 * y * d * d)


def _small_erfinv(x: Any) -> Any:
    """By Newton's method; mpmath's loses digits there."""
    a = mp.sqrt(mp.pi) / 2 * x
    for _ in range(60):
        b = a - (mp.erf(a) - x) * mp.sqrt(mp.pi) / 2 * mp.exp(a * a)
        if abs(b - a) <= abs(a) * mpf(2) ** (3 - mp.prec):
            break
        a = b
    return b


def _clamp(low: float, high: float) -> Any:
    return lambda x: J.minimum(J.maximum(x, low), high)


def _towards_zero(x: Any) -> Any:
    return mp.floor(x) if x > 0 else mp.ceil(x)


def _has_gamma(x: float) -> bool:
    return -1000 < x < 1e200 and not (x <= 0 and x == math.floor(x))


def _has_trigamma(x: float) -> bool:
    return x > -30 and not (x <= 0 and x == math.floor(x))


_OWN = "the rule reads the result, as PyTorch's does"
_ZEROS = "zeros, next to which an ulp of x is many of the result"
_BY_RESULT: dict[str, Any] = {"by_result": True, "why": _OWN}
_POLES = (-0.5, -1.5, -2.5, -7.25, 0.9, 1.1, 1.4616, 1.9, 2.1, -2.457)

ARITHMETIC = [
    Row("neg", method("neg"), lambda x: -x),
    Row("abs", method("abs"), J.absolute),
    Row("sign", method("sign"), lambda x: J.constant(x, 1 if x.v > 0 else -1)),
    Row("square", method("square"), lambda x: x * x),
    Row("pow(3)", method("pow", 3), lambda x: x * x * x),
    Row("pow(4)", method("pow", 4), lambda x: x * x * x * x),
    Row("pow(-1)", method("pow", -1), lambda x: 1 / x, **_BY_RESULT),
    Row("pow(-2)", method("pow", -2), lambda x: 1 / (x * x), **_BY_RESULT),
    Row("pow(0.5)", method("pow", 0.5), J.sqrt, domain=positive, **_BY_RESULT),
    Row("pow(1.5)", method("pow", 1.5), _power(1.5), domain=positive, **_BY_RESULT),
    Row("pow(2.5)", method("pow", 2.5), _power(2.5), domain=positive, **_BY_RESULT),
    Row("2**x", lambda s, x: 2**x, lambda x: J.exp(x * mp.log(2)), **_BY_RESULT),
    Row("0.5**x", lambda s, x: 0.5**x, lambda x: J.exp(x * -mp.log(2)), **_BY_RESULT),
    Row("sqrt", method("sqrt"), J.sqrt, domain=positive, **_BY_RESULT),
    Row("rsqrt", method("rsqrt"), lambda x: 1 / J.sqrt(x), domain=positive, **_BY_RESULT),
    Row("reciprocal", method("reciprocal"), lambda x: 1 / x, **_BY_RESULT),
    Row("deg2rad", method("deg2rad"), lambda x: x * (mp.pi / 180)),
    Row("rad2deg", method("rad2deg"), lambda x: x * (180 / mp.pi)),
    Row("floor", method("floor"), lambda x: J.constant(x, mp.floor(x.v))),
    Row("ceil", method("ceil"), lambda x: J.constant(x, mp.ceil(x.v))),
    Row("trunc", method("trunc"), lambda x: J.constant(x, _towards_zero(x.v))),
    Row("frac", method("frac"), lambda x: x - _towards_zero(x.v)),
    Row("round", method("round"), lambda x: J.constant(x, mp.nint(x.v))),
    Row(
        "clamp",
        method("clamp", -1.0, 2.0),
        _clamp(-1, 2),
        kinks=(-1.0, 2.0),
        domain=lambda x: x not in (-1, 2),
    ),
    Row(
        "clamp_min",
        method("clamp_min", 0.5),
        lambda x: J.maximum(x, 0.5),
        kinks=(0.5,),
        domain=lambda x: x != 0.5,
    ),
    Row(
        "clamp_max",
        method("clamp_max", 0.5),
        lambda x: J.minimum(x, 0.5),
        kinks=(0.5,),
        domain=lambda x: x != 0.5,
    ),
    Row("nan_to_num", method("nan_to_num"), lambda x: x),
]

ELEMENTARY = [
    Row("exp", method("exp"), J.exp, **_BY_RESULT),
    Row("exp2", method("exp2"), lambda x: J.exp(x * mp.log(2)), **_BY_RESULT),
    Row("expm1", method("expm1"), J.expm1),
    Row("log", method("log"), J.log, domain=positive),
    Row("log2", method("log2"), lambda x: J.log(x) / mp.log(2), domain=positive),
    Row("log10", method("log10"), lambda x: J.log(x) / mp.log(10), domain=positive),
    Row("log1p", method("log1p"), J.log1p, domain=lambda x: x > -1, also=NEXT_TO_ONE),
    Row(
        "sigmoid",
        method("sigmoid"),
        J.sigmoid,
        absolute=(1, 2),
        flushed=True,
        why="y (1 - y) of the rounded y, as PyTorch's; 0 where e⁻ˣ is beyond the type",
    ),
    Row(
        "logit",
        method("logit"),
        lambda x: J.log(x / (1 - x)),
        domain=lambda x: 0 < x < 1,
        also=NEXT_TO_ONE,
        kinks=(1.0, -1.0, 2.0),
    ),
    Row("sin", method("sin"), J.sin),
    Row("cos", method("cos"), J.cos),
    Row("tan", method("tan"), lambda x: J.sin(x) / J.cos(x), **_BY_RESULT),
    Row("asin", method("asin"), J.asin, domain=inside, also=NEXT_TO_ONE, kinks=(1.0, -1.0, 2.0)),
    Row(
        "acos",
        method("acos"),
        lambda x: mp.pi / 2 - J.asin(x),
        domain=inside,
        also=NEXT_TO_ONE,
        kinks=(1.0, -1.0, 2.0),
    ),
    Row("atan", method("atan"), J.atan),
    Row("sinh", method("sinh"), J.sinh),
    Row("cosh", method("cosh"), J.cosh),
    Row(
        "tanh",
        method("tanh"),
        J.tanh,
        absolute=(1, 2),
        why="1 - y² of the rounded y, as PyTorch's",
    ),
    Row("asinh", method("asinh"), J.asinh),
    Row(
        "acosh",
        method("acosh"),
        J.acosh,
        domain=lambda x: x > 1,
        kinks=(1.0,),
        differs=lambda x: x == -math.inf,
        why="at -∞ value and derivative are NaN; PyTorch's derivative is 0",
    ),
    Row("atanh", method("atanh"), J.atanh, domain=inside, also=NEXT_TO_ONE, kinks=(1.0, -1.0)),
    Row("sinc", method("sinc"), J.sinc, conditioned=(0, 1, 2), why=_ZEROS),
    Row("erf", method("erf"), J.erf, flushed=True),
    Row("erfc", method("erfc"), J.erfc, flushed=True),
    Row(
        "erfinv",
        method("erfinv"),
        _erfinv,
        domain=inside,
        also=(*NEXT_TO_ONE, 0.85, 0.86, -0.84),
        kinks=(1.0, -1.0),
        conditioned=(1, 2),
        why="e^(y²) of the rounded y, as PyTorch's, steep next to ±1",
    ),
    Row(
        "lgamma",
        method("lgamma"),
        J.lgamma,
        domain=_has_gamma,
        also=_POLES,
        conditioned=(0, 1, 2),
        why=_ZEROS,
    ),
    Row(
        "digamma",
        method("digamma"),
        J.psi(0),
        domain=_has_gamma,
        also=_POLES,
        differs=lambda x: x == -math.inf,
        conditioned=(0, 1, 2),
        why=_ZEROS,
    ),
    Row(
        "polygamma(1)",
        method("polygamma", 1),
        J.psi(1),
        domain=_has_trigamma,
        also=_POLES,
        conditioned=(0, 1, 2),
        differs=infinite,
        why="zeros of the second derivative; PyTorch has NaN for the derivative at ±∞",
    ),
]
