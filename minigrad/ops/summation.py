"""Sums whose error does not grow with their length.

NumPy adds pairwise along a row of memory, but whole rows one after the other: a column of a million
float32 numbers loses three digits, and a mean that is wrong by so much ruins a variance. So such
sums are taken in blocks, and the sums of the blocks in turn: as a view, which costs nothing.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.ops.axes import LEAST

BLOCK = 64
"""So many rows are added one after the other."""


def summed(
    xp: Any, x: Array, axis: tuple[int, ...], keepdim: bool = False, out: Array | None = None
) -> Array:
    """Σ x over ``axis``, for floating types"""
    if x.size >= LEAST and xp is np and (i := _long(x, axis)) is not None:
        y = _in_blocks(x, axis, i)  # its dimensions kept
        y = y if keepdim else np.squeeze(y, axis)
        if out is None:
            return y
        np.copyto(out, y)
        return out
    return xp.sum(x, axis=axis, dtype=x.dtype, keepdims=keepdim, out=out)


def _long(x: Array, axis: tuple[int, ...]) -> int | None:
    """The longest axis along which rows would be added one after the other, if they are many."""
    if not axis or math.prod(x.shape[i] for i in axis) <= 2 * BLOCK:
        return None
    long = None
    along = True  # in the innermost run of memory so far
    for i in sorted(range(x.ndim), key=lambda i: abs(x.strides[i])):
        n = x.shape[i]
        if i not in axis:
            along = along and n == 1
        elif not along and n > 2 * BLOCK and (long is None or n > x.shape[long]):
            long = i
    return long


def _in_blocks(x: Array, axis: tuple[int, ...], i: int | None) -> Array:
    """The sum with its dimensions kept, the i-th, one of ``axis``, in blocks."""
    if i is None:
        return np.sum(x, axis=axis, dtype=x.dtype, keepdims=True)
    lead, n = (slice(None),) * i, x.shape[i]
    whole = n // BLOCK * BLOCK
    parts = x[(*lead, slice(whole))]
    parts = parts.reshape(*x.shape[:i], n // BLOCK, BLOCK, *x.shape[i + 1 :])  # always a view
    inner = tuple(k if k < i else k + 1 for k in axis)
    y = np.sum(parts, axis=inner, dtype=x.dtype, keepdims=True).squeeze(i + 1)
    y = _in_blocks(y, (i,), _long(y, (i,)))
    if whole < n:
        rest = np.sum(x[(*lead, slice(whole, None))], axis=axis, dtype=x.dtype, keepdims=True)
        np.add(y, rest, out=y)
    return y
