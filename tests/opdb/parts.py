"""Rows of the parts of a tensor, of its elements in another order, and of joining tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import functions
from minigrad.ops.diagonal import undiagonal
from minigrad.ops.window import unwindows
from minigrad.tensor import Tensor

from .row import Draw, Row, Sample


def _pieces(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(5, 2), 2),
        Sample(d.normal(2, 5), 3, dim=1),
        Sample(d.normal(4), 4),
        Sample(d.normal(2, 0), 2, dim=-1),
    ]


def _triangles(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(3, 4)),
        Sample(d.normal(2, 3, 3), 1),
        Sample(d.normal(4, 3), diagonal=-2),
        Sample(d.normal(0, 3)),
    ]


def _rows(d: Draw) -> list[Sample]:
    return [
        Sample([d.normal(3), d.normal(3)]),
        Sample([d.normal(2, 3), d.normal(2, 3)]),
        Sample([d.normal(), d.normal()]),
        Sample([d.normal(2, 3, 4), d.normal(2, 3, 4)]),
    ]


def _either(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal()),
        Sample(d.normal(3)),
        Sample(d.normal(2, 3)),
        Sample([d.normal(2), d.normal(2, 3, 1)]),
    ]


def _undiagonal(y: Any, offset: int, dim1: int, dim2: int) -> Tensor:
    shape = (2, 3, 4)
    return undiagonal(y, shape=shape, offset=offset, dim1=dim1, dim2=dim2)


def _torch_undiagonal(y: Any, offset: int, dim1: int, dim2: int) -> Any:
    zeros = y.new_zeros((2, 3, 4))
    return zeros.diagonal_scatter(y, offset, dim1, dim2)


ROWS = [
    Row(
        "narrow",
        Tensor.narrow,
        lambda d: [
            Sample(d.normal(5, 2), 0, 1, 3),
            Sample(d.normal(2, 5), -1, -2, 2),
            Sample(d.normal(3), 0, 3, 0),
        ],
        "y[i] = x[start + i] along one dimension",
    ),
    Row(
        "select",
        Tensor.select,
        lambda d: [Sample(d.normal(5, 2), 0, 1), Sample(d.normal(2, 5), -1, -2)],
        "y = x at one place of a dimension",
    ),
    Row(
        "unbind",
        Tensor.unbind,
        lambda d: [Sample(d.normal(3, 2)), Sample(d.normal(2, 3), dim=-1), Sample(d.normal(0, 2))],
        "y_k = x at place k of a dimension",
    ),
    Row(
        "split",
        Tensor.split,
        lambda d: [*_pieces(d), Sample(d.normal(2, 5), [1, 0, 4], -1)],
        "y_k = consecutive pieces of x",
    ),
    Row("chunk", Tensor.chunk, _pieces, "y_k = consecutive pieces of x"),
    Row(
        "tensor_split",
        Tensor.tensor_split,
        lambda d: [*_pieces(d), Sample(d.normal(7), (1, 3, -2)), Sample(d.normal(3, 4), (5, 2), 1)],
        "y_k = consecutive pieces of x",
    ),
    Row(
        "hsplit",
        Tensor.hsplit,
        lambda d: [
            Sample(d.normal(4), 2),
            Sample(d.normal(2, 6), 3),
            Sample(d.normal(2, 5), (1, 3)),
        ],
        "y_k = consecutive pieces of x, left to right",
    ),
    Row(
        "vsplit",
        Tensor.vsplit,
        lambda d: [
            Sample(d.normal(4, 2), 2),
            Sample(d.normal(0, 2), 2),
            Sample(d.normal(5, 1), (2,)),
        ],
        "y_k = consecutive pieces of x, top to bottom",
    ),
    Row(
        "dsplit",
        Tensor.dsplit,
        lambda d: [Sample(d.normal(2, 1, 4), 2), Sample(d.normal(1, 2, 5), (1, 3))],
        "y_k = consecutive pieces of x, front to back",
    ),
    Row(
        "diagonal",
        Tensor.diagonal,
        lambda d: [
            Sample(d.normal(3, 4)),
            Sample(d.normal(2, 3, 4), 1, 0, 2),
            Sample(d.normal(2, 3, 4), offset=-1, dim1=-1, dim2=-2),
            Sample(d.normal(0, 3)),
        ],
    ),
    Row(
        "undiagonal",
        _undiagonal,
        lambda d: [Sample(d.normal(4, 2), 0, 0, 1), Sample(d.normal(2, 3), 1, -2 % 3, 2)],
        torch_call=_torch_undiagonal,
    ),
    Row(
        "diag_embed",
        Tensor.diag_embed,
        lambda d: [
            Sample(d.normal(2, 3)),
            Sample(d.normal(3), offset=1),
            Sample(d.normal(2, 3), -2, 0, 2),
            Sample(d.normal(2, 3), 0, 2, 0),
        ],
        "y = zeros with x on the diagonal of two new dimensions",
    ),
    Row(
        "diag",
        Tensor.diag,
        lambda d: [Sample(d.normal(3)), Sample(d.normal(3), 1), Sample(d.normal(3, 4), -1)],
        "y = the diagonal of x, or a matrix with x on its diagonal",
        numpy=np.diag,
    ),
    Row("tril", Tensor.tril, _triangles),
    Row("triu", Tensor.triu, _triangles),
    Row(
        "windows",
        lambda x, dim, size, step: x.unfold(dim, size, step),
        lambda d: [
            Sample(d.normal(7), 0, 3, 2),
            Sample(d.normal(2, 5), 1, 2, 1),
            Sample(d.normal(6, 2), 0, 2, 3),
            Sample(d.normal(3, 2), -2, 3, 1),
            Sample(d.normal(), 0, 1, 1),
        ],
        torch_call=lambda x, dim, size, step: x.unfold(dim, size, step),
    ),
    Row(
        "unwindows",
        lambda y, shape, dim, step: unwindows(y, shape=shape, dim=dim, step=step),
        lambda d: [
            Sample(d.normal(3, 2, 3), (7, 2), 0, 2),
            Sample(d.normal(2, 4, 2), (2, 5), 1, 1),
        ],
        torch="",
    ),
    Row(
        "as_strided",
        lambda x, *args: x.contiguous().as_strided(*args),
        lambda d: [
            Sample(d.normal(3, 4), (2, 3), (5, 1)),
            Sample(d.normal(8), (3, 3), (1, 2), 1),
            Sample(d.normal(4), (2, 3), (0, 1)),
            Sample(d.normal(4), (), (), 2),
        ],
    ),
    Row(
        "flip",
        Tensor.flip,
        lambda d: [
            Sample(d.normal(2, 3), (0,)),
            Sample(d.normal(2, 3, 2), (0, -1)),
            Sample(d.normal(0, 3), (0,)),
            Sample(d.normal(2), ()),
        ],
    ),
    Row("fliplr", Tensor.fliplr, lambda d: [Sample(d.normal(2, 3))], "y[i, j] = x[i, n-1-j]"),
    Row("flipud", Tensor.flipud, lambda d: [Sample(d.normal(2, 3))], "y[i, j] = x[n-1-i, j]"),
    Row(
        "rot90",
        Tensor.rot90,
        lambda d: [
            Sample(d.normal(2, 3)),
            Sample(d.normal(2, 3), 2),
            Sample(d.normal(2, 3, 2), -1, (1, 2)),
            Sample(d.normal(2, 3), 4, (1, 0)),
        ],
        "y = x turned by k right angles",
        torch_call=lambda x, k=1, dims=(0, 1): x.rot90(k, dims),
        numpy=np.rot90,
    ),
    Row(
        "roll",
        Tensor.roll,
        lambda d: [
            Sample(d.normal(2, 3), 1),
            Sample(d.normal(2, 3), -1, 1),
            Sample(d.normal(2, 3), (1, 4), (0, -1)),
            Sample(d.normal(0, 3), 1, 0),
        ],
        numpy=np.roll,
    ),
    Row(
        "cat",
        functions.cat,
        lambda d: [
            Sample([d.normal(2, 3), d.normal(1, 3)]),
            Sample([d.normal(2, 3), d.normal(2, 0), d.normal(2, 1)], -1),
            Sample([d.normal(0), d.normal(2, 3)], dim=1),
            Sample([d.normal(2), d.integers(0, 3, 2)]),
            Sample([d.normal(0), d.normal(0)]),
        ],
    ),
    Row(
        "stack",
        functions.stack,
        lambda d: [
            Sample([d.normal(2, 3), d.normal(2, 3)]),
            Sample([d.normal(2, 3), d.normal(2, 3)], -1),
            Sample([d.normal(), d.normal(), d.normal()]),
        ],
        "y[.., k, ..] = x_k",
    ),
    Row("hstack", functions.hstack, _rows, "y = the tensors side by side"),
    Row("vstack", functions.vstack, _rows, "y = the tensors one below the other"),
    Row("dstack", functions.dstack, _rows, "y = the tensors one behind the other"),
    Row("column_stack", functions.column_stack, _rows, "y = the tensors as columns"),
    Row("atleast_1d", functions.atleast_1d, _either, "y = x with 1 dimension or more"),
    Row("atleast_2d", functions.atleast_2d, _either, "y = x with 2 dimensions or more"),
    Row("atleast_3d", functions.atleast_3d, _either, "y = x with 3 dimensions or more"),
    Row(
        "broadcast_tensors",
        functions.broadcast_tensors,
        lambda d: [
            Sample(d.normal(2, 1), d.normal(3), d.normal()),
            Sample(d.normal(0), d.normal(1)),
        ],
        "y_k = x_k in the common shape",
    ),
    Row(
        "meshgrid",
        functions.meshgrid,
        lambda d: [
            Sample(d.normal(2), d.normal(3), indexing="ij"),
            Sample(d.normal(2), d.normal(3), d.normal(1), indexing="xy"),
            Sample([d.normal(2), d.normal()], indexing="xy"),
        ],
        "y_k[i_1, .., i_n] = x_k[i_k]",
    ),
]
