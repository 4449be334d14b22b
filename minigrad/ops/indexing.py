"""Picking numbers out, and putting them back: each is the other's derivative.

A key is what stands between the brackets, as a tuple of params in which every tensor is replaced
by `HOLE`; the tensors themselves are operands.
"""

from __future__ import annotations

from typing import Any

from minigrad.device import Array
from minigrad.op import op

Key = tuple[Any, ...]


class _Hole:
    """Stands in a key where an operand belongs."""

    def __repr__(self) -> str:
        return "·"


HOLE = _Hole()


def filled(key: Key, indices: tuple[Array, ...]) -> Key:
    """The key with its holes filled by arrays."""
    rest = iter(indices)
    return tuple(next(rest) if part is HOLE else part for part in key)


@op(view=True)
def slice(xp: Any, x: Array, *, key: Key) -> Array:
    """y = x[key], a view: the key holds integers, slices, None and Ellipsis only"""
    return x[(*key, Ellipsis)]  # with an ellipsis NumPy gives a view even of a single element


slice.derivatives(x=lambda g, x_shape, key: unslice(g, shape=x_shape, key=key))


@op
def unslice(xp: Any, y: Array, *, shape: tuple[int, ...], key: Key) -> Array:
    """x = zeros of that shape, with y at x[key]"""
    x = xp.zeros(shape, y.dtype)
    x[key] = y
    return x


unslice.derivatives(y=lambda g, key: slice(g, key=key))


@op
def take(xp: Any, x: Array, *indices: Array, key: Key) -> Array:
    """y = x[key], a copy, with index and mask arrays in the key's holes"""
    return x[filled(key, indices)]


take.derivatives(x=lambda g, x_shape, indices, key: put_add(g, *indices, shape=x_shape, key=key))


@op
def put_add(xp: Any, y: Array, *indices: Array, shape: tuple[int, ...], key: Key) -> Array:
    """x = zeros of that shape; x[key] += y, adding again where an index repeats"""
    x = xp.zeros(shape, y.dtype)
    xp.add.at(x, filled(key, indices), y)
    return x


put_add.derivatives(y=lambda g, indices, key: take(g, *indices, key=key))


@op
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
        out = xp.array(x, copy=True)
    elif out is not x:
        xp.copyto(out, x)
    if accumulate:
        xp.add.at(out, filled(key, indices), y)
    else:
        out[filled(key, indices)] = y
    return out


put.derivatives(
    x=lambda g, indices, key, accumulate: g if accumulate else put(g, 0.0, *indices, key=key),
    y=lambda g, indices, key: take(g, *indices, key=key) if indices else slice(g, key=key),
)
