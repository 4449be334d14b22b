"""The same numbers in another shape, type or place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.device import Array, Device, place
from minigrad.native.hook import native
from minigrad.native.library import Call
from minigrad.op import op
from minigrad.ops.arithmetic import stored
from minigrad.ops.axes import LEAST, around
from minigrad.ops.rows import row
from minigrad.ops.summation import summed

MANY = 2048
"""Rows that one product sums."""


@op(scalar="x", kinds="fiub")
def clone(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = x, in memory of its own"""
    if out is None:
        return xp.array(x, copy=True, order="C")
    xp.copyto(out, x)
    return out


clone.derivatives(x=lambda g: g)


def apart(y: Any, x: Any) -> Any:
    """What was made of x, in memory of its own: a copy where it is x itself or a view."""
    return clone(y) if y is x or y.base is not None else y


@op(scalar="x", kinds="fiub")
def cast(xp: Any, x: Array, *, dtype: Any) -> Array:
    """y = x in another type"""
    return x.astype(dtype, order="C")


cast.derivatives(x=lambda g: g)  # the walk brings the gradient back to the operand's type


@op("x")
def transfer(xp: Any, x: Array, *, device: Device, source: Device) -> Array:
    """y = x, which is on the device ``source``, on another device"""
    y = place(x, device)
    return xp.array(y) if y is x else y


transfer.derivatives(x=lambda g, source: transfer(g, device=source, source=g.device))
transfer.mathematics(x="g")


@op("'x read in another shape'", view=True)
def reshape(xp: Any, x: Array, *, shape: tuple[int, ...]) -> Array:
    """y = x read in another shape; a view where the memory allows it"""
    return xp.reshape(x, shape)


reshape.derivatives(x=lambda g, x_shape: g.reshape(x_shape))
reshape.mathematics(x="'G read in the shape of x'")


@op("'x with its dimensions in the order dims'", view=True)
def permute(xp: Any, x: Array, *, dims: tuple[int, ...]) -> Array:
    """y[i_dims] = x[i]: the dimensions in another order"""
    return xp.transpose(x, dims)


permute.derivatives(x=lambda g, dims: g.permute(_inverse(dims)))
permute.mathematics(x="'G with its dimensions in the order of x'")


def _inverse(dims: tuple[int, ...]) -> list[int]:
    return sorted(range(len(dims)), key=dims.__getitem__)


@op("'x repeated along dimensions of length 1'", view=True)
def expand(xp: Any, x: Array, *, shape: tuple[int, ...]) -> Array:
    """y = x repeated along dimensions of length 1, without copying"""
    lead = len(shape) - x.ndim
    if shape == (1,) * lead + x.shape:
        return x[(None,) * lead + (...,)]
    y = xp.broadcast_to(x, shape)
    if xp is np:  # whether numbers come up twice is looked at where they are written to
        y.setflags(write=x.flags.writeable)
    return y


@op("'the sum of x over the dimensions along which the result would be repeated'", wide=True)
def sum_to(xp: Any, x: Array, *, shape: tuple[int, ...], out: Array | None = None) -> Array:
    """y = x summed over the dimensions along which ``shape`` would be expanded"""
    lead, inner = _expanded(x.shape, shape)
    if lead and not inner:
        return sum_rows(xp, x, lead, out)
    if not inner:
        return stored(xp, xp.array(x), out)
    total = summed(xp, x, (*range(lead), *inner))
    return stored(xp, xp.reshape(total, shape), out)


def _expanded(whole: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """How many dimensions ``whole`` has before those of ``shape``, and which of the others are
    expanded from 1."""
    lead = len(whole) - len(shape)
    return lead, tuple(i for i, n in enumerate(shape, lead) if n == 1 and whole[i] != 1)


@native(sum_to, LEAST)
def _(x: Array, *, shape: tuple[int, ...], out: Array | None) -> Call | None:
    lead, inner = _expanded(x.shape, shape)
    facts = around(x, (*range(lead), *inner))
    if facts is None:
        return None
    y = np.empty(shape, x.dtype) if out is None else out
    return Call("sum", [y, x], facts)


def sum_rows(xp: Any, x: Array, lead: int, out: Array | None = None) -> Array:
    """Σ x over the first ``lead`` dimensions, for floating types.

    NumPy's own sum walks narrow rows number by number; a product with a row of ones takes an
    eighth of the time. The BLAS adds rows one after the other, so there are not too many at a time.
    """
    count = math.prod(x.shape[:lead])
    if xp is np and x.dtype.char in "fd" and 1 < count < x.size:
        if count > MANY and x.flags.c_contiguous:
            whole = count // MANY * MANY
            flat = x.reshape(count, -1)
            parts = np.matmul(row(1, MANY, x.dtype), flat[:whole].reshape(-1, MANY, flat.shape[1]))
            y = sum_rows(np, parts, 1)
            if whole < count:
                np.add(y, np.dot(row(1, count - whole, x.dtype), flat[whole:]), out=y)
            return stored(np, y.reshape(x.shape[lead:]), out)
        if x.ndim == 2 and (x.flags.c_contiguous or x.flags.f_contiguous):
            dense = out is None or out.flags.c_contiguous
            y = np.dot(row(1, count, x.dtype), x, out=out if dense else None)
            return y if dense else stored(np, y, out)
        if x.flags.c_contiguous:
            y = np.dot(row(1, count, x.dtype), x.reshape(count, -1))
            return stored(np, y.reshape(x.shape[lead:]), out)
    return summed(xp, x, tuple(range(lead)), out=out)


expand.derivatives(x=lambda g, x_shape: sum_to(g, shape=x_shape))
expand.mathematics(x="'the sum of G over what was repeated'")
sum_to.derivatives(x=lambda g, x_shape: g.expand(x_shape))
sum_to.mathematics(x="'G repeated'")


@op("'the tensors one after the other'", promote="common")
def cat(xp: Any, *tensors: Array, dim: int) -> Array:
    """y = the tensors one after the other along ``dim``"""
    return xp.concatenate(tensors, axis=dim)


def _own_part(g: Any, i: int, tensors_shapes: Any, dim: int) -> Any:
    start = sum(shape[dim] for shape in tensors_shapes[:i])
    return g.narrow(dim, start, tensors_shapes[i][dim])


cat.derivatives(tensors=_own_part)
cat.mathematics(tensors="'the part of G that the tensor takes in the result'")


@op("out[i] = x[n - 1 - i]")
def flip(xp: Any, x: Array, *, dims: tuple[int, ...]) -> Array:
    """y[.., i, ..] = x[.., n-1-i, ..] along ``dims``"""
    return xp.array(xp.flip(x, dims), order="C")


flip.derivatives(x=lambda g, dims: flip(g, dims=dims))
flip.mathematics(x="x[i] = g[n - 1 - i]")


@op("'x moved on along dims, and around the end'")
def roll(xp: Any, x: Array, *, shifts: tuple[int, ...], dims: tuple[int, ...] | None) -> Array:
    """y[.., (i + shift) mod n, ..] = x[.., i, ..] along ``dims``; None: in the flattened tensor"""
    return xp.roll(x, shifts if dims is not None else shifts[0], dims)


roll.derivatives(
    x=lambda g, shifts, dims: roll(g, shifts=tuple(-shift for shift in shifts), dims=dims)
)
roll.mathematics(x="'G moved back'")
