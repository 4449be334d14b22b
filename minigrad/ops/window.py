"""Views that read the same memory at other steps: windows, and any strides."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.device import Array, place
from minigrad.op import op
from minigrad.ops.indexing import HOLE, put_add

Sizes = tuple[int, ...]


def overlaps(shape: Sizes, strides: Sizes) -> bool:
    """Whether two elements of such a view may share a place."""
    if 0 in shape:
        return False
    reach = 0
    for step, n in sorted((abs(step), n) for step, n in zip(strides, shape, strict=True) if n > 1):
        if step <= reach:
            return True
        reach += step * (n - 1)
    return False


@op("'x[i step + k] at (i, k): the windows of that size along a dimension'", view=True)
def windows(xp: Any, x: Array, *, dim: int, size: int, step: int) -> Array:
    """y[.., i, .., k] = x[.., i · step + k, ..]: all windows of that size along ``dim``, a view
    with the place within the window as its last dimension"""
    count = (x.shape[dim] - size) // step + 1
    shape = (*x.shape[:dim], count, *x.shape[dim + 1 :], size)
    stride = x.strides[dim]
    return xp.lib.stride_tricks.as_strided(
        x, shape, (*x.strides[:dim], stride * step, *x.strides[dim + 1 :], stride)
    )


@op("'the sum of y at all (i, k) with i step + k = j'", wide=True)
def unwindows(xp: Any, y: Array, *, shape: Sizes, dim: int, step: int) -> Array:
    """x = zeros of that shape; x[.., i · step + k, ..] += y[.., i, .., k]"""
    x = xp.zeros(shape, y.dtype)
    along = xp.moveaxis(x, dim, 0)
    parts = xp.moveaxis(y, (dim, -1), (0, 1))
    count, size = parts.shape[:2]
    for k in range(size):  # within one k no place repeats
        along[k : k + count * step : step] += parts[:, k]
    return x


windows.derivatives(x=lambda g, x_shape, dim, step: unwindows(g, shape=x_shape, dim=dim, step=step))
windows.mathematics(x="'the sum of G at all (i, k) with i step + k = j'")
unwindows.derivatives(
    y=lambda g, y_shape, dim, step: windows(g, dim=dim, size=y_shape[-1], step=step)
)
unwindows.mathematics(y="'the windows of G'")


@op("'the numbers of x in memory, from the offset on, at these steps'", view=True)
def as_strided(xp: Any, x: Array, *, size: Sizes, stride: Sizes, offset: int) -> Array:
    """y[i] = flat x[offset + Σ i · stride], a view of a contiguous x"""
    flat = xp.ascontiguousarray(x).reshape(-1)[offset:]
    return xp.lib.stride_tricks.as_strided(flat, size, tuple(step * x.itemsize for step in stride))


def _unstrided(g: Any, x_shape: Sizes, size: Sizes, stride: Sizes, offset: int) -> Any:
    places = np.full((1,) * len(size), offset, np.int64)
    for i, (n, step) in enumerate(zip(size, stride, strict=True)):
        places = places + np.reshape(np.arange(n) * step, (-1,) + (1,) * (len(size) - 1 - i))
    where = as_strided.fresh(place(np.reshape(places, size), g.device))
    count = int(np.prod(x_shape, dtype=np.int64))
    return put_add(g, where, shape=(count,), key=(HOLE,)).reshape(x_shape)


as_strided.derivatives(x=_unstrided)
as_strided.mathematics(x="'zeros to which G is added at these places'")
