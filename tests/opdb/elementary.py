"""Rows of elementary and special functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import functions
from minigrad.device import Array
from minigrad.ops.elementary import one_minus_square, sinc_slope
from minigrad.ops.erf import bell, ndtr
from minigrad.tensor import Tensor

from .arithmetic import unary
from .row import Draw, Row, Sample


def _pairs(d: Draw) -> list[Sample]:
    """Equal shapes, broadcasting both ways, 0-d, an empty tensor."""
    return [
        Sample(d.nonzero(3, 4), d.positive(3, 4)),
        Sample(d.nonzero(2, 1, 4), d.positive(3, 1)),
        Sample(d.nonzero(), d.positive(2)),
        Sample(d.nonzero(0, 3), d.positive(3)),
    ]


def _inside(d: Draw, *shape: int) -> Array:
    """Numbers between -1 and 1."""
    return d.uniform(-0.95, 0.95, *shape)


def _unit(d: Draw, *shape: int) -> Array:
    """Numbers between 0 and 1."""
    return d.uniform(0.05, 0.95, *shape)


def _above_one(d: Draw, *shape: int) -> Array:
    return d.uniform(1.1, 3.0, *shape)


def _spread(d: Draw, *shape: int) -> Array:
    """Numbers from each branch of erf and erfc."""
    return d.uniform(-6.0, 6.0, *shape)


def _no_integers(d: Draw, *shape: int) -> Array:
    """Numbers from each branch of the gamma functions, away from their poles."""
    return d.integers(-3, 12, *shape) + _unit(d, *shape) * 0.8 + 0.1


# PyTorch's ψ₁ has only nine digits.
_TRIGAMMA: dict[str, Any] = {"tolerance": 1e-8}


ROWS = [
    unary("exp", Tensor.exp, numpy=np.exp),
    unary("exp2", Tensor.exp2, numpy=np.exp2),
    unary("expm1", Tensor.expm1, numpy=np.expm1),
    unary("log", Tensor.log, Draw.positive, numpy=np.log),
    unary("log2", Tensor.log2, Draw.positive, numpy=np.log2),
    unary("log10", Tensor.log10, Draw.positive, numpy=np.log10),
    unary("log1p", Tensor.log1p, Draw.positive, numpy=np.log1p),
    Row("logaddexp", Tensor.logaddexp, _pairs, numpy=np.logaddexp),
    Row(
        "xlogy",
        Tensor.xlogy,
        lambda d: [*_pairs(d), Sample(d.nonzero(3), 1.5), Sample(np.zeros(2), d.positive(2))],
    ),
    unary("sigmoid", Tensor.sigmoid),
    unary(
        "logit",
        Tensor.logit,
        _unit,
        more=lambda d: [Sample(d.uniform(-0.5, 1.5, 6), 0.1), Sample(_unit(d, 3), eps=0.2)],
    ),
    unary("sin", Tensor.sin, numpy=np.sin),
    unary("cos", Tensor.cos, numpy=np.cos),
    unary("tan", Tensor.tan, _inside, numpy=np.tan),
    unary("asin", Tensor.asin, _inside, numpy=np.arcsin),
    unary("acos", Tensor.acos, _inside, numpy=np.arccos),
    unary("atan", Tensor.atan, numpy=np.arctan),
    Row("atan2", Tensor.atan2, _pairs, numpy=np.arctan2),
    unary("sinh", Tensor.sinh, numpy=np.sinh),
    unary("cosh", Tensor.cosh, numpy=np.cosh),
    unary("tanh", Tensor.tanh, numpy=np.tanh),
    unary("asinh", Tensor.asinh, numpy=np.arcsinh),
    unary("acosh", Tensor.acosh, _above_one, numpy=np.arccosh),
    unary("atanh", Tensor.atanh, _inside, numpy=np.arctanh),
    unary("deg2rad", Tensor.deg2rad, formula="y = x π / 180", numpy=np.deg2rad),
    unary("rad2deg", Tensor.rad2deg, formula="y = x 180 / π", numpy=np.rad2deg),
    unary("erf", Tensor.erf, _spread),
    unary("erfc", Tensor.erfc, _spread),
    unary("erfinv", Tensor.erfinv, _inside, more=lambda d: [Sample(d.uniform(0.99, 0.999, 3))]),
    unary("lgamma", Tensor.lgamma, _no_integers),
    unary("digamma", Tensor.digamma, _no_integers, **_TRIGAMMA),
    Row(
        "polygamma",
        functions.polygamma,
        lambda d: [
            Sample(1, _no_integers(d, 3, 4)),
            Sample(2, d.positive()),
            Sample(3, d.positive(3)),
            Sample(0, d.positive(2)),
            Sample(1, d.positive(0)),
        ],
        **_TRIGAMMA,
    ),
    unary(
        "sinc",
        Tensor.sinc,
        Draw.nonzero,
        more=lambda d: [Sample(d.uniform(0.1, 0.4, 4)), Sample(np.array([0.5, 1.0, -2.0]))],
    ),
    Row(
        "sinc_slope",
        lambda x: sinc_slope(x, n=1),
        lambda d: [Sample(d.nonzero(3, 4)), Sample(d.uniform(-0.4, 0.4, 3)), Sample(d.nonzero(0))],
        ops=("sinc_slope",),
        torch="",
        numpy=lambda x: (np.cos(np.pi * x) - np.sinc(x)) / x,
    ),
    Row(
        "one_minus_square",
        one_minus_square,
        lambda d: [Sample(_inside(d, 3, 4)), Sample(_inside(d)), Sample(_inside(d, 0))],
        ops=("one_minus_square",),
        torch="",
        numpy=lambda x: 1 - x * x,
    ),
    Row(
        "bell",
        lambda x: bell(x, rate=0.5),
        lambda d: [Sample(_spread(d, 3, 4)), Sample(_spread(d)), Sample(_spread(d, 0))],
        ops=("bell",),
        torch="",
        numpy=lambda x: np.exp(-0.5 * x * x),
    ),
    Row(
        "ndtr",
        ndtr,
        lambda d: [Sample(_spread(d, 3, 4)), Sample(_spread(d)), Sample(_spread(d, 0))],
        ops=("ndtr",),
        torch="special.ndtr",
    ),
]
