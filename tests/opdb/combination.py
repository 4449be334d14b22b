"""Rows of numbers that are combined with each other."""

from __future__ import annotations

import numpy as np

from minigrad import functions
from minigrad.tensor import Tensor

from .row import Draw, Row, Sample


def _variables(d: Draw) -> list[Sample]:
    return [Sample(d.normal(2, 5)), Sample(d.normal(4, 3)), Sample(d.normal(6)), Sample(d.normal())]


def _points(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(3, 2), d.normal(4, 2)),
        Sample(d.normal(2, 3, 2), d.normal(1, 2), p=1),
        Sample(d.normal(2, 3), d.normal(2, 3), 3),
        Sample(d.normal(2, 3), d.normal(2, 3), p=np.inf),
        Sample(d.normal(0, 2), d.normal(3, 2)),
    ]


ROWS = [
    Row(
        "block_diag",
        functions.block_diag,
        lambda d: [
            Sample(d.normal(2, 3), d.normal(1, 1), d.normal(3)),
            Sample(d.normal(), d.normal(2, 2)),
            Sample(d.normal(0, 2), d.normal(1, 1)),
        ],
        "y = the matrices along the diagonal, 0 elsewhere",
    ),
    Row(
        "cartesian_prod",
        functions.cartesian_prod,
        lambda d: [
            Sample(d.normal(2), d.normal(3)),
            Sample(d.normal(2), d.normal(1), d.normal(2)),
            Sample(d.normal(3)),
        ],
        "y = every (x_1[i], x_2[j], ..), a row for each",
    ),
    Row(
        "combinations",
        functions.combinations,
        lambda d: [
            Sample(d.normal(4)),
            Sample(d.normal(4), 3),
            Sample(d.normal(3), with_replacement=True),
            Sample(d.normal(2), r=3),
        ],
        "y = every (x[i], x[j]) with i < j, a row for each",
    ),
    Row(
        "cdist",
        functions.cdist,
        _points,
        "z[i, j] = (Σ |x[i] - y[j]|^p)^(1/p)",
        ops=("vector_norm",),
        second=False,  # PyTorch has none for most p
    ),
    Row(
        "cov",
        Tensor.cov,
        lambda d: [*_variables(d)[:3], Sample(d.normal(3, 4), correction=0)],
        "c[i, j] = Σ (x[i] - mean) (x[j] - mean) / (n - correction)",
    ),
    Row(
        "corrcoef",
        Tensor.corrcoef,
        lambda d: [Sample(d.normal(2, 5)), Sample(d.normal(4, 3))],
        "r[i, j] = c[i, j] / √(c[i, i] c[j, j])",
        second=False,  # kept within [-1, 1], which the diagonal touches
    ),
    Row(
        "isin",
        functions.isin,
        lambda d: [
            Sample(d.integers(0, 5, 3, 4), d.integers(0, 5, 3)),
            Sample(d.integers(0, 5, 6), d.integers(0, 5, 2, 2), invert=True),
            Sample(d.integers(0, 5, 6), 3),
            Sample(d.integers(0, 5, 0), d.integers(0, 5, 2)),
        ],
        "y = whether x is one of the test elements",
        differentiable=False,
        numpy=lambda x, t, invert=False: np.isin(x, t, invert=invert),
    ),
]
