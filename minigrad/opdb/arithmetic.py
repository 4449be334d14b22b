"""Rows of arithmetic."""

from __future__ import annotations

import numpy as np

from minigrad.opdb.row import Draw, Row, Sample
from minigrad.tensor import Tensor


def _pairs(d: Draw) -> list[Sample]:
    """Equal shapes, broadcasting both ways, 0-d, a number, an empty tensor."""
    return [
        Sample(d.normal(3, 4), d.normal(3, 4)),
        Sample(d.normal(2, 1, 4), d.normal(3, 1)),
        Sample(d.normal(), d.normal(2)),
        Sample(d.normal(3), 1.5),
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
        _quotients,
        "z = x / y",
        rules={"x": "∂L/∂x = G / y", "y": "∂L/∂y = -G · z / y"},
        numpy=np.divide,
    ),
    Row(
        "neg",
        Tensor.neg,
        lambda d: [Sample(d.normal(3, 4)), Sample(d.normal()), Sample(d.normal(0))],
        "z = -x",
        rules={"x": "∂L/∂x = -G"},
        numpy=np.negative,
    ),
    Row(
        "pow",
        Tensor.pow,
        lambda d: [
            Sample(d.positive(3, 4), d.normal(4)),
            Sample(d.nonzero(3), 2),
            Sample(d.nonzero(3), 3.0),
            Sample(d.nonzero(3), -1),
            Sample(d.positive(), 0.5),
        ],
        "z = x^y",
        rules={"x": "∂L/∂x = G · y · x^(y-1)", "y": "∂L/∂y = G · z · ln x"},
        numpy=np.power,
    ),
]
