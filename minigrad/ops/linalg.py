"""Products of matrices and vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.op import op

TALL = 4096
"""Rows of a product made at a time. For more the BLAS fills 30 MB of its own, and for each of its
threads, with what it packs."""


@op("out[..., i, j] = sum[k](a[..., i, k] * b[..., k, j])", promote="common", wide=True)
def matmul(xp: Any, a: Array, b: Array, *, out: Array | None = None) -> Array:
    """y = a b, batched over leading dimensions; both have two dimensions or more"""
    return _product(xp, a, b, out)


def _product(xp: Any, a: Array, b: Array, out: Array | None) -> Array:
    """a b; on the CPU some rows of a tall matrix at a time."""
    if xp is not np or a.ndim != 2 or len(a) <= TALL or b.ndim != 2:
        return xp.matmul(a, b, out=out)
    y = np.empty((len(a), b.shape[1]), np.result_type(a, b)) if out is None else out
    for i in range(0, len(a), TALL):
        np.matmul(a[i : i + TALL], b, out=y[i : i + TALL])
    return y


matmul.derivatives(
    a=lambda g, b: matmul(g, b.mT),
    b=lambda g, a: matmul(a.mT, g),
)


@op("out[..., o] = sum[i](x[..., i] * weight[o, i]) + bias[o]", wide=True)
def linear(xp: Any, x: Array, weight: Array, *bias: Array, out: Array | None = None) -> Array:
    """y = x Wᵀ + b for every row of x: x is (..., in), W (out, in), b (out) or left out"""
    flat = x.ndim == 2
    y = _product(xp, rows(x), weight.T, out if flat else None)
    if bias:
        _add_to_rows(xp, y, bias[0])
    if flat:
        return y
    y = y.reshape(*x.shape[:-1], weight.shape[0])
    if out is None:
        return y
    xp.copyto(out, y)
    return out


def rows(x: Any) -> Any:
    """All leading dimensions as one. One product of a tall matrix is faster than a batch of
    products of small ones, and the gradient of the weight is then one product as well."""
    return x if x.ndim == 2 else x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


def _add_to_rows(xp: Any, y: Array, row: Array) -> None:
    """y ← y + row, in place. Of narrow rows many are taken as one: each loop of NumPy runs over a
    single row."""
    width = y.shape[1]
    if 0 < width <= 32 and y.size > 1 << 13 and row.shape == (width,) and y.flags.c_contiguous:
        many = 256 // width
        whole = len(y) // many * many
        joined = y[:whole].reshape(-1, many * width)
        xp.add(joined, xp.tile(row, many), out=joined)
        y = y[whole:]
    xp.add(y, row, out=y)


def _in_rows_of(y: Any, shape: tuple[int, ...]) -> Any:
    return y if y.shape == shape else y.reshape(shape)


linear.derivatives(
    x=lambda g, weight, x_shape: _in_rows_of(matmul(rows(g), weight), x_shape),
    weight=lambda g, x: matmul(rows(g).mT, rows(x)),
    bias=lambda g: g,  # the walk sums it over the rows
)
linear.mathematics(
    x="x[..., i] = sum[o](g[..., o] * weight[o, i])",
    weight="weight[o, i] = sum[...](g[..., o] * x[..., i])",
    bias="bias[o] = sum[...](g[..., o])",
)
