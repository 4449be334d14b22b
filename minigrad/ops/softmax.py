"""Exponentials that sum to one, and their logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.native.hook import native
from minigrad.native.library import Call
from minigrad.op import op


def floor_of(dtype: Any) -> float:
    """The least probability that derivatives tell from zero: 4e-29 in float32.

    It lies above the smallest number of the type, so that its reciprocal, times any cotangent of
    sane size, is finite.
    """
    tiny = float(np.finfo(dtype).tiny)
    return math.exp(0.75 * math.log(tiny))


@op("out[i] = exp(x[i]) / sum[j](exp(x[j]))", wide=True)
def softmax(xp: Any, x: Array, *, dim: int, out: Array | None = None) -> Array:
    """p = exp(x) / Σ exp(x) over ``dim``, with the maximum taken off first"""
    out = xp.subtract(x, xp.max(x, axis=dim, keepdims=True), out=out)
    xp.exp(out, out=out)
    return xp.divide(out, xp.sum(out, axis=dim, keepdims=True), out=out)


@op("out[i] = p[i] * (c[i] - sum[j](c[j] * p[j]))", wide=True)
def softmax_back(xp: Any, c: Array, p: Array, *, dim: int) -> Array:
    """z = p (c - Σ c p) over ``dim``: the derivative of `softmax`.

    A probability that underflowed counts as `floor_of`: together with `bounded_log`, whose
    derivative is 1 / max(p, floor), the product is then 1 and not 0 · ∞, and the gradient of
    -log p through softmax is p - y for logits of any size.
    """
    p = xp.maximum(p, floor_of(p.dtype))
    z = c - xp.sum(c * p, axis=dim, keepdims=True)
    return xp.multiply(z, p, out=z)


def _softmax_back_p(g: Any, c: Any, p: Any, dim: int) -> Any:
    floor = floor_of(p.dtype)
    q = p.clamp_min(floor)
    inner, outer = (c * q).sum(dim, keepdim=True), (g * q).sum(dim, keepdim=True)
    return (g * (c - inner) - c * outer).where(p > floor, 0)


softmax.derivatives(x=lambda g, out, dim: softmax_back(g, out, dim=dim))
softmax.mathematics(x="x[i] = out[i] * (g[i] - sum[j](g[j] * out[j]))")
softmax_back.derivatives(
    c=lambda g, p, dim: softmax_back(g, p, dim=dim),
    p=_softmax_back_p,
)
softmax_back.mathematics(
    c="c[i] = p[i] * (g[i] - sum[j](g[j] * p[j]))",
    p=(
        "m = sum[j](c[j] * p[j]); "
        "p[i] = g[i] * (c[i] - m) - c[i] * sum[j](g[j] * p[j]) if p[i] > tiny ** 0.75 else 0"
    ),
)


@op("out[i] = x[i] - log(sum[j](exp(x[j])))", wide=True)
def log_softmax(xp: Any, x: Array, *, dim: int, out: Array | None = None) -> Array:
    """y = x - log Σ exp(x) over ``dim``, with the maximum taken off first"""
    out = xp.subtract(x, xp.max(x, axis=dim, keepdims=True), out=out)
    return xp.subtract(out, xp.log(xp.sum(xp.exp(out), axis=dim, keepdims=True)), out=out)


log_softmax.derivatives(x=lambda g, out, dim: g - out.exp() * g.sum(dim, keepdim=True))
log_softmax.mathematics(x="x[i] = g[i] - exp(out[i]) * sum[j](g[j])")


@native(softmax)
def _(x: Array, *, dim: int, out: Array | None) -> Call | None:
    return _over_rows("softmax", [x], dim, out)


@native(softmax_back)
def _(c: Array, p: Array, *, dim: int, out: Array | None) -> Call | None:
    return _over_rows("softmax_back", [c, p], dim, out, [floor_of(p.dtype)])


@native(log_softmax)
def _(x: Array, *, dim: int, out: Array | None) -> Call | None:
    return _over_rows("log_softmax", [x], dim, out)


def _over_rows(
    name: str, arrays: list[Array], dim: int, out: Array | None, reals: Sequence[float] = ()
) -> Call | None:
    x = arrays[0]
    if not x.size or any(a.dtype.char not in "fd" or a.dtype != x.dtype for a in arrays):
        return None
    if any(a.shape != x.shape for a in arrays):
        return None
    dim %= max(x.ndim, 1)
    sizes = (math.prod(x.shape[:dim]), x.size // math.prod(x.shape[:dim] + x.shape[dim + 1 :]))
    y = np.empty(x.shape, x.dtype) if out is None else out
    return Call(name, [y, *arrays], [*sizes, math.prod(x.shape[dim + 1 :])], reals)


@op("log(max(p, tiny ** 0.75))", elementwise=True, scalar="log(max(p, exp(0.75 * log(tiny))))")
def bounded_log(xp: Any, p: Array, *, out: Array | None = None) -> Array:
    """y = log max(p, floor): the logarithm of a probability, finite also where it underflowed"""
    return xp.log(xp.maximum(p, floor_of(p.dtype), out=out), out=out)


bounded_log.derivatives(p=lambda g, p: g / p.clamp_min(floor_of(p.dtype)))
bounded_log.mathematics(p="g / max(p, tiny ** 0.75)")
