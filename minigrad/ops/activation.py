"""Activations that have a rule of their own; the others are sentences over these."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.comparison import where
from minigrad.ops.elementary import sigmoid
from minigrad.ops.polynomial import polynomial, precisely
from minigrad.ops.rows import LONGEST, row


@op(
    "g if x > 0 else slope * g",
    elementwise=True,
    scalar="g * (0 if x <= 0 else 1) if slope == 0 else g * (1 if x > 0 else slope)",
)
def gate(xp: Any, g: Array, x: Array, *, slope: float, out: Array | None = None) -> Array:
    """z = g where x > 0, else slope · g; slope 0 passes g where x is NaN, as PyTorch's relu does"""
    if slope == 0:  # a product with the mask takes half the time of a choice
        low = xp.less_equal(x, 0)
        return xp.multiply(g, xp.logical_not(low), out=out)
    return xp.multiply(g, xp.where(x > 0, g.dtype.type(1), g.dtype.type(slope)), out=out)


gate.derivatives(g=lambda g, x, slope: gate(g, x, slope=slope))


@op("max(x, 0)", elementwise=True)
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
relu.mathematics(x="g if x > 0 else 0")


@op("x if x > 0 else slope * x", elementwise=True)
def leaky_relu(xp: Any, x: Array, *, slope: float, out: Array | None = None) -> Array:
    """y = x where x > 0, else slope · x; slope > 0, so that y has the sign of x"""
    extreme = xp.maximum if slope <= 1 else xp.minimum
    return extreme(x, x * slope, out=out)


leaky_relu.derivatives(x=lambda g, out, slope: gate(g, out, slope=slope))
leaky_relu.mathematics(x="g if x > 0 else slope * g")


@op("min(max(x, low), high)", elementwise=True)
def hardtanh(xp: Any, x: Array, *, low: float, high: float, out: Array | None = None) -> Array:
    """y = min(max(x, low), high)"""
    return xp.clip(x, low, high, out=out)


# Unlike that of clamp, the cotangent passes where x is NaN, as in PyTorch.
hardtanh.derivatives(x=lambda g, x, low, high: where((x <= low) | (x >= high), 0, g))


@op(
    "scale * x if x > 0 else scale * alpha * (exp(rate * x) - 1)",
    scalar="scale * alpha * expm1(rate * x) if x < 0 else scale * x",
)
@precisely("float32")
def elu(xp: Any, x: Array, *, alpha: float, scale: float, rate: float) -> Array:
    """y = scale · x where x > 0, else scale · α (exp(rate · x) - 1). ELU, CELU and SELU are choices
    of the three numbers."""
    bent = xp.expm1(xp.minimum(x, 0) * rate) * (scale * alpha)
    return xp.where(x < 0, bent, x * x.dtype.type(scale))


@op(
    "(scale if n == 1 else 0) if x > 0 else scale * alpha * rate ** n * exp(rate * x)",
    scalar=(
        "scale * alpha * rate ** n * exp(rate * x) if (x <= 0 if n == 1 else x < 0) else "
        "(scale if n == 1 else 0)"
    ),
)
@precisely("float32")
def elu_slope(xp: Any, x: Array, *, alpha: float, scale: float, rate: float, n: int) -> Array:
    """y = the n-th derivative of `elu`; at 0 the first is that of the left side, the others 0"""
    bent = xp.exp(xp.minimum(x, 0) * rate) * (scale * alpha * rate**n)
    if n == 1:
        return xp.where(x <= 0, bent, x.dtype.type(scale))
    return xp.where(x < 0, bent, x.dtype.type(0))


elu.derivatives(x=lambda g, x, **shape: g * elu_slope(x, n=1, **shape))
elu_slope.derivatives(
    x=lambda g, x, alpha, scale, rate, n: (
        g * elu_slope(x, alpha=alpha, scale=scale, rate=rate, n=n + 1)
    )
)
elu.mathematics(x="scale * g if x > 0 else scale * alpha * rate * exp(rate * x) * g")
elu_slope.mathematics(x="0 if x > 0 else scale * alpha * rate ** (n + 1) * exp(rate * x) * g")


@op(
    "x if beta * x > threshold else log(1 + exp(beta * x)) / beta",
    scalar="u = x * beta; x if u > threshold else (max(u, 0) + log1p(exp(-abs(u)))) / beta",
)
@precisely("float32")
def softplus(xp: Any, x: Array, *, beta: float, threshold: float) -> Array:
    """y = log(1 + exp(β x)) / β, which is x itself (to rounding) where β x > threshold"""
    steep = x * beta
    return xp.where(steep > threshold, x, _log_1p_exp(xp, steep) / beta)


def _log_1p_exp(xp: Any, x: Array) -> Array:
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), a quarter of the time of logaddexp."""
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x)))


softplus.derivatives(
    x=lambda g, x, beta, threshold: g * where(x * beta > threshold, 1, (x * beta).sigmoid())
)


@op("log(1 / (1 + exp(-x)))", scalar="min(x, 0) - log1p(exp(-abs(x)))")
@precisely("float32")
def logsigmoid(xp: Any, x: Array) -> Array:
    """y = log(1 / (1 + exp(-x)))"""
    return xp.minimum(x, 0) - xp.log1p(xp.exp(-xp.abs(x)))


logsigmoid.derivatives(x=lambda g, x: g * (-x).sigmoid())


@op(promote="float", scalar="x / (1 + abs(x))")
@precisely("float32")
def softsign(xp: Any, x: Array) -> Array:
    """y = x / (1 + |x|)"""
    return x / (xp.absolute(x) + 1)


# 1 / (1 + |x|) - |x| / (1 + |x|)² would cancel for large x.
softsign.derivatives(x=lambda g, x: g / (x.abs() + 1) / (x.abs() + 1))


@op(scalar="x * sigmoid(x)")
@precisely("float32")
def silu(xp: Any, x: Array) -> Array:
    """y = x σ(x)"""
    return x * sigmoid.forward(xp, x)


# The paper's approximation of Φ(x) is (1 + tanh u) / 2 = σ(2 u), with 2 u = x (a + b x²); where x
# is negative, 1 + tanh u would cancel. Beyond ±100 it is 0 or 1, and x³ might overflow.
GELU = (2 * math.sqrt(2 / math.pi), 2 * math.sqrt(2 / math.pi) * 0.044715)


@op(
    "u = 2 * sqrt(2 / pi) * (x + 0.044715 * x ** 3); x * sigmoid(u)",
    scalar=f"u = min(max(x, -100), 100); x * sigmoid(u * (u * u * {GELU[1]} + {GELU[0]}))",
)
@precisely("float32")
def gelu_tanh(xp: Any, x: Array) -> Array:
    """y = x σ(x (a + b x²)), with a = 2 √(2/π) and b = 0.044715 a"""
    near = xp.clip(x, -100, 100)
    return x * sigmoid.forward(xp, near * (near * near * GELU[1] + GELU[0]))


def _gelu_tanh_x(g: Any, x: Any) -> Any:
    """σ(u) (1 + x σ(-u) u'): 1 - σ(u) would cancel for large x."""
    near = x.clamp(-100, 100)
    square = near * near
    a, b = GELU
    bent = near * (square * b + a)
    return g * (bent.sigmoid() * (near * (-bent).sigmoid() * (square * (3 * b) + a) + 1))


gelu_tanh.derivatives(x=_gelu_tanh_x)
gelu_tanh.mathematics(
    x=(
        "a = 2 * sqrt(2 / pi); s = sigmoid(a * (x + 0.044715 * x ** 3)); "
        "g * (s + a * x * s * (1 - s) * (1 + 3 * 0.044715 * x ** 2))"
    )
)


def _silu_x(g: Any, x: Any) -> Any:
    """σ(x) (1 + x σ(-x)): 1 - σ(x) would cancel for large x."""
    return g * (x.sigmoid() * (x * (-x).sigmoid() + 1))


silu.derivatives(x=_silu_x)


def _series(terms: int) -> list[float]:
    """The c of tanh x = Σ cₖ x²ᵏ⁺¹: (2k + 3) cₖ₊₁ = -Σ cᵢ cₖ₋ᵢ over i ≤ k, as tanh' = 1 - tanh²."""
    c = [1.0]
    for k in range(terms - 1):
        c.append(-sum(c[i] * c[k - i] for i in range(k + 1)) / (2 * k + 3))
    return c


_SHRUNK = [-c for c in _series(30)[:0:-1]]


@op("x - tanh(x)", promote="float")
@precisely("float32")
def tanhshrink(xp: Any, x: Array) -> Array:
    """y = x - tanh x, for small x by the power series"""
    square = xp.minimum(x * x, 0.64)
    near = x * (square * polynomial(xp, square, _SHRUNK))
    return xp.where(xp.absolute(x) < 0.8, near, x - xp.tanh(x))


tanhshrink.derivatives(x=lambda g, x: g * x.tanh().square())
