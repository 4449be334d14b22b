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
    draw: Callable[..., Any] = Draw.normal,
    more: Callable[[Draw], Sequence[Sample]] = lambda d: [],
    **facts: Any,
) -> Row:
    """The row of a function of one operand: a matrix, a 0-d and an empty tensor, and more."""

    def samples(d: Draw) -> list[Sample]:
        return [Sample(draw(d, 3, 4)), Sample(draw(d)), Sample(draw(d, 0, 2)), *more(d)]

    return Row(name, call, samples, **facts)


ROWS = [
    Row(
        "add",
        Tensor.add,
        lambda d: [*_pairs(d), Sample(d.normal(3), d.normal(3), alpha=2.5)],
        "z = x + α y",
    ),
    Row(
        "sub",
        Tensor.sub,
        lambda d: [*_pairs(d), Sample(d.normal(3), d.normal(3), alpha=2.5)],
        "z = x - α y",
    ),
    Row("mul", Tensor.mul, _pairs, numpy=np.multiply),
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
    ),
    Row("true_divide", Tensor.true_divide, _quotients, "z = x / y", numpy=np.divide),
    Row(
        "trunc_divide",
        trunc_divide,
        _quotients,
        torch_call=lambda x, y: x.div(y, rounding_mode="trunc"),
        numpy=lambda x, y: np.trunc(x / y),
    ),
    Row(
        "floor_divide",
        Tensor.floor_divide,
        _quotients,
        # PyTorch has no derivative of this name, but one of div's, which is 0.
        torch_call=lambda x, y: x.div(y, rounding_mode="floor"),
        numpy=np.floor_divide,
    ),
    Row("remainder", Tensor.remainder, _quotients, numpy=np.remainder),
    Row("fmod", Tensor.fmod, _quotients, numpy=np.fmod),
    unary("neg", Tensor.neg, numpy=np.negative),
    unary("abs", Tensor.abs, Draw.nonzero, numpy=np.abs),
    unary("sign", Tensor.sign, numpy=np.sign),
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
    unary("square", Tensor.square, formula="z = x²", numpy=np.square),
    unary("sqrt", Tensor.sqrt, Draw.positive, numpy=np.sqrt),
    unary("rsqrt", Tensor.rsqrt, Draw.positive),
    unary("reciprocal", Tensor.reciprocal, Draw.nonzero, numpy=np.reciprocal),
    Row("hypot", Tensor.hypot, tensors, ops=("hypot", "direction"), numpy=np.hypot),
    Row("copysign", Tensor.copysign, _quotients, numpy=np.copysign),
    Row("addcmul", Tensor.addcmul, _triples),
    Row("addcdiv", Tensor.addcdiv, _triples),
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
    ),
]
