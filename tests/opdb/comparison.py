"""Rows of comparisons and logic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import functions
from minigrad.device import Array
from minigrad.tensor import Tensor

from .row import Draw, Row, Sample


def _numbers(d: Draw) -> list[Sample]:
    """Small integers as float32 (which requires no gradient) and int64, so that some are equal."""
    return [
        Sample(np.float32(d.integers(-2, 3, 3, 4)), np.float32(d.integers(-2, 3, 3, 4))),
        Sample(d.integers(-2, 3, 2, 1, 4), np.float32(d.integers(-2, 3, 3, 1))),
        Sample(d.integers(-2, 3), d.integers(-2, 3, 2)),
        Sample(d.bools(0, 3), d.bools(3)),
    ]


def _numbers_and_one(d: Draw) -> list[Sample]:
    return [*_numbers(d), Sample(d.integers(-2, 3, 3), 0.5), Sample(d.integers(-2, 3, 3), 1)]


def _bits(d: Draw) -> list[Sample]:
    return [
        Sample(d.integers(-9, 9, 3, 4), d.integers(-9, 9, 4)),
        Sample(d.bools(2, 3), d.bools(3)),
        Sample(d.integers(-9, 9), d.bools()),
        Sample(d.integers(-9, 9, 3), 6),
        Sample(d.integers(-9, 9, 0), 6),
    ]


def _shifts(d: Draw) -> list[Sample]:
    return [
        Sample(d.integers(-9, 9, 3, 4), d.integers(0, 5, 4)),
        Sample(d.integers(-9, 9), d.integers(0, 5)),
        Sample(d.integers(-9, 9, 3), 2),
    ]


def _special(d: Draw) -> list[Sample]:
    values = np.array([0, 1, -2, np.nan, np.inf, -np.inf], np.float32)
    return [Sample(values), Sample(values[3]), Sample(values[:0]), Sample(d.integers(0, 5, 3))]


def _singles(*values: float) -> Array:
    return np.array(values, np.float32)


def _logic(
    name: str,
    call: Callable[..., Any],
    samples: Callable[[Draw], list[Sample]],
    numpy: Callable[..., Any],
    formula: str = "",
) -> Row:
    return Row(name, call, samples, formula, differentiable=False, numpy=numpy)


ROWS = [
    _logic("eq", Tensor.eq, _numbers_and_one, np.equal),
    _logic("ne", Tensor.ne, _numbers_and_one, np.not_equal),
    _logic("lt", Tensor.lt, _numbers_and_one, np.less),
    _logic("le", Tensor.le, _numbers_and_one, np.less_equal),
    _logic("gt", Tensor.gt, _numbers_and_one, np.greater),
    _logic("ge", Tensor.ge, _numbers_and_one, np.greater_equal),
    _logic("isnan", Tensor.isnan, _special, np.isnan),
    _logic("isinf", Tensor.isinf, _special, np.isinf),
    _logic("isfinite", Tensor.isfinite, _special, np.isfinite),
    _logic("logical_and", Tensor.logical_and, _numbers, np.logical_and),
    _logic("logical_or", Tensor.logical_or, _numbers, np.logical_or),
    _logic("logical_xor", Tensor.logical_xor, _numbers, np.logical_xor),
    _logic("logical_not", Tensor.logical_not, _special, np.logical_not),
    _logic("bitwise_and", Tensor.bitwise_and, _bits, np.bitwise_and),
    _logic("bitwise_or", Tensor.bitwise_or, _bits, np.bitwise_or),
    _logic("bitwise_xor", Tensor.bitwise_xor, _bits, np.bitwise_xor),
    _logic(
        "bitwise_not",
        Tensor.bitwise_not,
        lambda d: [Sample(d.integers(-9, 9, 3, 4)), Sample(d.bools()), Sample(d.bools(0))],
        np.invert,
    ),
    _logic("bitwise_left_shift", Tensor.bitwise_left_shift, _shifts, np.left_shift),
    _logic("bitwise_right_shift", Tensor.bitwise_right_shift, _shifts, np.right_shift),
    _logic(
        "isclose",
        Tensor.isclose,
        lambda d: [
            Sample(_singles(1, 2, 3), _singles(1, 2.00001, 3.1)),
            Sample(_singles(1, 2, 3), _singles(1, 2.00001, 3.1), rtol=0.1, atol=0.0),
            Sample(_singles(np.nan, np.inf, 1), _singles(np.nan, np.inf, np.inf)),
            Sample(_singles(np.nan, 1), _singles(np.nan, 2), equal_nan=True),
            Sample(d.integers(0, 3, 4), d.integers(0, 3, 4)),
        ],
        np.isclose,
        "z = |x - y| ≤ atol + rtol · |y|",
    ),
    Row(
        "where",
        functions.where,
        lambda d: [
            Sample(d.bools(3, 4), d.normal(3, 4), d.normal(3, 4)),
            Sample(d.bools(2, 1, 4), d.normal(3, 1), d.normal(4)),
            Sample(d.bools(3), d.normal(), 2.5),
            Sample(d.bools(3), 1, d.normal(3)),
            Sample(d.bools(), d.normal(), d.normal()),
            Sample(d.bools(0), d.normal(0), 1),
            Sample(d.bools(3), 1, 2),
            Sample(d.bools(3), 1.5, 2),
        ],
    ),
]
