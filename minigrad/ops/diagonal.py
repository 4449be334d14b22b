"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

from minigrad.device import Array
from minigrad.op import op


def _diagonal(xp: Any, x: Array, offset: int, dim1: int, dim2: int) -> Array:
    y = xp.diagonal(x, offset, dim1, dim2)
    if hasattr(y, "setflags"):  # NumPy's is read-only, as a warning to old programs
        y.setflags(write=x.flags.writeable)
    return y


@op("'the numbers of x at (i, i + offset) of two dimensions'", view=True)
def diagonal(xp: Any, x: Array, *, offset: int, dim1: int, dim2: int) -> Array:
    """y[.., i] = x[.., i, .., i + offset, ..], a view with the diagonal as its last dimension"""
    return _diagonal(xp, x, offset, dim1, dim2)


@op("'zeros with y on the diagonal'")
def undiagonal(
    xp: Any, y: Array, *, shape: tuple[int, ...], offset: int, dim1: int, dim2: int
) -> Array:
    """x = zeros of that shape with y on the diagonal"""
    x = xp.zeros(shape, y.dtype)
    _diagonal(xp, x, offset, dim1, dim2)[...] = y
    return x


diagonal.derivatives(x=lambda g, x_shape, **at: undiagonal(g, shape=x_shape, **at))
diagonal.mathematics(x="'zeros with G on the diagonal'")
undiagonal.derivatives(
    y=lambda g, offset, dim1, dim2: diagonal(g, offset=offset, dim1=dim1, dim2=dim2)
)
undiagonal.mathematics(y="'the diagonal of G'")


@op("out[..., i, j] = x[..., i, j] if j <= i + diagonal else 0")
def tril(xp: Any, x: Array, *, diagonal: int) -> Array:
    """y[i, j] = x[i, j] where j <= i + diagonal, else 0"""
    return xp.tril(x, diagonal)


tril.derivatives(x=lambda g, diagonal: tril(g, diagonal=diagonal))
tril.mathematics(x="x[..., i, j] = g[..., i, j] if j <= i + diagonal else 0")


@op("out[..., i, j] = x[..., i, j] if j >= i + diagonal else 0")
def triu(xp: Any, x: Array, *, diagonal: int) -> Array:
    """y[i, j] = x[i, j] where j >= i + diagonal, else 0"""
    return xp.triu(x, diagonal)


triu.derivatives(x=lambda g, diagonal: triu(g, diagonal=diagonal))
triu.mathematics(x="x[..., i, j] = g[..., i, j] if j >= i + diagonal else 0")
