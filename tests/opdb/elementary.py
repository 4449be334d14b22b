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


_BRANCHES: dict[str, Any] = {"analytic": False}  # by comparisons, which complex numbers have not

# PyTorch's ψ₁ has only nine digits.
_TRIGAMMA: dict[str, Any] = {**_BRANCHES, "tolerance": 1e-8}


ROWS = [
    unary("exp", Tensor.exp, "y = eˣ", "∂L/∂x = G · y", numpy=np.exp),
    unary("exp2", Tensor.exp2, "y = 2ˣ", "∂L/∂x = G · y · ln 2", numpy=np.exp2),
    unary("expm1", Tensor.expm1, "y = eˣ - 1", "∂L/∂x = G · eˣ", numpy=np.expm1),
    unary("log", Tensor.log, "y = ln x", "∂L/∂x = G / x", Draw.positive, numpy=np.log),
    unary("log2", Tensor.log2, "y = log₂ x", "∂L/∂x = G / (x ln 2)", Draw.positive, numpy=np.log2),
    unary(
        "log10", Tensor.log10, "y = log₁₀ x", "∂L/∂x = G / (x ln 10)", Draw.positive, numpy=np.log10
    ),
    unary(
        "log1p", Tensor.log1p, "y = ln(1 + x)", "∂L/∂x = G / (1 + x)", Draw.positive, numpy=np.log1p
    ),
    Row(
        "logaddexp",
        Tensor.logaddexp,
        _pairs,
        "z = ln(eˣ + eʸ)",
        rules={"x": "∂L/∂x = G · σ(x - y)", "y": "∂L/∂y = G · σ(y - x)"},
        numpy=np.logaddexp,
        analytic=False,  # it starts from the larger of the two
    ),
    Row(
        "xlogy",
        Tensor.xlogy,
        lambda d: [*_pairs(d), Sample(d.nonzero(3), 1.5), Sample(np.zeros(2), d.positive(2))],
        "z = x ln y, 0 for x = 0",
        rules={"x": "∂L/∂x = G · ln y", "y": "∂L/∂y = G · x / y"},
        analytic=False,
    ),
    unary("sigmoid", Tensor.sigmoid, "y = σ(x) = 1 / (1 + e⁻ˣ)", "∂L/∂x = G · y (1 - y)"),
    unary(
        "logit",
        Tensor.logit,
        "y = ln(x / (1 - x))",
        "∂L/∂x = G / (x (1 - x))",
        _unit,
        more=lambda d: [Sample(d.uniform(-0.5, 1.5, 6), 0.1), Sample(_unit(d, 3), eps=0.2)],
        analytic=False,  # with eps it clamps
    ),
    unary("sin", Tensor.sin, "y = sin x", "∂L/∂x = G · cos x", numpy=np.sin),
    unary("cos", Tensor.cos, "y = cos x", "∂L/∂x = -G · sin x", numpy=np.cos),
    unary("tan", Tensor.tan, "y = tan x", "∂L/∂x = G · (1 + y²)", _inside, numpy=np.tan),
    unary("asin", Tensor.asin, "y = arcsin x", "∂L/∂x = G / √(1 - x²)", _inside, numpy=np.arcsin),
    unary("acos", Tensor.acos, "y = arccos x", "∂L/∂x = -G / √(1 - x²)", _inside, numpy=np.arccos),
    unary("atan", Tensor.atan, "y = arctan x", "∂L/∂x = G / (1 + x²)", numpy=np.arctan),
    Row(
        "atan2",
        Tensor.atan2,
        _pairs,
        "z = the angle of the point (y, x)",
        rules={"x": "∂L/∂x = G · y / (x² + y²)", "y": "∂L/∂y = -G · x / (x² + y²)"},
        numpy=np.arctan2,
        analytic=False,  # NumPy has it for real numbers only
    ),
    unary("sinh", Tensor.sinh, "y = sinh x", "∂L/∂x = G · cosh x", numpy=np.sinh),
    unary("cosh", Tensor.cosh, "y = cosh x", "∂L/∂x = G · sinh x", numpy=np.cosh),
    unary("tanh", Tensor.tanh, "y = tanh x", "∂L/∂x = G · (1 - y²)", numpy=np.tanh),
    unary("asinh", Tensor.asinh, "y = arsinh x", "∂L/∂x = G / √(x² + 1)", numpy=np.arcsinh),
    unary(
        "acosh",
        Tensor.acosh,
        "y = arcosh x",
        "∂L/∂x = G / √(x² - 1)",
        _above_one,
        numpy=np.arccosh,
    ),
    unary("atanh", Tensor.atanh, "y = artanh x", "∂L/∂x = G / (1 - x²)", _inside, numpy=np.arctanh),
    unary("deg2rad", Tensor.deg2rad, "y = x π / 180", numpy=np.deg2rad),
    unary("rad2deg", Tensor.rad2deg, "y = x 180 / π", numpy=np.rad2deg),
    unary(
        "erf",
        Tensor.erf,
        "y = 2/√π ∫₀ˣ e^(-t²) dt",
        "∂L/∂x = 2/√π G · e^(-x²)",
        _spread,
        **_BRANCHES,
    ),
    unary("erfc", Tensor.erfc, "y = 1 - erf x", "∂L/∂x = -2/√π G · e^(-x²)", _spread, **_BRANCHES),
    unary(
        "erfinv",
        Tensor.erfinv,
        "erf y = x",
        "∂L/∂x = √π/2 G · e^(y²)",
        _inside,
        more=lambda d: [Sample(d.uniform(0.99, 0.999, 3))],
        **_BRANCHES,
    ),
    unary("lgamma", Tensor.lgamma, "y = ln |Γ(x)|", "∂L/∂x = G · ψ(x)", _no_integers, **_BRANCHES),
    unary("digamma", Tensor.digamma, "y = ψ(x)", "∂L/∂x = G · ψ₁(x)", _no_integers, **_TRIGAMMA),
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
        "y = ψₙ(x), the n-th derivative of ψ",
        rules={"x": "∂L/∂x = G · ψₙ₊₁(x)"},
        **_TRIGAMMA,
    ),
    unary(
        "sinc",
        Tensor.sinc,
        "y = sin(πx) / (πx)",
        "∂L/∂x = G · (cos πx - y) / x",
        Draw.nonzero,
        more=lambda d: [Sample(d.uniform(0.1, 0.4, 4)), Sample(np.array([0.5, 1.0, -2.0]))],
        analytic=False,
    ),
    Row(
        "sinc_slope",
        lambda x: sinc_slope(x, n=1),
        lambda d: [Sample(d.nonzero(3, 4)), Sample(d.uniform(-0.4, 0.4, 3)), Sample(d.nonzero(0))],
        "y = dⁿ sinc(x) / dxⁿ",
        rules={"x": "∂L/∂x = G · dⁿ⁺¹ sinc(x) / dxⁿ⁺¹"},
        ops=("sinc_slope",),
        torch="",
        numpy=lambda x: (np.cos(np.pi * x) - np.sinc(x)) / x,
        analytic=False,
    ),
    Row(
        "one_minus_square",
        one_minus_square,
        lambda d: [Sample(_inside(d, 3, 4)), Sample(_inside(d)), Sample(_inside(d, 0))],
        "y = 1 - x²",
        rules={"x": "∂L/∂x = -2 G · x"},
        ops=("one_minus_square",),
        torch="",
        numpy=lambda x: 1 - x * x,
    ),
    Row(
        "bell",
        lambda x: bell(x, rate=0.5),
        lambda d: [Sample(_spread(d, 3, 4)), Sample(_spread(d)), Sample(_spread(d, 0))],
        "y = e^(-r x²)",
        rules={"x": "∂L/∂x = -2 r G · x y"},
        ops=("bell",),
        torch="",
        numpy=lambda x: np.exp(-0.5 * x * x),
        analytic=False,
    ),
    Row(
        "ndtr",
        ndtr,
        lambda d: [Sample(_spread(d, 3, 4)), Sample(_spread(d)), Sample(_spread(d, 0))],
        "y = Φ(x), the normal distribution",
        rules={"x": "∂L/∂x = G · e^(-x²/2) / √(2π)"},
        ops=("ndtr",),
        torch="special.ndtr",
        analytic=False,
    ),
]
