"""Running sums, products, maxima: y[k] depends on x[0], .., x[k] along one dimension."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.native.hook import native
from minigrad.native.library import Call
from minigrad.op import op
from minigrad.ops.axes import LEAST
from minigrad.ops.padding import moved


def _part(x: Any, axis: int, part: Any) -> Any:
    """x[.., part, ..] with the part at ``axis``."""
    return x[(np.s_[:],) * axis + (part,)]


@op("out[k] = sum[i >= k](x[i]) if backwards else sum[i <= k](x[i])", wide=True)
def cumsum(xp: Any, x: Array, *, axis: int, backwards: bool = False) -> Array:
    """y[k] = Σ x[i] over i <= k (i >= k ``backwards``); integers and truth values are summed in
    int64"""
    dtype = _wide(x.dtype)
    if backwards:
        y = xp.flip(xp.cumsum(xp.flip(x, axis), axis=axis, dtype=dtype), axis)
    else:
        y = xp.cumsum(x, axis=axis, dtype=dtype)
    return y.astype(x.dtype) if x.dtype.kind == "f" and y.dtype != x.dtype else y


def _wide(dtype: Any) -> Any:
    """The type to go on from number to number in: float64, as in PyTorch, since in float32 the
    error of the last of many grows with their number."""
    return np.dtype(np.float64 if dtype.kind == "f" else np.int64)


@native(cumsum, LEAST)
def _(x: Array, *, axis: int, backwards: bool = False, out: Array | None) -> Call | None:
    if x.dtype.char not in "fd" or not x.size or not x.ndim:
        return None
    y = np.empty(x.shape, x.dtype) if out is None else out
    outer, inner = math.prod(x.shape[:axis]), math.prod(x.shape[axis + 1 :])
    return Call("cumsum", [y, x], [outer, x.shape[axis], inner, backwards])


cumsum.derivatives(
    x=lambda g, axis, backwards: cumsum(g, axis=axis, backwards=not backwards),
)
cumsum.mathematics(x="x[i] = sum[k <= i](g[k]) if backwards else sum[k >= i](g[k])")


@op("out[k] = b[k] + a[k] * out[k - 1]", wide=True)
def recurrence(xp: Any, a: Array, b: Array, *, axis: int) -> Array:
    """y[k] = b[k] + a[k] · y[k-1], with y[-1] = 0"""
    y = xp.array(b, copy=True, order="C")
    for k in range(1, y.shape[axis]):
        now, before = np.s_[k : k + 1], np.s_[k - 1 : k]
        _part(y, axis, now)[...] += _part(a, axis, now) * _part(y, axis, before)
    return y


def _back(g: Any, a: Any, axis: int) -> Any:
    """The cotangent of b: s[k] = g[k] + a[k+1] · s[k+1]."""
    return recurrence(moved(a.flip(axis), axis, 0.0), g.flip(axis), axis=axis).flip(axis)


recurrence.derivatives(
    a=lambda g, a, out, axis: _back(g, a, axis) * moved(out, axis, 0.0),
    b=_back,
)
recurrence.mathematics(
    a="a[k] = out[k - 1] * sum[j >= k](g[j] * prod[i > k, i <= j](a[i]))",
    b="b[k] = sum[j >= k](g[j] * prod[i > k, i <= j](a[i]))",
)


@op("out[k] = prod[i <= k](x[i])", wide=True)
def cumprod(xp: Any, x: Array, *, axis: int) -> Array:
    """y[k] = Π x[i] over i <= k; integers and truth values are multiplied in int64"""
    y = xp.cumprod(x, axis=axis, dtype=_wide(x.dtype))
    return y.astype(x.dtype) if x.dtype.kind == "f" and y.dtype != x.dtype else y


# ∂L/∂x[k] = Σ G[j] Π x[i] over i <= j without k = y[k-1] (G[k] + x[k+1] (G[k+1] + x[k+2] ..)):
# nothing is divided, so zeros are no exception.
cumprod.derivatives(x=lambda g, x, out, axis: moved(out, axis, 1.0) * _back(g, x, axis))
cumprod.mathematics(x="x[i] = sum[k >= i](g[k] * prod[j <= k, j != i](x[j]))")


@op("out[k] = log(sum[i <= k](exp(x[i])))", promote="float", wide=True)
def logcumsumexp(xp: Any, x: Array, *, axis: int) -> Array:
    """y[k] = ln Σ e^x[i] over i <= k"""
    return running(xp, xp.logaddexp, x, axis)


def _logcumsumexp_x(g: Any, x: Any, out: Any, axis: int) -> Any:
    # ∂L/∂x[k] = Σ G[j] e^(x[k] - y[j]) over j >= k. The sum is taken from behind, each step scaled
    # by e^(y[k-1] - y[k]) <= 1, so that nothing overflows.
    shrink = (moved(out, axis, -math.inf) - out).exp()
    return (x - out).exp() * _back(g, shrink, axis)


logcumsumexp.derivatives(x=_logcumsumexp_x)
logcumsumexp.mathematics(x="x[i] = sum[k >= i](g[k] * exp(x[i] - out[k]))")


@op("out[k] = max[i <= k](i if x[i] == max[j <= k](x[j]) else 0)")
def cummax_place(xp: Any, x: Array, *, axis: int) -> Array:
    """y[k] = the last place of max x[i] over i <= k, in int64"""
    return _last_place(xp, xp.maximum, x, axis)


@op("out[k] = max[i <= k](i if x[i] == min[j <= k](x[j]) else 0)")
def cummin_place(xp: Any, x: Array, *, axis: int) -> Array:
    """y[k] = the last place of min x[i] over i <= k, in int64"""
    return _last_place(xp, xp.minimum, x, axis)


def _last_place(xp: Any, choose: Callable[..., Array], x: Array, axis: int) -> Array:
    hits = (x == running(xp, choose, x, axis)) | xp.isnan(x)
    behind = (1,) * (x.ndim - 1 - axis)
    places = xp.arange(x.shape[axis]).reshape((-1, *behind))
    return running(xp, xp.maximum, xp.where(hits, places, 0), axis)


def running(xp: Any, join: Callable[..., Array], x: Array, axis: int) -> Array:
    """y[k] = x[0] joined with .. x[k], in log n rounds that each reach twice as far back."""
    y = xp.array(x, copy=True, order="C")
    reach = 1
    while reach < y.shape[axis]:
        ahead, behind = _part(y, axis, np.s_[reach:]), _part(y, axis, np.s_[:-reach])
        ahead[...] = join(ahead, behind)
        reach *= 2
    return y
