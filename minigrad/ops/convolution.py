"""Convolution: one form, linear in the image x, the filters w, and y in the shape of the result,

    T(x, w, y) = Σ y[n, o, p] · w[o, c, k] · x[n, c, p · stride + k · dilation - padding],

and three ops, each its gradient with respect to one of the three: `conv` is ∂T/∂y, `conv_input`
(the transposed convolution) ∂T/∂x, `conv_weight` ∂T/∂w. So each rule is again one of the three.

All three are products with the columns of `im2col` (see `minigrad.ops.columns`). They are many
times larger than the image, so they are made for some images at a time, in memory that stays in the
cache, and made again in backward rather than kept.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.native.hook import native
from minigrad.native.library import Call
from minigrad.op import op
from minigrad.ops.columns import Columns
from minigrad.ops.patches import AT, Sizes, Window

SMALL = 1 << 15
"""Numbers of filters that are better turned around at the end than computed as they are."""


@op(
    f"out[n, o, p] = sum[c, k](w[o, c, k] * x[n, c, {AT}]) + bias[o]",
    wide=True,
)
def conv(
    xp: Any,
    x: Array,
    w: Array,
    *bias: Array,
    window: Window,
    groups: int = 1,
    out: Array | None = None,
) -> Array:
    """y[n, o, p] = Σ w[o, c, k] · x[n, c, p · stride + k · dilation - padding] + b[o]"""
    columns = Columns(xp, x.shape, x.shape[2:], x.dtype, window, groups, len(w))
    y = xp.empty((len(x), len(w), *columns.places), x.dtype) if out is None else out
    matrix = w.reshape(groups, len(w) // groups, -1)
    b = bias[0].reshape(-1, *(1,) * len(columns.places)) if bias else None

    def some(columns: Columns, part: slice) -> None:
        columns.gather(columns.product(matrix, x[part]), y[part], b)

    columns.each(len(x), some)
    return y


@op(
    f"out[n, c, s] = sum[o, p, k, {AT} == s](y[n, o, p] * w[o, c, k])",
    wide=True,
)
def conv_input(
    xp: Any,
    y: Array,
    w: Array,
    *,
    window: Window,
    size: Sizes,
    groups: int = 1,
    out: Array | None = None,
) -> Array:
    """x[n, c, s] = Σ y[n, o, p] · w[o, c, k] over p · stride + k · dilation - padding = s"""
    shape = (len(y), w.shape[1] * groups, *size)
    columns = Columns(xp, shape, size, y.dtype, window, groups, y.shape[1])
    x = xp.empty(shape, y.dtype) if out is None else out
    matrix = xp.swapaxes(w.reshape(groups, len(w) // groups, -1), 1, 2)

    def some(columns: Columns, part: slice) -> None:
        columns.fold(matrix, y[part], x[part])

    columns.each(len(y), some)
    return x


@op(f"out[o, c, k] = sum[n, p](y[n, o, p] * x[n, c, {AT}])", wide=True)
def conv_weight(
    xp: Any, x: Array, y: Array, *, window: Window, groups: int = 1, out: Array | None = None
) -> Array:
    """w[o, c, k] = Σ y[n, o, p] · x[n, c, p · stride + k · dilation - padding]"""
    columns = Columns(xp, x.shape, x.shape[2:], x.dtype, window, groups, y.shape[1])
    o, c = y.shape[1], x.shape[1]

    rows = c // groups * window.volume
    tall = o // groups < rows < SMALL // o

    def some(columns: Columns, part: slice) -> Array:
        a, b = columns.spread(y[part]), columns.of(x[part])
        if tall:  # OpenBLAS wants the longer side of small matrices first
            a, b = b, a
        return xp.matmul(a, xp.swapaxes(b, 2, 3)).sum(axis=0)

    w = xp.zeros((o, c // groups, *window.kernel), x.dtype) if out is None else out
    total = columns.each(len(x), some)
    if total is None:
        w[...] = 0
    else:
        w[...] = (xp.swapaxes(total, 1, 2) if tall else total).reshape(w.shape)
    return w


@native(conv)
def _(
    x: Array,
    w: Array,
    *bias: Array,
    window: Window,
    groups: int = 1,
    out: Array | None = None,
) -> Call | None:
    places = window.places(x.shape[2:])
    facts = _geometry(x.shape, w.shape, places, window, groups, x, w, *bias)
    if facts is None:
        return None
    y = np.empty((len(x), len(w), *places), x.dtype) if out is None else out
    return Call("conv", [y, x, w, *bias], [*facts, len(bias)])


@native(conv_input)
def _(
    y: Array,
    w: Array,
    *,
    window: Window,
    size: Sizes,
    groups: int = 1,
    out: Array | None = None,
) -> Call | None:
    shape = (len(y), w.shape[1] * groups, *size)
    facts = _geometry(shape, w.shape, y.shape[2:], window, groups, y, w)
    if facts is None:
        return None
    x = np.empty(shape, y.dtype) if out is None else out
    return Call("conv_input", [x, y, w], facts)


@native(conv_weight)
def _(
    x: Array, y: Array, *, window: Window, groups: int = 1, out: Array | None = None
) -> Call | None:
    shape = (y.shape[1], x.shape[1] // groups, *window.kernel)
    facts = _geometry(x.shape, shape, y.shape[2:], window, groups, x, y)
    if facts is None:
        return None
    w = np.empty(shape, x.dtype) if out is None else out
    return Call("conv_weight", [w, x, y], facts)


def _geometry(
    x: Sizes, w: Sizes, places: Sizes, window: Window, groups: int, *arrays: Array
) -> list[int] | None:
    """What the kernels want to know; None where they do not serve: other dimensions or types,
    nothing to do, or memory or offsets beyond reason."""
    dtype = arrays[0].dtype
    if len(x) == 3:  # a sequence is an image of one row
        x, w, places, window = (*x[:2], 1, x[2]), (*w[:2], 1, w[2]), (1, *places), window.of_rows()
    if len(x) != 4 or dtype.char not in "fd" or any(a.dtype != dtype for a in arrays):
        return None
    laid = x[1] * math.prod(window.bordered(x[2:]))
    turned = math.prod(places) * (w[0] + 32 * groups) * w[-1]
    if 0 in (*x, *w, *places) or laid > 1 << 27 or turned > 1 << 30:
        return None
    if window.kernel == x[2:] and not window.padded:  # one place: each number is a channel
        return [x[0], math.prod(x[1:]), 1, 1, w[0], 1, 1, groups, *(1,) * 6, 0, 0]
    (top, _), (left, _) = window.padding
    facts = (*x, w[0], *places, groups, *window.kernel, *window.stride, *window.dilation)
    return [*facts, top, left]


conv.derivatives(
    x=lambda g, w, x_shape, window, groups: conv_input(
        g, w, window=window, size=x_shape[2:], groups=groups
    ),
    w=lambda g, x, window, groups: conv_weight(x, g, window=window, groups=groups),
    bias=lambda g: g.sum([i for i in range(g.ndim) if i != 1]),
)
conv.mathematics(
    x=f"x[n, c, s] = sum[o, p, k, {AT} == s](g[n, o, p] * w[o, c, k])",
    w=f"w[o, c, k] = sum[n, p](g[n, o, p] * x[n, c, {AT}])",
    bias="bias[o] = sum[n, p](g[n, o, p])",
)
conv_input.derivatives(
    y=lambda g, w, window, groups: conv(g, w, window=window, groups=groups),
    w=lambda g, y, window, groups: conv_weight(g, y, window=window, groups=groups),
)
conv_input.mathematics(
    y=f"y[n, o, p] = sum[c, k](w[o, c, k] * g[n, c, {AT}])",
    w=f"w[o, c, k] = sum[n, p](y[n, o, p] * g[n, c, {AT}])",
)
conv_weight.derivatives(
    x=lambda g, y, x_shape, window, groups: conv_input(
        y, g, window=window, size=x_shape[2:], groups=groups
    ),
    y=lambda g, x, window, groups: conv(x, g, window=window, groups=groups),
)
conv_weight.mathematics(
    x=f"x[n, c, s] = sum[o, p, k, {AT} == s](y[n, o, p] * g[o, c, k])",
    y=f"y[n, o, p] = sum[c, k](g[o, c, k] * x[n, c, {AT}])",
)
