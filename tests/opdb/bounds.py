"""Rows of rounding and bounds."""

from __future__ import annotations

import numpy as np

from minigrad.tensor import Tensor

from .arithmetic import tensors, unary
from .row import Row, Sample

ROWS = [
    unary("floor", Tensor.floor, numpy=np.floor),
    unary("ceil", Tensor.ceil, numpy=np.ceil),
    unary("trunc", Tensor.trunc, numpy=np.trunc),
    unary(
        "round",
        Tensor.round,
        more=lambda d: [Sample(d.normal(5), decimals=2), Sample(40 * d.normal(5), decimals=-1)],
        numpy=np.round,
    ),
    unary("frac", Tensor.frac, formula="y = x - trunc x"),
    Row("maximum", Tensor.maximum, tensors, numpy=np.maximum),
    Row("minimum", Tensor.minimum, tensors, numpy=np.minimum),
    Row("fmax", Tensor.fmax, tensors, numpy=np.fmax),
    Row("fmin", Tensor.fmin, tensors, numpy=np.fmin),
    Row(
        "clamp",
        Tensor.clamp,
        lambda d: [
            Sample(d.normal(3, 4), -0.5, 0.5),
            Sample(d.normal(3, 4), min=0.1),
            Sample(d.normal(), max=0.1),
            Sample(d.normal(3, 4), d.normal(4), d.normal(3, 1)),
            Sample(d.normal(3), min=d.normal(3)),
            Sample(d.normal(3), max=d.normal()),
            Sample(d.normal(0, 2), 0, 1),
        ],
    ),
    Row(
        "clamp_min",
        Tensor.clamp_min,
        lambda d: [*tensors(d)[:2], Sample(d.normal(3), 0.5), Sample(d.normal(), 0.0)],
    ),
    Row(
        "clamp_max",
        Tensor.clamp_max,
        lambda d: [*tensors(d)[:2], Sample(d.normal(3), 0.5), Sample(d.normal(), 0.0)],
    ),
    unary(
        "nan_to_num",
        Tensor.nan_to_num,
        more=lambda d: [Sample(d.normal(3), nan=1.0, posinf=2.0, neginf=-2.0)],
        numpy=np.nan_to_num,
    ),
    Row(
        "heaviside",
        Tensor.heaviside,
        lambda d: [
            Sample(d.integers(-1, 2, 3, 4), d.integers(-5, 5, 4)),
            Sample(np.float32(d.integers(-1, 2, 5)), np.float32(d.normal())),
        ],
        differentiable=False,
        numpy=np.heaviside,
    ),
]
