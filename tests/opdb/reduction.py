"""Rows of reduction."""

from __future__ import annotations

import math

import numpy as np

from minigrad.tensor import Tensor

from .row import Draw, Row, Sample


def _sums(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 3)),
        Sample(d.normal(2, 3), 1),
        Sample(d.normal(2, 3, 4), (0, -1), keepdim=True),
        Sample(d.normal()),
        Sample(d.normal(), dim=0),
        Sample(d.normal(2, 0), 1),
    ]


def _filled(d: Draw) -> list[Sample]:
    return [
        Sample(d.distinct(2, 3)),
        Sample(d.distinct(2, 3), 1),
        Sample(d.distinct(2, 3, 4), (0, -1), keepdim=True),
        Sample(d.distinct()),
        Sample(d.distinct(0, 2), 1),
    ]


def _one_dim(d: Draw) -> list[Sample]:
    return [
        Sample(d.distinct(2, 3)),
        Sample(d.distinct(2, 3), 1),
        Sample(d.distinct(2, 3, 4), -2, keepdim=True),
        Sample(d.distinct()),
        Sample(d.distinct(), dim=0),
        Sample(d.distinct(0, 2), 1),
    ]


def _truths(d: Draw) -> list[Sample]:
    return [
        Sample(d.bools(2, 3)),
        Sample(d.integers(0, 2, 2, 3), 1),
        Sample(d.integers(0, 2, 2, 3, 2), (0, -1), keepdim=True),
        Sample(d.bools()),
        Sample(d.bools(0, 2), 0),
        Sample(d.normal(3)),
    ]


def _spreads(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 3)),
        Sample(d.normal(2, 3), 1),
        Sample(d.normal(2, 3, 4), (0, -1), keepdim=True),
        Sample(d.normal(2, 3), False),
        Sample(d.normal(2, 3), 1, False),
        Sample(d.normal(2, 5), dim=1, correction=2),
        Sample(d.normal(2, 5), correction=0),
    ]


def _norms(d: Draw) -> list[Sample]:
    powers = ("fro", 1, 2, 3, 1.5, 0.5, -1, math.inf, -math.inf)
    x = d.distinct(3, 4) + 0.02
    return [
        Sample(d.nonzero(2, 3)),
        *(Sample(x, p) for p in powers),
        *(Sample(x, p, dim=1) for p in powers),
        Sample(d.nonzero(2, 3, 4), 3, (0, -1), True),
        Sample(d.nonzero(2, 3), 0, 1),
        Sample(d.nonzero()),
        Sample(d.nonzero(2, 0), 2, 1),
    ]


def _with_nan(d: Draw) -> list[Sample]:
    x = d.integers(0, 5, 2, 3).astype(np.float32)
    x[0, 1] = np.nan
    return [Sample(d.normal(2, 3)), Sample(x), Sample(x, 1), Sample(x, 0, keepdim=True)]


ROWS = [
    Row("sum", Tensor.sum, _sums),
    Row("mean", Tensor.mean, _sums, "y = Σ x / n", ops=("sum",)),
    Row("nansum", Tensor.nansum, _with_nan, "y = Σ x of what is not nan"),
    Row("nanmean", Tensor.nanmean, _with_nan, "y = Σ x / n of what is not nan"),
    Row(
        "prod",
        Tensor.prod,
        lambda d: [
            *(Sample(*s.args, **s.params) for s in _one_dim(d)),
            Sample(np.array([[0.0, 1.5, 2.0], [0.0, 3.0, 0.0]]), 1),
            Sample(np.array([[0.5, 1.5, 2.0], [0.0, 3.0, 2.0]])),
        ],
    ),
    Row("amax", Tensor.amax, _filled),
    Row("amin", Tensor.amin, _filled),
    Row(
        "aminmax",
        Tensor.aminmax,
        lambda d: [Sample(d.distinct(2, 3)), Sample(d.distinct(2, 3), dim=1, keepdim=True)],
        "y = min x, max x",
        ops=("amin", "amax"),
    ),
    Row("max", Tensor.max, _one_dim, "y = max x, and its place", ops=("argmax",)),
    Row("min", Tensor.min, _one_dim, "y = min x, and its place", ops=("argmin",)),
    Row("argmax", Tensor.argmax, _one_dim, differentiable=False),
    Row("argmin", Tensor.argmin, _one_dim, differentiable=False),
    Row("all", Tensor.all, _truths, differentiable=False),
    Row("any", Tensor.any, _truths, differentiable=False),
    Row(
        "count_nonzero",
        Tensor.count_nonzero,
        lambda d: [
            Sample(d.integers(0, 2, 2, 3)),
            Sample(d.bools(2, 3), 1),
            Sample(d.integers(0, 2, 2, 3, 2), (0, 2)),
        ],
        "y = how many x are not 0",
        differentiable=False,
    ),
    Row("var", Tensor.var, _spreads),
    Row("std", Tensor.std, _spreads),
    Row("var_mean", Tensor.var_mean, _spreads, "y = var x, mean x", ops=("var",)),
    Row("std_mean", Tensor.std_mean, _spreads, "y = std x, mean x", ops=("std",)),
    Row(
        "logsumexp",
        Tensor.logsumexp,
        lambda d: [
            Sample(d.normal(2, 3), 1),
            Sample(1000 * d.distinct(2, 3, 4), (0, -1), keepdim=True),
            Sample(d.normal(), 0),
            Sample(d.normal(2, 0), 1),
        ],
    ),
    Row("norm", Tensor.norm, _norms, "y = (Σ |x|^p)^(1/p)", ops=("vector_norm",)),
    Row(
        "dist",
        Tensor.dist,
        lambda d: [
            Sample(d.normal(2, 3), d.normal(2, 3)),
            Sample(d.normal(2, 3), d.normal(3), 3),
            Sample(d.normal(3), d.normal(3), p=1),
        ],
        "y = (Σ |a - b|^p)^(1/p)",
        ops=("vector_norm",),
    ),
]
