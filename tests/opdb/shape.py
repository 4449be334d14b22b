"""Rows of shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.device import CPU
from minigrad.ops.shape import cast, sum_to, transfer
from minigrad.tensor import Tensor

from .row import Draw, Row, Sample


def _any(d: Draw) -> list[Sample]:
    return [Sample(d.normal(2, 3)), Sample(d.normal()), Sample(d.normal(0, 2))]


def _reversed(x: Any) -> Any:
    """PyTorch warns of its own `T` of other than two dimensions."""
    return x.permute(list(reversed(range(x.ndim))))


def _reshapes(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 6), (3, 4)),
        Sample(d.normal(2, 6), (-1, 2, 2)),
        Sample(d.normal(), (1, 1)),
        Sample(d.normal(0, 3), (3, 0)),
    ]


def _moved(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 3, 4), 0, 2),
        Sample(d.normal(2, 3, 4), (0, 1), (-1, 0)),
        Sample(d.normal(2, 0), 1, 0),
    ]


def _swapped(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 3, 4), 0, -1),
        Sample(d.normal(0, 3), 1, 0),
        Sample(d.normal(), 0, 0),
    ]


def _expansions(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 1), (3, 2, 4)),
        Sample(d.normal(), (2, 3)),
        Sample(d.normal(2, 1), (2, 0)),
    ]


def _repeats(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 3), (2, 2)),
        Sample(d.normal(3), (2, 1, 2)),
        Sample(d.normal(), (3,)),
        Sample(d.normal(2, 3), (1, 1)),
        Sample(d.normal(2), (0,)),
    ]


ROWS = [
    Row("clone", Tensor.clone, _any, numpy=np.copy),
    Row(
        "contiguous",
        lambda x: x.T.contiguous(),
        _any,
        "y = x, in memory in the order of its indices",
        ops=("clone",),
        torch_call=lambda x: x.permute(tuple(reversed(range(x.ndim)))).contiguous(),
    ),
    Row(
        "cast",
        lambda x: cast(x, dtype=np.dtype(np.float64)),
        _any,
        torch_call=lambda x: x.double(),
    ),
    Row(
        "transfer",
        lambda x: transfer(x, device=CPU, source=CPU),
        _any,
        torch="",
        numpy=lambda x: x,
    ),
    Row("reshape", Tensor.reshape, _reshapes, numpy=np.reshape),
    Row(
        "view",
        lambda x, shape: x.contiguous().view(shape),
        _reshapes,
        "y = x read in another shape, without a copy",
    ),
    Row(
        "view_as",
        lambda x, other: x.contiguous().view_as(other),
        lambda d: [Sample(d.normal(2, 6), d.integers(0, 2, 3, 4))],
        "y = x read in the shape of another tensor, without a copy",
    ),
    Row(
        "reshape_as",
        Tensor.reshape_as,
        lambda d: [Sample(d.normal(2, 6), d.integers(0, 2, 3, 4))],
        "y = x read in the shape of another tensor",
    ),
    Row(
        "flatten",
        Tensor.flatten,
        lambda d: [
            Sample(d.normal(2, 3, 4)),
            Sample(d.normal(2, 3, 4), 1),
            Sample(d.normal(2, 3, 4), start_dim=0, end_dim=-2),
            Sample(d.normal()),
            Sample(d.normal(0, 2)),
        ],
        "y = x with neighbouring dimensions as one",
    ),
    Row("ravel", Tensor.ravel, _any, "y = x in one dimension", numpy=np.ravel),
    Row(
        "unflatten",
        Tensor.unflatten,
        lambda d: [
            Sample(d.normal(2, 6), 1, (2, 3)),
            Sample(d.normal(2, 6), -1, (-1, 3, 1)),
            Sample(d.normal(0, 4), 1, (2, 2)),
        ],
        "y = x with one dimension as several",
    ),
    Row(
        "squeeze",
        Tensor.squeeze,
        lambda d: [
            Sample(d.normal(1, 2, 1)),
            Sample(d.normal(1, 2, 1), 0),
            Sample(d.normal(1, 2, 1), -2),
            Sample(d.normal(1, 2, 1), (0, -1)),
            Sample(d.normal()),
        ],
        "y = x without dimensions of length 1",
    ),
    Row(
        "unsqueeze",
        Tensor.unsqueeze,
        lambda d: [Sample(d.normal(2, 3), 1), Sample(d.normal(2, 3), -1), Sample(d.normal(), 0)],
        "y = x with one more dimension of length 1",
        numpy=np.expand_dims,
    ),
    Row(
        "permute",
        Tensor.permute,
        lambda d: [
            Sample(d.normal(2, 3, 4), (2, 0, 1)),
            Sample(d.normal(2, 3, 4), (0, -1, 1)),
            Sample(d.normal(), ()),
        ],
        numpy=np.transpose,
    ),
    Row("transpose", Tensor.transpose, _swapped, "y[.., j, .., i] = x[.., i, .., j]"),
    Row("swapaxes", Tensor.swapaxes, _swapped, "y[.., j, .., i] = x[.., i, .., j]"),
    Row("t", Tensor.t, lambda d: [Sample(d.normal(2, 3)), Sample(d.normal(3))], "y = xᵀ"),
    Row("T", lambda x: x.T, _any, "y = x with its dimensions in reverse", torch_call=_reversed),
    Row(
        "mT",
        lambda x: x.mT,
        lambda d: [Sample(d.normal(2, 3)), Sample(d.normal(2, 3, 4)), Sample(d.normal(0, 2))],
        "y[.., j, i] = x[.., i, j]",
        torch_call=lambda x: x.mT,
    ),
    Row("movedim", Tensor.movedim, _moved, "y = x with dimensions moved", numpy=np.moveaxis),
    Row("expand", Tensor.expand, lambda d: [*_expansions(d), Sample(d.normal(3, 1), (2, -1, 4))]),
    Row("broadcast_to", Tensor.broadcast_to, _expansions, "y = x repeated", numpy=np.broadcast_to),
    Row(
        "expand_as",
        Tensor.expand_as,
        lambda d: [Sample(d.normal(2, 1), d.integers(0, 2, 3, 2, 4))],
        "y = x repeated along dimensions of length 1",
    ),
    Row(
        "sum_to",
        lambda x, shape: sum_to(x, shape=shape),
        lambda d: [
            Sample(d.normal(3, 2, 4), (2, 1)),
            Sample(d.normal(3, 2), ()),
            Sample(d.normal(2, 0), (2, 1)),
            Sample(d.normal(2, 3), (2, 3)),
        ],
        torch_call=lambda x, shape: x.sum_to_size(shape),
        types_differ="it serves gradients; PyTorch sums integers in int64",
    ),
    Row("repeat", Tensor.repeat, _repeats, "y = copies of x side by side"),
    Row("tile", Tensor.tile, _repeats, "y = copies of x side by side", numpy=np.tile),
]
