"""Products of matrices and vectors."""

from __future__ import annotations

import math
from typing import Any

from minigrad.device import Array
from minigrad.op import op


@op(promote="common")
def matmul(xp: Any, a: Array, b: Array, *, out: Array | None = None) -> Array:
    """y = a b, batched over leading dimensions; both have two dimensions or more"""
    return xp.matmul(a, b, out=out)


matmul.derivatives(
    a=lambda g, b: matmul(g, b.mT),
    b=lambda g, a: matmul(a.mT, g),
)


@op
def linear(xp: Any, x: Array, weight: Array, *bias: Array, out: Array | None = None) -> Array:
    """y = x Wᵀ + b for every row of x: x is (..., in), W (out, in), b (out) or left out"""
    flat = x.ndim == 2
    y = xp.matmul(rows(x), weight.T, out=out if flat else None)
    if bias:
        xp.add(y, bias[0], out=y)
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


linear.derivatives(
    x=lambda g, weight, x_shape: matmul(rows(g), weight).reshape(x_shape),
    weight=lambda g, x: matmul(rows(g).mT, rows(x)),
    bias=lambda g: g,  # the walk sums it over the rows
)
