"""Standardising: mean 0 and variance 1 over some dimensions.

Mean m, variance and r = 1 / deviation come in as operands, since batch normalisation counts them
too. They depend on x, and the rule for x takes that into account: what comes out is the total
derivative, so m and r have no rule of their own.
"""

from __future__ import annotations

import math
from typing import Any

from minigrad.device import Array
from minigrad.op import op

Axes = tuple[int, ...]


@op
def variance(xp: Any, x: Array, m: Array, *, axes: Axes) -> Array:
    """v = mean of (x - m)², where m is the mean of x; the second of two passes, so that nothing
    cancels. Dimensions stay, with length 1."""
    deviation = xp.subtract(x, m)
    xp.multiply(deviation, deviation, out=deviation)
    return xp.mean(deviation, axis=axes, dtype=x.dtype, keepdims=True)


variance.derivatives(x=lambda g, x, m, axes: (x - m) * (g * (2 / _count(x.shape, axes))))


@op
def standardize(xp: Any, x: Array, m: Array, r: Array, *, axes: Axes) -> Array:
    """y = (x - m) · r, where m is the mean of x over ``axes`` and r its inverse deviation"""
    y = xp.subtract(x, m)
    xp.multiply(y, r, out=y)
    return y


@op
def destandardize(xp: Any, z: Array, y: Array, r: Array, *, axes: Axes) -> Array:
    """h = r · (z - mean z - y · mean(z · y)): z without what standardising takes away"""
    h = xp.multiply(z, y)
    along = xp.mean(h, axis=axes, dtype=z.dtype, keepdims=True)
    xp.multiply(y, along, out=h)
    xp.subtract(z, h, out=h)
    h -= xp.mean(z, axis=axes, dtype=z.dtype, keepdims=True)
    h *= r
    return h


def _from_y(g: Any, z: Any, y: Any, r: Any, axes: Axes) -> Any:
    return -r * (g * (z * y).mean(axes, True) + z * (g * y).mean(axes, True))


standardize.derivatives(x=lambda g, out, r, axes: destandardize(g, out, r, axes=axes))
destandardize.derivatives(
    z=lambda g, y, r, axes: destandardize(g, y, r, axes=axes),
    y=_from_y,
    r=lambda g, out, r: g * out / r,
)


def _count(shape: tuple[int, ...], axes: Axes) -> int:
    return math.prod(shape[i] for i in axes)
