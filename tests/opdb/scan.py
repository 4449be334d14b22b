"""Rows of scans."""

from __future__ import annotations

import numpy as np

from minigrad.ops.scan import recurrence
from minigrad.tensor import Tensor

from .row import Draw, Row, Sample


def _along(d: Draw) -> list[Sample]:
    return [
        Sample(d.distinct(2, 5), 1),
        Sample(d.distinct(4, 2), dim=0),
        Sample(d.distinct(3), -1),
        Sample(d.distinct(2, 1), 1),
        Sample(d.distinct(), 0),
        Sample(d.distinct(2, 0), 1),
    ]


_ZEROS = np.array([[0.5, 0.0, 1.5, 2.0], [0.0, 3.0, 0.0, 2.0]])

ROWS = [
    Row("cumsum", Tensor.cumsum, _along),
    Row(
        "recurrence",
        lambda a, b, axis: recurrence(a, b, axis=axis),
        lambda d: [
            Sample(d.normal(2, 4), d.normal(2, 4), 1),
            Sample(d.normal(3, 2), d.normal(3, 2), 0),
            Sample(d.normal(0), d.normal(0), 0),
        ],
        torch="",
    ),
    Row("cumprod", Tensor.cumprod, lambda d: [*_along(d), Sample(_ZEROS, 1)]),
    Row(
        "logcumsumexp",
        Tensor.logcumsumexp,
        lambda d: [*_along(d), Sample(100 * d.distinct(2, 4), 1)],
        types_differ="PyTorch refuses integers here; logsumexp takes them",
    ),
    Row(
        "cummax",
        Tensor.cummax,
        _along,
        "y[k] = max x[i] over i <= k, and its last place",
        ops=("cummax_place",),
    ),
    Row(
        "cummin",
        Tensor.cummin,
        _along,
        "y[k] = min x[i] over i <= k, and its last place",
        ops=("cummin_place",),
    ),
    Row(
        "diff",
        Tensor.diff,
        lambda d: [
            Sample(d.normal(2, 4)),
            Sample(d.normal(4, 2), 2, 0),
            Sample(d.normal(2, 3), prepend=d.normal(2, 1), append=d.normal(2, 2)),
            Sample(d.normal(3), 5),
            Sample(d.normal(3), 0),
        ],
        "y[k] = x[k+1] - x[k]",
    ),
    Row(
        "trapezoid",
        Tensor.trapezoid,
        lambda d: [
            Sample(d.normal(2, 4)),
            Sample(d.normal(2, 4), dx=0.5, dim=0),
            Sample(d.normal(2, 4), d.normal(4)),
            Sample(d.normal(2, 4), d.normal(2, 4), dim=-1),
        ],
        "y = Σ (x[k] + x[k+1]) / 2 · (t[k+1] - t[k])",
        types_differ="of integers PyTorch makes the default type in one case only",
    ),
]
