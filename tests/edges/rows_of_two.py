"""Rows of functions of two numbers."""

from __future__ import annotations

import math
from typing import Any

from mpmath import mp, mpf

from . import jet as J
from .calls import infinite, isnan, method
from .row import Row


def _logaddexp(x: J.Jet, y: J.Jet) -> J.Jet:
    if x.v < y.v:
        x, y = y, x
    return x + J.softplus(y - x)


def _angle(x: J.Jet, y: J.Jet) -> J.Jet:
    near = J.atan(x / y) if abs(y.v) >= abs(x.v) else mp.pi / 2 - J.atan(y / x)
    return near + (mp.atan2(x.v, y.v) - near.v)


def _fmod(x: J.Jet, y: J.Jet) -> J.Jet:
    q = x.v / y.v
    return x - y * (mp.floor(q) if q > 0 else mp.ceil(q))


def _length(x: float, y: float) -> Any:
    return mp.sqrt(mpf(x) ** 2 + mpf(y) ** 2)


def _few_times(x: float, y: float) -> bool:
    """Whether the quotient's whole part is a number of the type."""
    return abs(x / y) < 1000


def _moderate(x: float, y: float) -> bool:
    """Where no sum or product on the way is beyond float16."""
    return max(abs(x), abs(y)) < 200 and min(abs(x), abs(y)) > 1e-4


def _unequal(x: float, y: float) -> bool:
    return x != y


def _other(x: float, y: float) -> bool:
    return isnan(x, y)


_INFINITE: dict[str, Any] = {"differs": infinite}

PAIRS = [
    Row("add", lambda s, x, y: x + y, lambda x, y: x + y, 2),
    Row("sub", lambda s, x, y: x - y, lambda x, y: x - y, 2),
    Row("mul", lambda s, x, y: x * y, lambda x, y: x * y, 2),
    Row(
        "div",
        lambda s, x, y: x / y,
        lambda x, y: x / y,
        2,
        by_result=True,
        why="the rule reads the result, as PyTorch's does",
    ),
    Row(
        "pow",
        lambda s, x, y: x**y,
        J.power,
        2,
        domain=lambda x, y: x > 0,
        by_result=True,
        within=lambda x, y: [mpf(x) ** (mpf(y) - 1), mpf(x) ** (mpf(y) - 2)],
        conditioned=(1, 2),
        bounds={("float64", 1): 128.0, ("float64", 2): 128.0},
        why="y x^(y-1) needs the smaller power, and y - 1 is rounded, which ln x magnifies",
    ),
    Row(
        "atan2",
        method("atan2"),
        _angle,
        2,
        within=lambda x, y: [_length(x, y), 1 / _length(x, y) ** 2],
        conditioned=(1, 2),
        why="the mixed derivative has a zero at |x| = |y|",
    ),
    Row(
        "hypot",
        method("hypot"),
        lambda x, y: J.sqrt(x * x + y * y),
        2,
        within=lambda x, y: [_length(x, y)],
        why="the slope is divided by the length, and so is what bends",
    ),
    Row(
        "logaddexp",
        method("logaddexp"),
        _logaddexp,
        2,
        absolute=(2,),
        conditioned=(0, 1, 2),
        flushed=True,
        why="zeros; σ(x - y) of the rounded difference; y (1 - y) of that in the second",
    ),
    Row("xlogy", method("xlogy"), lambda x, y: x * J.log(y), 2, domain=lambda x, y: y > 0),
    Row(
        "copysign",
        method("copysign"),
        lambda x, y: J.absolute(x) * (1 if y.v > 0 else -1),
        2,
        differs=lambda x, y: math.isinf(x),
        why="at x = ±∞ the derivative is ±1; PyTorch divides ∞ by ∞",
    ),
    Row("maximum", method("maximum"), J.maximum, 2, domain=_unequal, unsigned=True),
    Row("minimum", method("minimum"), J.minimum, 2, domain=_unequal, unsigned=True),
    Row(
        "fmax",
        method("fmax"),
        J.maximum,
        2,
        domain=_unequal,
        differs=_other,
        why="of NaN and a number the derivative by the number is 1, the other 0; PyTorch: both 1",
        unsigned=True,
    ),
    Row(
        "fmin",
        method("fmin"),
        J.minimum,
        2,
        domain=_unequal,
        differs=_other,
        why="of NaN and a number the derivative by the number is 1, the other 0; PyTorch: both 1",
        unsigned=True,
    ),
    Row(
        "remainder",
        method("remainder"),
        lambda x, y: x - y * mp.floor(x.v / y.v),
        2,
        domain=_few_times,
        unsigned=True,
    ),
    Row("fmod", method("fmod"), _fmod, 2, domain=_few_times),
    Row(
        "lerp(0.25)",
        lambda s, x, y: x.lerp(y, 0.25),
        lambda x, y: x + (y - x) * mpf(0.25),
        2,
        domain=_moderate,
    ),
    Row(
        "addcmul(0.5)",
        lambda s, x, y: s.addcmul(x, x, y, value=0.5),
        lambda x, y: x + x * y * mpf(0.5),
        2,
        domain=_moderate,
        bounds={("float16", 0): 4.0},
        why="the product is a half before it is added",
    ),
    Row(
        "addcdiv(0.5)",
        lambda s, x, y: s.addcdiv(x, x, y, value=0.5),
        lambda x, y: x + x / y * mpf(0.5),
        2,
        domain=_moderate,
        bounds={("float16", 0): 4.0},
        why="the quotient is a half before it is added",
    ),
]
