"""Rows of picking and putting by tensors of places."""

from __future__ import annotations

import numpy as np

from minigrad.tensor import Tensor

from .row import Draw, Row, Sample

_I = np.array([[0, 2, 2], [1, 0, 2]])


def _gathered(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 3), 1, _I),
        Sample(d.normal(3, 4), 0, np.array([[0, 0], [2, 1]])),
        Sample(d.normal(2, 3, 2), -2, np.array([[[0], [2]], [[1], [1]]])),
        Sample(d.normal(), 0, np.array(0)),
        Sample(d.normal(2, 3), 1, np.zeros((2, 0), np.int64)),
    ]


def _sources(d: Draw, different: bool = False) -> list[Sample]:
    """A tensor, a dimension, places (different ones if asked for) and as many numbers."""
    index = np.array([[0, 2, 1], [1, 0, 2]]) if different else _I
    return [
        Sample(d.nonzero(2, 3), 1, index, d.nonzero(2, 3)),
        Sample(d.nonzero(3, 4), 0, np.array([[0, 0], [2, 1]]), d.nonzero(2, 2)),
        Sample(d.nonzero(), 0, np.array(0), d.nonzero()),
    ]


def _reduced(d: Draw) -> list[Sample]:
    x, y = d.distinct(3, 4), d.distinct(5, 4) + 0.02
    index = d.integers(0, 3, 5, 4)
    kinds = ("sum", "prod", "mean", "amax", "amin")
    zeros = np.array([0.0, 2.0, 3.0, 0.5]), np.array([2.0, 0.0, 0.0, 0.0, 3.0])
    return [
        *(Sample(x, 0, index, y, kind) for kind in kinds),
        *(Sample(x, 0, index, y, kind, include_self=False) for kind in kinds),
        Sample(zeros[0], 0, np.array([1, 1, 2, 2, 0]), zeros[1], "prod"),
    ]


def _slices(d: Draw) -> list[Sample]:
    """A tensor, a dimension and places."""
    return [
        Sample(d.normal(4, 2), 0, np.array([2, 0])),
        Sample(d.normal(2, 4), -1, np.array([3, 1, 0])),
        Sample(d.normal(2, 4), 1, np.zeros(0, np.int64)),
    ]


def _slices_and(d: Draw) -> list[Sample]:
    """The same with a slice for each place."""
    return [
        Sample(d.normal(4, 2), 0, np.array([2, 0]), d.normal(2, 2)),
        Sample(d.normal(2, 4), -1, np.array([3, 1, 0]), d.normal(2, 3)),
    ]


def _masks(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 3), d.bools(2, 3)),
        Sample(d.normal(2, 3), d.bools(3)),
        Sample(d.normal(3), d.bools(2, 1)),
        Sample(d.normal(), np.array(True)),
    ]


def _fills(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 3), d.bools(2, 3), 1),
        Sample(d.normal(2, 3), d.bools(3), -2.0),
        Sample(d.normal(2, 3), d.bools(2, 1), d.normal()),
        Sample(d.normal(0, 3), d.bools(3), 0),
    ]


ROWS = [
    Row("gather", Tensor.gather, _gathered, "y[i, j] = x[i, k[i, j]] for dim = 1"),
    Row(
        "take_along_dim",
        Tensor.take_along_dim,
        lambda d: [
            Sample(d.normal(2, 3), _I, 1),
            Sample(d.normal(2, 3), np.array([[1, 0]]), dim=-1),
            Sample(d.normal(1, 3), np.array([[0], [2]]), 1),
            Sample(d.normal(2, 3), np.array([[5, 0]])),
        ],
        "y[i, j] = x[i, k[i, j]] for dim = 1",
    ),
    Row(
        "scatter",
        Tensor.scatter,
        lambda d: [
            *_sources(d, different=True)[:1],
            Sample(d.normal(2, 3), 1, _I, 1.5),
            Sample(d.normal(2, 3), dim=-1, index=_I, value=2.0),
            Sample(d.normal(), 0, np.array(0), d.normal()),
        ],
        "z[i, k[i, j]] = y[i, j] for dim = 1, else x",
    ),
    Row("scatter_add", Tensor.scatter_add, _sources, "z = x; z[i, k[i, j]] += y[i, j] for dim = 1"),
    Row(
        "scatter_reduce",
        Tensor.scatter_reduce,
        _reduced,
        "z[i, k] = reduction of x[i, k] and of y[i, j] over k[i, j] = k for dim = 1",
        ops=("scatter_amax", "scatter_amin", "scatter_prod"),
        second=False,  # PyTorch's own second derivative fails at zeros of a product
    ),
    Row("index_select", Tensor.index_select, _slices, "y[k] = x[i[k]]"),
    Row(
        "index_add",
        Tensor.index_add,
        lambda d: [
            *_slices_and(d),
            Sample(d.normal(4, 2), 0, np.array([2, 2]), d.normal(2, 2), alpha=2),
        ],
        "z = x; z[i[k]] += α y[k]",
    ),
    Row("index_copy", Tensor.index_copy, _slices_and, "z = x; z[i[k]] = y[k]"),
    Row(
        "index_fill",
        Tensor.index_fill,
        lambda d: [
            *(Sample(*s.args, 2) for s in _slices(d)),
            Sample(*_slices(d)[0].args, d.normal()),
        ],
        "z = x; z[i[k]] = v",
    ),
    Row(
        "index_put",
        Tensor.index_put,
        lambda d: [
            Sample(d.normal(3, 4), (np.array([0, 2]),), d.normal(2, 4)),
            Sample(
                d.normal(3, 4), (np.array([0, 0]), np.array([1, 1])), d.normal(2), accumulate=True
            ),
            Sample(d.normal(3, 4), (np.array([True, False, True]),), d.normal(4), True),
        ],
        "z = x; z[key] = y, or += y",
        ops=("put",),
    ),
    Row(
        "take",
        Tensor.take,
        lambda d: [
            Sample(d.normal(2, 3), np.array([[5, 0], [-1, 5]])),
            Sample(d.normal(), np.array(0)),
        ],
        "y[k] = flat x[i[k]]",
    ),
    Row(
        "put",
        Tensor.put,
        lambda d: [
            Sample(d.normal(2, 3), np.array([5, 0]), d.normal(2)),
            Sample(d.normal(2, 3), np.array([[5], [5]]), d.normal(2), accumulate=True),
        ],
        "z = x; flat z[i[k]] = y[k], or += y[k]",
    ),
    Row("masked_fill", Tensor.masked_fill, _fills, "y = v where the mask is true, else x"),
    Row("masked_select", Tensor.masked_select, _masks, "y = the x where the mask is true"),
    Row(
        "masked_scatter",
        Tensor.masked_scatter,
        lambda d: [
            Sample(d.normal(2, 3), d.bools(2, 3), d.normal(7)),
            Sample(d.normal(2, 3), d.bools(3), d.normal(2, 3)),
        ],
        "z = the y in turn where the mask is true, else x",
    ),
]
