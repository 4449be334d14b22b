"""Rows of order and counting."""

from __future__ import annotations

import numpy as np

from minigrad import functions
from minigrad.device import Array
from minigrad.nn.functional.onehot import one_hot
from minigrad.tensor import Tensor

from .row import Draw, Row, Sample


def _along(d: Draw) -> list[Sample]:
    return [
        Sample(d.distinct(2, 5)),
        Sample(d.distinct(4, 2), 0),
        Sample(d.distinct(2, 3), dim=-1, descending=True),
        Sample(d.distinct()),
        Sample(d.distinct(2, 0)),
    ]


def _stable(d: Draw) -> list[Sample]:
    x = d.integers(0, 3, 3, 5)
    return [*_along(d), Sample(x, stable=True), Sample(x, descending=True, stable=True)]


def _with_gaps(d: Draw) -> Array:
    """A column without nan, one with one, one with two, one of nothing but nan."""
    x = d.distinct(3, 4).astype(np.float32)
    x[0, 1] = x[:2, 2] = x[:, 3] = np.nan
    return x


def _medians(d: Draw) -> list[Sample]:
    return [
        Sample(d.distinct(2, 3)),
        Sample(d.distinct(4)),
        Sample(d.distinct(2, 4), 1),
        Sample(d.distinct(3, 4), 0, keepdim=True),
        Sample(d.distinct()),
        Sample(d.distinct(), 0),
        Sample(np.array([1.0, np.nan, 0.0]).astype(np.float32)),
        Sample(np.array([[1.0, np.nan, 0.0], [3, 2, 1]]).astype(np.float32), 1),
    ]


def _sequences(d: Draw) -> list[Sample]:
    line = np.array([0.1, 0.3, 0.3, 0.7])
    rows = np.sort(d.normal(2, 3, 4), axis=-1)
    return [
        Sample(line, np.array([[0.3, 0.0], [0.5, 0.9]])),
        Sample(line, np.array([0.3, 0.7]), right=True),
        Sample(line, np.array([0.3, 0.7]), side="right", out_int32=True),
        Sample(rows, d.normal(2, 3, 2)),
        Sample(line[::-1].copy(), np.array([0.3]), sorter=np.array([3, 2, 1, 0])),
        Sample(line, 0.5),
    ]


ROWS = [
    Row(
        "argsort",
        Tensor.argsort,
        _stable,
        differentiable=False,
        torch_call=lambda x, dim=-1, descending=False, stable=True: x.argsort(
            stable=True, dim=dim, descending=descending
        ),
    ),
    Row(
        "sort",
        Tensor.sort,
        _stable,
        "y = x in order, and the places",
        ops=("argsort",),
        torch_call=lambda x, dim=-1, descending=False, stable=True: x.sort(
            stable=True, dim=dim, descending=descending
        ),
    ),
    Row(
        "msort",
        Tensor.msort,
        lambda d: [Sample(d.distinct(3, 2)), Sample(d.distinct(4))],
        "y = x in order along the first dimension",
    ),
    Row(
        "topk",
        Tensor.topk,
        lambda d: [
            Sample(d.distinct(2, 5), 2),
            Sample(d.distinct(4, 2), 3, 0, False),
            Sample(d.distinct(3), k=0),
            Sample(d.distinct(2, 13), 3),
            Sample(d.distinct(13, 2), 2, 0, largest=False),
            Sample(d.distinct(), 1),
        ],
        "y = the k greatest x in order, and their places",
        ops=("topk_place",),
        types_differ="among equals PyTorch picks other places",
    ),
    Row(
        "kthvalue",
        Tensor.kthvalue,
        lambda d: [
            Sample(d.distinct(2, 5), 2),
            Sample(d.distinct(4, 2), 3, 0, True),
            Sample(d.distinct(), 1),
        ],
        "y = the k-th smallest x, and its place",
    ),
    Row("median", Tensor.median, _medians, "y = the middle x", ops=("median", "median_place")),
    Row(
        "nanmedian",
        Tensor.nanmedian,
        lambda d: [
            *_medians(d)[:6],
            Sample(_with_gaps(d)),
            Sample(_with_gaps(d), 1),
            Sample(_with_gaps(d), 0, keepdim=True),
            Sample(np.array([np.nan, np.nan]).astype(np.float32)),
        ],
        "y = the middle of those x that are not nan",
    ),
    Row(
        "mode",
        Tensor.mode,
        lambda d: [
            Sample(d.integers(0, 3, 4, 7)),
            Sample(d.integers(0, 3, 7, 2).astype(np.float32), 0, keepdim=True),
            Sample(np.array([[1.0, 2.0, 2.0], [0.5, 0.1, 0.3]]), 1),
            Sample(np.array(3)),
        ],
        "y = the most frequent x, and its last place",
        ops=("mode_place",),
        differentiable=False,  # the place jumps as soon as equal numbers differ
    ),
    Row(
        "quantile",
        Tensor.quantile,
        lambda d: [
            Sample(d.distinct(2, 5), 0.3),
            Sample(d.distinct(2, 5), np.array([0.05, 0.35, 0.95]), 1),
            Sample(d.distinct(4, 2), 0.4, dim=0, keepdim=True),
            Sample(d.distinct(4, 2), 0.4, keepdim=True),
            *(
                Sample(d.distinct(5), 0.4, interpolation=way)
                for way in ("lower", "higher", "midpoint", "nearest")
            ),
            Sample(d.distinct(), 0.4),
            Sample(np.array([1.0, np.nan]).astype(np.float32), 0.4),
        ],
        "y = x at q · (n - 1) in order",
        second=False,  # linear in x, and by pieces in q
    ),
    Row(
        "nanquantile",
        Tensor.nanquantile,
        lambda d: [
            Sample(d.distinct(2, 5), 0.3),
            Sample(_with_gaps(d), 0.4, interpolation="nearest"),
            Sample(_with_gaps(d), np.array([0.0, 1.0]).astype(np.float32), 1),
            Sample(_with_gaps(d), 0.4, dim=0, keepdim=True, interpolation="lower"),
            Sample(d.distinct(), 0.4),
        ],
        "y = x at q · (n - 1) in order, of the n that are not nan",
        second=False,  # linear in x, and by pieces in q
    ),
    Row(
        "searchsorted",
        functions.searchsorted,
        _sequences,
        differentiable=False,
        types_differ="PyTorch searches no truth values",
    ),
    Row(
        "bucketize",
        functions.bucketize,
        lambda d: [
            Sample(d.normal(2, 3), np.array([-0.5, 0.0, 0.5])),
            Sample(np.array([0, 1, 2]), np.array([1, 2]), right=True),
        ],
        "y = the interval that x lies in",
        ops=("searchsorted",),
        differentiable=False,
        types_differ="PyTorch searches no truth values",
    ),
    Row(
        "unique",
        Tensor.unique,
        lambda d: [
            Sample(d.integers(0, 4, 3, 4)),
            Sample(d.integers(0, 4, 7), return_inverse=True),
            Sample(d.integers(0, 4, 3, 4), return_inverse=True, return_counts=True),
            Sample(d.integers(0, 2, 5, 2), return_inverse=True, return_counts=True, dim=0),
            Sample(d.integers(0, 4, 0)),
            Sample(d.integers(0, 4, 3, 4).astype(np.float32), True, False, True),
        ],
        "y = the different x in order",
        ops=("unique", "unique_place", "bincount"),
        differentiable=False,
    ),
    Row(
        "bincount",
        Tensor.bincount,
        lambda d: [
            Sample(d.integers(0, 5, 9)),
            Sample(d.integers(0, 5, 9), minlength=8),
            Sample(d.integers(0, 5, 4), d.normal(4).astype(np.float32)),
            Sample(d.integers(0, 5, 4), d.integers(0, 3, 4)),
            Sample(d.integers(0, 5, 0)),
        ],
        differentiable=False,
    ),
    Row(
        "histc",
        Tensor.histc,
        lambda d: [
            Sample(d.normal(20).astype(np.float32), 5),
            Sample(d.normal(20).astype(np.float32), 4, -1, 1),
            Sample(np.array([0, 0.5, 1, 1], np.float32), bins=2, min=0, max=1),
            Sample(np.array([2, 2], np.float32), 3),
        ],
        differentiable=False,
    ),
    Row(
        "nonzero",
        Tensor.nonzero,
        lambda d: [
            Sample(d.integers(0, 2, 3, 4)),
            Sample(d.bools(3, 4), as_tuple=True),
            Sample(np.array(1)),
            Sample(np.array(0), as_tuple=True),
            Sample(d.bools(0, 2)),
        ],
        differentiable=False,
    ),
    Row(
        "argwhere",
        Tensor.argwhere,
        lambda d: [Sample(d.bools(3, 4))],
        "y = the indices of all x ≠ 0",
        ops=("nonzero",),
        differentiable=False,
        numpy=np.argwhere,
    ),
    Row(
        "repeat_interleave",
        Tensor.repeat_interleave,
        lambda d: [
            Sample(d.normal(2, 3), 2),
            Sample(d.normal(2, 3), 2, 1),
            Sample(d.normal(2, 3), np.array([2, 0, 1]), dim=1),
            Sample(d.normal(2, 3), np.array([3]), -2),
            Sample(d.normal(), 2),
        ],
        "y = each x repeated in a row",
    ),
    Row(
        "nn.functional.one_hot",
        one_hot,
        lambda d: [
            Sample(d.integers(0, 4, 3)),
            Sample(d.integers(0, 4, 2, 3), 6),
            Sample(np.array(2)),
        ],
        "y[.., k] = 1 where x = k, else 0",
        differentiable=False,
    ),
]
