"""Picking numbers out, and putting them back: each is the other's derivative.

A key is what stands between the brackets, as a tuple of params in which every tensor is replaced
by `HOLE`; the tensors themselves are operands.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.op import op

Key = tuple[Any, ...]
WHOLE = np.s_[:]
"""The part of a key that takes a whole dimension."""


class _Hole:
    """Stands in a key where an operand belongs."""

    def __repr__(self) -> str:
        return "·"


HOLE = _Hole()


def filled(key: Key, indices: tuple[Array, ...]) -> Key:
    """The key with its holes filled by arrays."""
    rest = iter(indices)
    return tuple(next(rest) if part is HOLE else part for part in key)


@op("'x[key], without copying'", view=True)
def slice(xp: Any, x: Array, *, key: Key) -> Array:
    """y = x[key], a view: the key holds integers, slices, None and Ellipsis only"""
    return x[(*key, Ellipsis)]  # with an ellipsis NumPy gives a view even of a single element


@op("'zeros with y at [key]'")
def unslice(xp: Any, y: Array, *, shape: tuple[int, ...], key: Key) -> Array:
    """x = zeros of that shape, with y at x[key]"""
    x = xp.zeros(shape, y.dtype)
    x[key] = y
    return x


slice.derivatives(x=lambda g, x_shape, key: unslice(g, shape=x_shape, key=key))
slice.mathematics(x="'zeros with G at [key]'")
unslice.derivatives(y=lambda g, key: slice(g, key=key))
unslice.mathematics(y="'G[key]'")


@op("'x[key]'")
def take(xp: Any, x: Array, *indices: Array, key: Key) -> Array:
    """y = x[key], a copy, with index and mask arrays in the key's holes"""
    if len(indices) == 1 and indices[0].dtype.kind == "i" and _plain(key):
        return xp.take(x, indices[0], axis=key.index(HOLE))  # much faster
    return x[filled(key, indices)]


@op("'zeros to which y is added at [key]'", wide=True)
def put_add(xp: Any, y: Array, *indices: Array, shape: tuple[int, ...], key: Key) -> Array:
    """x = zeros of that shape; x[key] += y, adding again where an index repeats"""
    x = xp.zeros(shape, y.dtype)
    _add_at(xp, x, key, indices, y)
    return x


take.derivatives(x=lambda g, x_shape, indices, key: put_add(g, *indices, shape=x_shape, key=key))
take.mathematics(x="'zeros to which G is added at [key]'")
put_add.derivatives(y=lambda g, indices, key: take(g, *indices, key=key))
put_add.mathematics(y="'G[key]'")


@op("'x, but y at [key], or y added there'", updates=True)
def put(
    xp: Any,
    x: Array,
    y: Array,
    *indices: Array,
    key: Key,
    accumulate: bool = False,
    out: Array | None = None,
) -> Array:
    """z = x, but z[key] = y (or += y, with ``accumulate``)"""
    if out is None:
        out = xp.array(x, copy=True, order="C")
    elif out is not x:
        xp.copyto(out, x)
    if accumulate:
        _add_at(xp, out, key, indices, y)
    else:
        places = filled(key, indices)
        try:
            out[places] = y
        except ValueError as error:
            raise RuntimeError(
                f"put: shape mismatch: a value of shape {xp.shape(y)} does not broadcast to the "
                f"indexed shape {out[places].shape}"
            ) from error
    return out


put.derivatives(
    x=lambda g, indices, key, accumulate: g if accumulate else put(g, 0.0, *indices, key=key),
    y=lambda g, indices, key: take(g, *indices, key=key) if indices else slice(g, key=key),
)
put.mathematics(x="'G, but 0 at [key] if nothing was added there'", y="'G[key]'")
# Of many slices of one tensor, only the first has its gradient made a whole array.
slice.accumulate = lambda total, g, key: put(total, g, key=key, accumulate=True, into=total)


def along(x: Any, index: Any, dim: int) -> Any:
    """y[.., i, ..] = x[.., index[.., i, ..], ..]: for each place of ``index`` the number at the
    same place of x, but along ``dim`` at the place that ``index`` holds"""
    return take(x, *_operands(index, dim), key=(HOLE,) * index.ndim)


def put_along(x: Any, y: Any, index: Any, dim: int, *, accumulate: bool = False) -> Any:
    """z = x, but y (or += y) at the places that `along` reads"""
    return put(x, y, *_operands(index, dim), key=(HOLE,) * index.ndim, accumulate=accumulate)


def around(arange: Callable[[int], Array], index: Array, dim: int) -> tuple[Array, ...]:
    """For every dimension its places, in a form that broadcasts with ``index``, which stands for
    those of ``dim``."""
    n = index.ndim
    grid = [arange(index.shape[i]).reshape((-1,) + (1,) * (n - 1 - i)) for i in range(n)]
    grid[dim] = index
    return tuple(grid)


def _operands(index: Any, dim: int) -> list[Any]:
    grid = around(partial(index.device.call, "arange"), index.array, dim)
    return [index if i == dim else take.fresh(a) for i, a in enumerate(grid)]


def _plain(key: Key) -> bool:
    """Whether the key is nothing but holes and whole dimensions."""
    return all(part is HOLE or part == WHOLE for part in key)


def _add_at(xp: Any, x: Array, key: Key, indices: tuple[Array, ...], y: Array) -> None:
    """x[key] += y. A ufunc's ``at`` is fast only in one dimension, hence the places are counted in
    the flat array where that can be."""
    if all(a.dtype.kind == "b" for a in indices):
        x[filled(key, indices)] += y  # masks name no place twice
    elif x.dtype == np.float16:  # many numbers at one place are rounded once
        total = x.astype(np.float32)
        _add_at(xp, total, key, indices, y)
        x[...] = total
    elif xp is not np and x.dtype.kind in "biu":
        # The atomic sums of a GPU lack most integers; modulo 2⁶⁴ all of them are sums of these.
        wide = x.astype(np.int64).view(np.uint64)
        xp.add.at(wide, filled(key, indices), xp.asarray(y, np.int64).view(np.uint64))
        x[...] = wide.view(np.int64)
    elif x.flags.c_contiguous and _plain(key) and all(a.dtype.kind == "i" for a in indices):
        places = flat_places(xp, key, indices, x.shape)
        values = xp.broadcast_to(xp.asarray(y, x.dtype), places.shape).reshape(-1)
        xp.add.at(xp.reshape(x, -1), places.reshape(-1), values)
    else:
        xp.add.at(x, filled(key, indices), y)


def flat_places(xp: Any, key: Key, indices: tuple[Array, ...], shape: tuple[int, ...]) -> Array:
    """The places in the flat array that a plain key names, in the shape of x[key]."""
    steps = [math.prod(shape[i + 1 :]) for i in range(len(shape))]
    holes = [i for i, part in enumerate(key) if part is HOLE]
    picked = sum(
        xp.where(a < 0, a + shape[i], a) * steps[i] for i, a in zip(holes, indices, strict=True)
    )
    # NumPy puts the picked dimensions where the holes are if these are neighbours, else in front.
    front = range(holes[0]) if holes[-1] - holes[0] == len(holes) - 1 else range(0)
    behind = [i for i in range(len(shape)) if i not in holes and i not in front]
    places = xp.zeros((), xp.int64)
    for i in front:
        places = places[..., None] + xp.arange(shape[i]) * steps[i]
    places = places[(..., *(None,) * picked.ndim)] + picked
    for i in behind:
        places = places[..., None] + xp.arange(shape[i]) * steps[i]
    return places
