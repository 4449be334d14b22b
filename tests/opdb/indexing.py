"""Rows of brackets and of writing."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops import indexing as ops
from minigrad.ops import shape as shape_ops
from minigrad.ops.indexing import HOLE, WHOLE
from minigrad.ops.update import clear, copy, write_view

from .row import Draw, Row, Sample


def _get(x: Any, *key: Any) -> Any:
    return x[key]


def _set(x: Any, value: Any, *key: Any) -> Any:
    y = x.clone()
    y[key] = value
    return y


def _views(d: Draw) -> list[tuple[Any, ...]]:
    """A tensor and a key of integers, slices, None and Ellipsis."""
    x = d.normal(4, 3, 5)
    return [
        (x, 1),
        (x, -1, np.s_[:], 2),
        (x, np.s_[1:3], ..., np.s_[::2]),
        (x, None, ..., 0, None),
        (x, np.s_[3:1]),
        (x, 0, 1, 2),
        (d.normal(), None),
        (d.normal(),),
    ]


def _places(d: Draw) -> list[tuple[Any, ...]]:
    """A tensor and a key with index tensors, none of which names a place twice, and masks."""
    x = d.normal(4, 3, 5)
    i, j = np.array([2, 0, -1]), np.array([[1], [0]])
    return [
        (x, i),
        (x, np.s_[:], j),
        (x, i, np.s_[:], np.array([4, 0, 1])),
        (x, np.s_[1:], np.array([2, 0]), None, np.array([0, -2])),
        (x, 1, j, np.array([3, 1])),
        (x, ..., np.array([4, -3])),
        (x, np.array(2)),
        (x, np.zeros(0, np.int64)),
        (x, d.bools(4)),
        (x, np.s_[:], d.bools(3, 5)),
        (x, d.bools(4, 3, 5)),
        (x, np.array([True, False, True, False]), np.s_[1:], np.array([1, 0])),
        (x, np.array(True)),
        (x, np.array(False), 0),
        (x, [0, 2], np.s_[:2]),
        (x, np.zeros(4, bool), 0),
    ]


def _repeated(d: Draw) -> list[tuple[Any, ...]]:
    x = d.normal(4, 3)
    return [(x, np.array([0, 0, -4])), (x, np.s_[:], np.array([[1, 1], [2, 1]]))]


def _gets(cases: list[tuple[Any, ...]]) -> list[Sample]:
    return [Sample(*case) for case in cases]


def _sets(d: Draw) -> list[Sample]:
    samples = []
    for x, *key in [*_views(d), *_places(d)]:
        shape = _numpy_key(x, key).shape
        samples.append(Sample(x, d.normal(*shape), *key))
    x = d.normal(4, 3)
    return [
        *samples,
        Sample(x, 2.5, np.s_[1:]),
        Sample(x, 2.5, d.bools(4, 3)),
        Sample(x, d.normal(), np.array([0, 2])),
        Sample(x, d.normal(1, 1, 3), np.s_[:2]),
        Sample(x, d.normal(1, 1, 3), np.array([0, 2])),
        Sample(x, d.normal(4, 1), ...),
    ]


def _numpy_key(x: Any, key: list[Any]) -> Any:
    """x[key] as PyTorch reads it: integers before index arrays."""
    if any(isinstance(part, int) for part in key) and any(
        isinstance(part, (np.ndarray, list)) for part in key
    ):
        first = tuple(np.s_[:] if not isinstance(p, int) else p for p in key)
        rest = tuple(p for p in key if not isinstance(p, int))
        if not any(isinstance(p, np.ndarray) and p.dtype == bool for p in rest):
            return x[first][rest]
    return x[tuple(key)]


_PATH = ((ops.slice, {"key": (np.s_[1:], 0)}), (shape_ops.reshape, {"shape": (2, 1)}))

ROWS = [
    Row("slice", _get, lambda d: _gets(_views(d)), torch_call=_get, numpy=_get),
    Row(
        "unslice",
        lambda y, shape, key: ops.unslice(y, shape=shape, key=key),
        lambda d: [
            Sample(d.normal(2), (4, 3), (np.s_[1:3], 0)),
            Sample(d.normal(1, 3), (3,), (None,)),
        ],
        torch="",
    ),
    Row(
        "getitem",
        _get,
        lambda d: _gets([*_places(d), *_repeated(d)]),
        "y = x[key]",
        ops=("take",),
        torch_call=_get,
    ),
    Row(
        "put_add",
        lambda y, shape, key, *indices: ops.put_add(y, *indices, shape=shape, key=key),
        lambda d: [
            Sample(d.normal(3, 2), (4, 2), (HOLE, WHOLE), np.array([0, 0, -1])),
            Sample(d.normal(2, 3), (2, 4), (WHOLE, HOLE), np.array([3, 1, 3])),
            Sample(
                d.normal(3, 2), (4, 2, 3), (HOLE, WHOLE, HOLE), *np.array([[0, 1, 0], [2, 1, 2]])
            ),
            Sample(d.normal(2, 2), (3, 3, 2), (HOLE, HOLE, WHOLE), *np.array([[0, 0], [1, -2]])),
            Sample(d.normal(2, 1), (3,), (HOLE, None), np.array([1, 1])),
            Sample(d.normal(2), (3,), (HOLE,), np.array([True, False, True])),
        ],
        torch="",
    ),
    Row("setitem", _set, _sets, "z = x, but y at [key]", ops=("put", "copy"), torch_call=_set),
    Row(
        "copy",
        copy,
        lambda d: [
            Sample(d.normal(2, 3), d.normal(2, 3)),
            Sample(d.normal(2, 3), d.normal(3)),
            Sample(d.normal(2, 3), d.integers(0, 5, 2, 1)),
            Sample(d.normal(), d.normal()),
        ],
        "z = y, in the shape and type of x",
        torch_call=lambda x, y: x.clone().copy_(y),
    ),
    Row("clear", lambda x: clear(x, path=_PATH), lambda d: [Sample(d.normal(3, 2))], torch=""),
    Row(
        "write_view",
        lambda x, y: write_view(x, y, path=_PATH),
        lambda d: [Sample(d.normal(3, 2), d.normal(2, 1))],
        torch="",
    ),
]
