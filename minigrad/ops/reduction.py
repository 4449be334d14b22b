"""Many numbers become one. ``axis`` is always a tuple of dimensions counted from the front."""

from __future__ import annotations

from typing import Any

from minigrad.device import Array
from minigrad.op import op

Axis = tuple[int, ...]


@op
def sum(
    xp: Any, x: Array, *, axis: Axis, keepdim: bool = False, out: Array | None = None
) -> Array:
    """y = Σ x over ``axis``; integers and truth values are summed in int64"""
    dtype = x.dtype if x.dtype.kind == "f" else xp.int64
    return xp.sum(x, axis=axis, dtype=dtype, keepdims=keepdim, out=out)


def spread(g: Any, shape: tuple[int, ...], axis: Axis, keepdim: bool) -> Any:
    """A cotangent of a reduction, repeated along the dimensions that were reduced."""
    if not keepdim:
        g = g.reshape([1 if i in axis else n for i, n in enumerate(shape)])
    return g.expand(shape)


sum.derivatives(x=lambda g, x_shape, axis, keepdim: spread(g, x_shape, axis, keepdim))
