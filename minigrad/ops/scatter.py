"""Reductions over all numbers that an index tensor brings to one place."""

from __future__ import annotations

from typing import Any

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.indexing import along, around, put_along


@op
def scatter_amax(xp: Any, x: Array, y: Array, index: Array, *, dim: int) -> Array:
    """z = max of x and all y that the index brings there"""
    z = xp.array(x, copy=True, order="C")
    xp.maximum.at(z, around(xp, index, dim), y)
    return z


@op
def scatter_amin(xp: Any, x: Array, y: Array, index: Array, *, dim: int) -> Array:
    """z = min of x and all y that the index brings there"""
    z = xp.array(x, copy=True, order="C")
    xp.minimum.at(z, around(xp, index, dim), y)
    return z


def _shares(g: Any, out: Any, x: Any, y: Any, index: Any, dim: int) -> Any:
    """The cotangent divided by how many numbers equal the result."""
    hits = (y == along(out, index, dim)).to(g.dtype)
    return g / put_along((x == out).to(g.dtype), hits, index, dim, accumulate=True)


def _extreme_x(g: Any, out: Any, x: Any, y: Any, index: Any, dim: int) -> Any:
    return _shares(g, out, x, y, index, dim).where(x == out, 0.0)


def _extreme_y(g: Any, out: Any, x: Any, y: Any, index: Any, dim: int) -> Any:
    shares = along(_shares(g, out, x, y, index, dim), index, dim)
    return shares.where(y == along(out, index, dim), 0.0)


scatter_amax.derivatives(x=_extreme_x, y=_extreme_y)
scatter_amin.derivatives(x=_extreme_x, y=_extreme_y)


@op
def scatter_prod(xp: Any, x: Array, y: Array, index: Array, *, dim: int) -> Array:
    """z = x · Π of all y that the index brings there"""
    z = xp.array(x, copy=True, order="C")
    xp.multiply.at(z, around(xp, index, dim), y)
    return z


def _prod_y(g: Any, x: Any, y: Any, index: Any, dim: int) -> Any:
    # The product of the others, by division where y is not 0. Where it is the only 0 that comes to
    # its place, the others' product is that of everything with the 0 left out.
    zero = y == 0
    zeros = put_along(x * 0, zero.to(g.dtype), index, dim, accumulate=True)
    known = y.where(~zero, 1.0)
    product = along(g * scatter_prod(x, known, index, dim=dim), index, dim)
    own = zero.to(g.dtype)
    return (product / known).where(along(zeros, index, dim) == own, 0.0)


scatter_prod.derivatives(
    x=lambda g, x, y, index, dim: g * scatter_prod(x * 0 + 1, y, index, dim=dim),
    y=_prod_y,
)
