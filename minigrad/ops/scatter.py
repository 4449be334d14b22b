"""Reductions over all numbers that an index tensor brings to one place."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.indexing import HOLE, along, around, flat_places, put_along


@op("'the greatest of x and of all y that the index brings there'", wide=True)
def scatter_amax(xp: Any, x: Array, y: Array, index: Array, *, dim: int) -> Array:
    """z = max of x and all y that the index brings there"""
    return _brought(xp, xp.maximum, x, y, index, dim)


@op("'the least of x and of all y that the index brings there'", wide=True)
def scatter_amin(xp: Any, x: Array, y: Array, index: Array, *, dim: int) -> Array:
    """z = min of x and all y that the index brings there"""
    return _brought(xp, xp.minimum, x, y, index, dim)


def _brought(xp: Any, join: Any, x: Array, y: Array, index: Array, dim: int) -> Array:
    """A copy of x, each number joined with all y that the index brings there."""
    z = xp.array(x, copy=True, order="C")
    grid = around(xp.arange, index, dim)
    if xp is np:
        join.at(z, grid, y)
        return z
    # CuPy has no atomic product, and its atomic maximum rounds to float32. In the order of their
    # places, the numbers of one place lie side by side and are joined in log n rounds.
    places = flat_places(xp, (HOLE,) * z.ndim, grid, z.shape).reshape(-1)
    order = xp.argsort(places, kind="stable")
    places, run = places[order], xp.broadcast_to(y, index.shape).reshape(-1)[order]
    reach = 1
    while reach < run.size:
        ahead, behind = run[reach:], run[:-reach]
        ahead[...] = xp.where(places[reach:] == places[:-reach], join(ahead, behind), ahead)
        reach *= 2
    last = xp.searchsorted(places, places, side="right") - 1
    flat = z.reshape(-1)
    flat[places] = join(flat[places], run[last])
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
scatter_amax.mathematics(
    x="'G where x is the greatest, in equal parts to all that are'",
    y=(
        "'G, from where the index brings y, if y is the greatest there, in equal parts "
        "to all that are'"
    ),
)
scatter_amin.derivatives(x=_extreme_x, y=_extreme_y)
scatter_amin.mathematics(
    x="'G where x is the least, in equal parts to all that are'",
    y="'G, from where the index brings y, if y is the least there, in equal parts to all that are'",
)


@op("'x times all y that the index brings there'", wide=True)
def scatter_prod(xp: Any, x: Array, y: Array, index: Array, *, dim: int) -> Array:
    """z = x · Π of all y that the index brings there"""
    return _brought(xp, xp.multiply, x, y, index, dim)


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
scatter_prod.mathematics(
    x="'G times all y that the index brings there'",
    y="'G, from where the index brings y, times x and all others that come there'",
)
