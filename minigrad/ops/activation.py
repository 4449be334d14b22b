"""Activations that have a rule of their own; the others are sentences over these."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.rows import LONGEST, row


@op(elementwise=True)
def gate(xp: Any, g: Array, x: Array, *, slope: float, out: Array | None = None) -> Array:
    """z = g where x > 0, else slope · g"""
    if slope == 0:  # a product with the mask takes half the time of a choice
        return xp.multiply(g, x > 0, out=out)
    return xp.multiply(g, xp.where(x > 0, g.dtype.type(1), g.dtype.type(slope)), out=out)


gate.derivatives(g=lambda g, x, slope: gate(g, x, slope=slope))


@op(elementwise=True)
def relu(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = max(x, 0)"""
    if xp is not np or x.size < 1024 or x.dtype.char not in "fd" or not _dense(x, out):
        return xp.maximum(x, 0, out=out)
    # Of a number and an array NumPy takes five times as long as of two arrays.
    out = np.empty_like(x) if out is None else out
    a, y = x.ravel("K"), out.ravel("K")
    zeros = row(0, min(a.size, LONGEST), x.dtype)
    for i in range(0, a.size, LONGEST):
        part = a[i : i + LONGEST]
        np.maximum(part, zeros[: part.size], out=y[i : i + LONGEST])
    return out


def _dense(x: Array, out: Array | None) -> bool:
    """Whether both are one run of memory in the same order."""
    order = "C" if x.flags.c_contiguous else "F"
    return all(a.flags[f"{order}_CONTIGUOUS"] for a in (x, x if out is None else out))


# Rules that read the result and not x let the result take the place of x (inplace=True).
relu.derivatives(x=lambda g, out: gate(g, out, slope=0.0))


@op(elementwise=True)
def leaky_relu(xp: Any, x: Array, *, slope: float, out: Array | None = None) -> Array:
    """y = x where x > 0, else slope · x; slope > 0, so that y has the sign of x"""
    extreme = xp.maximum if slope <= 1 else xp.minimum
    return extreme(x, x * slope, out=out)


leaky_relu.derivatives(x=lambda g, out, slope: gate(g, out, slope=slope))


@op
def elu(xp: Any, x: Array, *, alpha: float, scale: float, rate: float) -> Array:
    """y = scale · x where x > 0, else scale · α (exp(rate · x) - 1); α · rate ≥ 0, so that y has
    the sign of x. ELU, CELU and SELU are choices of the three numbers."""
    bent = xp.expm1(xp.minimum(x, 0) * rate) * (scale * alpha)
    return xp.maximum(x, 0) * scale + bent  # one of the two is 0: faster than a choice


elu.derivatives(
    x=lambda g, out, alpha, scale, rate: g * ((out + scale * alpha) * rate).where(out <= 0, scale)
)


@op
def softplus(xp: Any, x: Array, *, beta: float, threshold: float) -> Array:
    """y = log(1 + exp(β x)) / β, which is x itself (to rounding) where β x > threshold"""
    steep = x * beta
    return xp.where(steep > threshold, x, _log_1p_exp(xp, steep) / beta)


def _log_1p_exp(xp: Any, x: Array) -> Array:
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), a quarter of the time of logaddexp."""
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x)))


softplus.derivatives(
    x=lambda g, x, beta, threshold: g * (x * beta).sigmoid().where(x * beta <= threshold, 1)
)


@op
def logsigmoid(xp: Any, x: Array) -> Array:
    """y = log(1 / (1 + exp(-x)))"""
    return -_log_1p_exp(xp, -x)


logsigmoid.derivatives(x=lambda g, x: g * (-x).sigmoid())
