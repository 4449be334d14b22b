"""What parameter updates are made of: sums that would else be several passes over memory each.

They are ops like others (one result, with rules), written into the state or the parameter by
``into=``. A parameter has many numbers, so a forward makes as few temporary arrays as it can, and
goes through a large one piece by piece: temporary arrays then stay in the cache.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.op import Forward, op

PIECE = 1 << 17
"""Numbers of a piece."""


def piecewise(forward: Forward) -> Forward:
    """The forward of an elementwise op, which on the CPU fills a large destination in pieces."""

    @wraps(forward)
    def compute(xp: Any, *operands: Any, out: Array | None = None, **params: Any) -> Array:
        if xp is not np or out is None or out.size <= PIECE or not _alike(operands, out):
            return forward(xp, *operands, out=out, **params)
        flat = [x.reshape(-1) if np.ndim(x) else x for x in operands]
        goal = out.reshape(-1)
        for i in range(0, goal.size, PIECE):
            part = goal[i : i + PIECE]
            pieces = (
                part if x is out else y[i : i + PIECE] if np.ndim(y) else y
                for x, y in zip(operands, flat, strict=True)
            )
            forward(xp, *pieces, out=part, **params)
        return out

    return compute


def _alike(operands: tuple[Any, ...], out: Array) -> bool:
    """Whether all are one run of memory in the order of the destination, or single numbers, and no
    piece is written before another one is read from it."""
    return out.flags.c_contiguous and all(
        x is out
        or not isinstance(x, np.ndarray)
        or (
            (x.ndim == 0 or (x.shape == out.shape and x.flags.c_contiguous))
            and not np.may_share_memory(x, out)
        )
        for x in operands
    )


def _scaled(xp: Any, x: Array, factor: float, out: Array | None, other: Array) -> Array:
    """factor · x, over x itself where that is the destination and nobody needs x any more."""
    if factor == 1:
        return x
    mine = out is x and not xp.may_share_memory(x, other)
    return xp.multiply(x, factor, out=x if mine else None)


def _over(part: Array, other: Array | float) -> Array | None:
    """The memory of a temporary array for its sum with another; None where that does not fit, or
    where NumPy has made a scalar of a 0-d array."""
    fits = getattr(other, "shape", ()) in ((), part.shape)
    return part if part.ndim and fits else None


@op("a * x + b * y", promote="common", elementwise=True)
@piecewise
def mix(xp: Any, x: Array, y: Array, *, a: float, b: float, out: Array | None = None) -> Array:
    """z = a x + b y"""
    part = y if b == 1 else xp.multiply(y, b)
    return xp.add(_scaled(xp, x, a, out, y), part, out=out)


mix.derivatives(
    x=lambda g, a: g * a,
    y=lambda g, b: g * b,
)


@op("a * x + b * (y * y)", promote="common", elementwise=True)
@piecewise
def mix_square(
    xp: Any, x: Array, y: Array, *, a: float, b: float, out: Array | None = None
) -> Array:
    """z = a x + b y²"""
    part = xp.multiply(y, y)
    if b != 1:
        part = xp.multiply(part, b, out=_over(part, b))
    return xp.add(_scaled(xp, x, a, out, y), part, out=out)


mix_square.derivatives(
    x=lambda g, a: g * a,
    y=lambda g, y, b: g * y * (2 * b),
)


@op("x - y * rate", promote="common", elementwise=True)
@piecewise
def descend(xp: Any, x: Array, y: Array, rate: Array, *, out: Array | None = None) -> Array:
    """z = x - rate · y"""
    return xp.subtract(x, xp.multiply(y, rate), out=out)


descend.derivatives(
    x=lambda g: g,
    y=lambda g, rate: -(g * rate),
    rate=lambda g, y: -(g * y),
)


@op("x - y / (sqrt(v) + eps) * rate", promote="common", elementwise=True)
@piecewise
def descend_scaled(
    xp: Any, x: Array, y: Array, v: Array, rate: Array, eps: Array, *, out: Array | None = None
) -> Array:
    """z = x - rate · y / (√v + ε)"""
    part = xp.sqrt(v)
    part = xp.add(part, eps, out=_over(part, eps))
    part = xp.divide(y, part, out=_over(part, y))
    part = xp.multiply(part, rate, out=_over(part, rate))
    return xp.subtract(x, part, out=out)


descend_scaled.derivatives(
    x=lambda g: g,
    y=lambda g, v, rate, eps: -(g * rate) / (v.sqrt() + eps),
    v=lambda g, y, v, rate, eps: g * rate * y / ((v.sqrt() + eps) ** 2 * v.sqrt() * 2),
    rate=lambda g, y, v, eps: -(g * y) / (v.sqrt() + eps),
    eps=lambda g, y, v, rate, eps: g * rate * y / (v.sqrt() + eps) ** 2,
)
