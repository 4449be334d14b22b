"""Rows of arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.ops.rounding import trunc_divide
from minigrad.tensor import Tensor

from .row import Draw, Row, Sample


def _pairs(d: Draw) -> list[Sample]:
    """Equal shapes, broadcasting both ways, 0-d, a number, an empty tensor."""
    return [*tensors(d), Sample(d.normal(3), 1.5)]


def tensors(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(3, 4), d.normal(3, 4)),
        Sample(d.normal(2, 1, 4), d.normal(3, 1)),
        Sample(d.normal(), d.normal(2)),
        Sample(d.normal(0, 3), d.normal(3)),
    ]


def _quotients(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(3, 4), d.nonzero(3, 4)),
        Sample(d.normal(2, 1, 4), d.nonzero(3, 1)),
        Sample(d.normal(), d.nonzero(2)),
        Sample(d.normal(3), 1.5),
        Sample(d.normal(0, 3), d.nonzero(3)),
    ]


def _triples(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(3, 4), d.normal(3, 4), d.nonzero(3, 4)),
        Sample(d.normal(3, 4), d.normal(4), d.nonzero(3, 1), value=0.5),
        Sample(d.normal(2), d.normal(), d.nonzero()),
        Sample(d.normal(), d.normal(), d.nonzero(), value=-2),
        Sample(d.normal(0), d.normal(0), d.nonzero(0)),
    ]


def unary(
    name: str,
    call: Callable[..., Any],
    formula: str,
    rule: str = "",
    draw: Callable[..., Any] = Draw.normal,
    more: Callable[[Draw], Sequence[Sample]] = lambda d: [],
    **facts: Any,
) -> Row:
    """The row of a function of one operand: a matrix, a 0-d and an empty tensor, and more."""

    def samples(d: Draw) -> list[Sample]:
        return [Sample(draw(d, 3, 4)), Sample(draw(d)), Sample(draw(d, 0, 2)), *more(d)]

    return Row(name, call, samples, formula, {"x": rule} if rule else {}, **facts)


ROWS = [
    Row(
        "add",
        Tensor.add,
        lambda d: [*_pairs(d), Sample(d.normal(3), d.normal(3), alpha=2.5)],
        "z = x + α y",
        rules={"x": "∂L/∂x = G", "y": "∂L/∂y = α G"},
    ),
    Row(
        "sub",
        Tensor.sub,
        lambda d: [*_pairs(d), Sample(d.normal(3), d.normal(3), alpha=2.5)],
        "z = x - α y",
        rules={"x": "∂L/∂x = G", "y": "∂L/∂y = -α G"},
    ),
    Row(
        "mul",
        Tensor.mul,
        _pairs,
        "z = x · y",
        rules={"x": "∂L/∂x = G · y", "y": "∂L/∂y = G · x"},
        numpy=np.multiply,
    ),
    Row(
        "div",
        Tensor.div,
        lambda d: [
            *_quotients(d),
            Sample(d.normal(3), d.nonzero(3), rounding_mode="floor"),
            Sample(d.normal(3), d.nonzero(3), rounding_mode="trunc"),
            Sample(d.normal(3), -1.5, rounding_mode="trunc"),
        ],
        "z = x / y, ⌊x / y⌋ or trunc(x / y)",
        rules={"x": "∂L/∂x = G / y, or 0", "y": "∂L/∂y = -G · z / y, or 0"},
        analytic=False,  # it rounds
    ),
    Row(
        "true_divide",
        Tensor.true_divide,
        _quotients,
        "z = x / y",
        numpy=np.divide,
    ),
    Row(
        "trunc_divide",
        trunc_divide,
        _quotients,
        "z = trunc(x / y)",
        rules={"x": "∂L/∂x = 0", "y": "∂L/∂y = 0"},
        torch_call=lambda x, y: x.div(y, rounding_mode="trunc"),
        numpy=lambda x, y: np.trunc(x / y),
        analytic=False,
    ),
    Row(
        "floor_divide",
        Tensor.floor_divide,
        _quotients,
        "z = ⌊x / y⌋",
        rules={"x": "∂L/∂x = 0", "y": "∂L/∂y = 0"},
        # PyTorch has no derivative of this name, but one of div's, which is 0.
        torch_call=lambda x, y: x.div(y, rounding_mode="floor"),
        numpy=np.floor_divide,
        analytic=False,
    ),
    Row(
        "remainder",
        Tensor.remainder,
        _quotients,
        "z = x - y ⌊x / y⌋",
        rules={"x": "∂L/∂x = G", "y": "∂L/∂y = -G · ⌊x / y⌋"},
        numpy=np.remainder,
        analytic=False,
    ),
    Row(
        "fmod",
        Tensor.fmod,
        _quotients,
        "z = x - y trunc(x / y)",
        rules={"x": "∂L/∂x = G", "y": "∂L/∂y = -G · trunc(x / y)"},
        numpy=np.fmod,
        analytic=False,
    ),
    unary("neg", Tensor.neg, "z = -x", "∂L/∂x = -G", numpy=np.negative),
    unary(
        "abs",
        Tensor.abs,
        "z = |x|",
        "∂L/∂x = G · sign x",
        Draw.nonzero,
        numpy=np.abs,
        analytic=False,
    ),
    unary("sign", Tensor.sign, "z = sign x", "∂L/∂x = 0", numpy=np.sign, analytic=False),
    Row(
        "pow",
        Tensor.pow,
        lambda d: [
            Sample(d.positive(3, 4), d.normal(4)),
            Sample(d.nonzero(3), 2),
            Sample(d.nonzero(3), 3.0),
            Sample(d.nonzero(3), -1),
            Sample(d.nonzero(3), 1),
            Sample(d.nonzero(3), 0),
            Sample(d.positive(), 0.5),
            Sample(d.positive(2, 0), -2.5),
        ],
        "z = x^y",
        rules={"x": "∂L/∂x = G · y · x^(y-1)", "y": "∂L/∂y = G · z · ln x"},
        numpy=np.power,
    ),
    Row(
        "float_power",
        Tensor.float_power,
        lambda d: [
            Sample(d.positive(3, 4), d.normal(4)),
            Sample(d.nonzero(3), 2),
            Sample(d.positive(), 0.5),
        ],
        "z = x^y in float64",
        numpy=np.float_power,
    ),
    unary("square", Tensor.square, "z = x²", numpy=np.square),
    unary("sqrt", Tensor.sqrt, "z = √x", "∂L/∂x = G / (2 z)", Draw.positive, numpy=np.sqrt),
    unary("rsqrt", Tensor.rsqrt, "z = 1 / √x", "∂L/∂x = -G · z³ / 2", Draw.positive),
    unary(
        "reciprocal",
        Tensor.reciprocal,
        "z = 1 / x",
        "∂L/∂x = -G · z²",
        Draw.nonzero,
        numpy=np.reciprocal,
    ),
    Row(
        "hypot",
        Tensor.hypot,
        tensors,
        "z = √(x² + y²)",
        rules={"x": "∂L/∂x = G · x / z", "y": "∂L/∂y = G · y / z"},
        ops=("hypot", "direction"),
        numpy=np.hypot,
        analytic=False,
    ),
    Row(
        "copysign",
        Tensor.copysign,
        _quotients,
        "z = |x| sign y",
        rules={"x": "∂L/∂x = G · sign x · sign z", "y": "∂L/∂y = 0"},
        numpy=np.copysign,
        analytic=False,
    ),
    Row(
        "addcmul",
        Tensor.addcmul,
        _triples,
        "z = x + value · a · b",
        rules={"x": "∂L/∂x = G", "a": "∂L/∂a = value · G · b", "b": "∂L/∂b = value · G · a"},
    ),
    Row(
        "addcdiv",
        Tensor.addcdiv,
        _triples,
        "z = x + value · a / b",
        rules={"x": "∂L/∂x = G", "a": "∂L/∂a = value · G / b", "b": "∂L/∂b = -value · G · a / b²"},
    ),
    Row(
        "lerp",
        Tensor.lerp,
        lambda d: [
            Sample(d.normal(3, 4), d.normal(3, 4), 0.3),
            Sample(d.normal(3, 4), d.normal(4), 0.9),
            Sample(d.normal(3), d.normal(3), d.uniform(-1, 2, 3)),
            Sample(d.normal(), d.normal(), d.normal()),
            Sample(d.normal(0), d.normal(0), 2),
        ],
        "z = x + w (y - x)",
        rules={
            "x": "∂L/∂x = (1 - w) G",
            "end": "∂L/∂y = w G",
            "weight": "∂L/∂w = G · (y - x)",
        },
        analytic=False,  # it starts from the nearer end
    ),
]
