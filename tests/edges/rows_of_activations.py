"""Rows of activations."""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf

from . import jet as J
from .calls import functional, infinite, isnan
from .row import Row


def _elu(alpha: Any = 1.0, scale: Any = 1.0, rate: float = 1.0) -> Any:
    def formula(x: J.Jet) -> J.Jet:
        if x.v > 0:
            return x * mpf(scale)
        return J.expm1(x * mpf(rate)) * (mpf(scale) * mpf(alpha))

    return formula


def _leaky(slope: float) -> Any:
    return lambda x: x if x.v > 0 else x * mpf(slope)


def _clamp(low: float, high: float) -> Any:
    return lambda x: J.minimum(J.maximum(x, low), high)


def _gelu_tanh(x: J.Jet) -> J.Jet:
    k = mp.sqrt(2 / mp.pi)
    return x * (J.tanh((x + x**3 * mpf(0.044715)) * k) + 1) / 2


def _softplus(beta: int, threshold: int) -> Any:
    def formula(x: J.Jet) -> J.Jet:
        return x if x.v * beta > threshold else J.softplus(x * beta) / beta

    return formula


def _softshrink(x: J.Jet) -> J.Jet:
    if abs(x.v) <= 0.5:
        return J.constant(x, 0)
    return x - mpf(0.5) if x.v > 0 else x + mpf(0.5)


def _prelu(s: Any, x: Any) -> Any:
    return s.nn.functional.prelu(x, s.full_like(x[:1].detach(), 0.25))


def _glu(s: Any, x: Any) -> Any:
    return s.nn.functional.glu(s.stack([x, x], 1), 1).reshape(-1)


_SECOND = "y (1 - y) of the rounded σ in the second derivative, as PyTorch's"
_BELL = "zeros, and e^(-x²/2) is steep"

ACTIVATIONS = [
    Row("relu", functional("relu"), lambda x: J.maximum(x, 0), unsigned=True),
    Row(
        "relu6",
        functional("relu6"),
        _clamp(0, 6),
        kinks=(6.0,),
        domain=lambda x: x != 6,
        unsigned=True,
    ),
    Row(
        "hardtanh",
        functional("hardtanh"),
        _clamp(-1, 1),
        kinks=(1.0, -1.0),
        domain=lambda x: abs(x) != 1,
    ),
    Row("leaky_relu", functional("leaky_relu", negative_slope=0.01), _leaky(0.01)),
    Row("leaky_relu(2)", functional("leaky_relu", negative_slope=2.0), _leaky(2.0)),
    Row("leaky_relu(-0.3)", functional("leaky_relu", negative_slope=-0.3), _leaky(-0.3)),
    Row("leaky_relu(0)", functional("leaky_relu", negative_slope=0.0), _leaky(0.0)),
    Row("prelu", _prelu, _leaky(0.25)),
    Row("rrelu", functional("rrelu"), _leaky((1 / 8 + 1 / 3) / 2)),
    Row("elu", functional("elu"), _elu()),
    Row("elu(0.7)", functional("elu", alpha=0.7), _elu(0.7)),
    Row("elu(-0.5)", functional("elu", alpha=-0.5), _elu(-0.5)),
    Row("celu(0.5)", functional("celu", alpha=0.5), _elu(0.5, 1.0, 2.0)),
    Row("celu(-2)", functional("celu", alpha=-2.0), _elu(-2.0, 1.0, -0.5)),
    Row(
        "selu",
        functional("selu"),
        _elu("1.6732632423543772848170429916717", "1.0507009873554804934193349852946"),
    ),
    Row("gelu", functional("gelu"), lambda x: x * J.ndtr(x), conditioned=(1, 2), why=_BELL),
    Row(
        "gelu(tanh)",
        functional("gelu", approximate="tanh"),
        _gelu_tanh,
        conditioned=(0, 1),
        absolute=(2,),
        flushed=True,
        bounds={("float64", 2): 200.0, ("float32", 2): 200.0},
        differs=infinite,
        why=f"steep; {_SECOND}, times x u'² (about 200); at ±∞ 1 and 0, PyTorch has NaN",
    ),
    Row(
        "silu",
        functional("silu"),
        lambda x: x * J.sigmoid(x),
        absolute=(2,),
        conditioned=(1, 2),
        flushed=True,
        why=f"{_SECOND}; 0 where e⁻ˣ is beyond the type",
    ),
    Row(
        "mish",
        functional("mish"),
        lambda x: x * J.tanh(J.softplus(x)),
        absolute=(1, 2),
        conditioned=(1, 2),
        flushed=True,
        differs=infinite,
        why="1 - y² of the rounded tanh; at ∞ the derivative is 1, PyTorch has NaN",
    ),
    Row(
        "softplus",
        functional("softplus"),
        _softplus(1, 20),
        kinks=(20.0,),
        differs=lambda x: x == 20,
        domain=lambda x: x != 20,
        absolute=(2,),
        flushed=True,
        why=f"{_SECOND}; at the threshold that is of the left side, in PyTorch 0",
    ),
    Row(
        "softplus(2, 3)",
        functional("softplus", beta=2.0, threshold=3.0),
        _softplus(2, 3),
        kinks=(1.5,),
        differs=lambda x: x == 1.5,
        domain=lambda x: x != 1.5,
        absolute=(2,),
        flushed=True,
        why=_SECOND,
    ),
    Row(
        "logsigmoid",
        functional("logsigmoid"),
        lambda x: -J.softplus(-x),
        absolute=(2,),
        flushed=True,
        why=_SECOND,
    ),
    Row(
        "softsign",
        functional("softsign"),
        lambda x: x / (1 + J.absolute(x)),
        differs=infinite,
        why="at ±∞ the derivative is 0, PyTorch has NaN",
    ),
    Row(
        "softshrink",
        functional("softshrink"),
        _softshrink,
        kinks=(0.5, -0.5),
        domain=lambda x: abs(x) != 0.5,
        unsigned=True,
    ),
    Row(
        "hardshrink",
        functional("hardshrink"),
        lambda x: x if abs(x.v) > 0.5 else J.constant(x, 0),
        kinks=(0.5, -0.5),
        domain=lambda x: abs(x) != 0.5,
    ),
    Row(
        "tanhshrink",
        functional("tanhshrink"),
        lambda x: x - J.tanh(x),
        absolute=(2,),
        why="1 - y² of the rounded tanh in the second derivative, as PyTorch's",
        unsigned=True,
    ),
    Row(
        "hardsigmoid",
        functional("hardsigmoid"),
        lambda x: _clamp(0, 6)(x + 3) / 6,
        kinks=(3.0, -3.0),
        domain=lambda x: abs(x) != 3,
        differs=lambda x: x == 0,
        why="PyTorch's slope is 1/6 rounded to float32",
    ),
    Row(
        "hardswish",
        functional("hardswish"),
        lambda x: x * _clamp(0, 6)(x + 3) / 6,
        kinks=(3.0, -3.0),
        domain=lambda x: abs(x) != 3,
        differs=isnan,
        why="NaN passes on to the derivative; PyTorch's is 1 there",
    ),
    Row(
        "threshold",
        functional("threshold", threshold=0.1, value=20.0),
        lambda x: x if x.v > 0.1 else J.constant(x, 20),
        domain=lambda x: abs(x - 0.1) > 1e-3,
    ),
    Row(
        "glu",
        _glu,
        lambda x: x * J.sigmoid(x),
        absolute=(1, 2),
        conditioned=(1, 2),
        flushed=True,
        why="y (1 - y) of the rounded σ, as PyTorch's",
    ),
]
