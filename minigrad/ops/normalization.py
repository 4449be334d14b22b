"""What normalisation is made of: deviations from a mean, and their mean square."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.native.hook import native
from minigrad.native.library import Call
from minigrad.op import op
from minigrad.ops.axes import LEAST, around
from minigrad.ops.summation import summed

Axes = tuple[int, ...]


@op(wide=True, scalar="x - m")
def center(xp: Any, x: Array, m: Array, *, axes: Axes) -> Array:
    """y = x - m, where m is the mean of x over ``axes``

    m comes in as an operand, since batch normalisation counts it too. The rule for x takes into
    account that m depends on x, so m has no rule of its own.
    """
    return xp.subtract(x, m)


@op("mean[i](x[i] ** 2)", wide=True)
def mean_square(xp: Any, x: Array, *, axes: Axes) -> Array:
    """v = mean of x² over ``axes``, which stay, with length 1"""
    n = math.prod(x.shape[i] for i in axes)
    return summed(xp, xp.multiply(x, x), axes, True) / x.dtype.type(n or math.nan)


@native(center, LEAST)
def _(x: Array, m: Array, *, axes: Axes, out: Array | None) -> Call | None:
    facts = around(x, axes)
    lengths = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    if facts is None or m.dtype != x.dtype or m.shape != lengths:
        return None
    y = np.empty(x.shape, x.dtype) if out is None else out
    return Call("center", [y, x, m], facts)


@native(mean_square, LEAST)
def _(x: Array, *, axes: Axes, out: Array | None) -> Call | None:
    facts = around(x, axes)
    if facts is None:
        return None
    lengths = [1 if i in axes else n for i, n in enumerate(x.shape)]
    y = np.empty(lengths, x.dtype) if out is None else out
    return Call("mean_square", [y, x], facts)


center.derivatives(x=lambda g, axes: center(g, g.mean(axes, True), axes=axes))
center.mathematics(x="x[i] = g[i] - mean[j](g[j])")
mean_square.derivatives(
    x=lambda g, x, axes: x * (g * (2 / max(math.prod(x.shape[i] for i in axes), 1))),
)
mean_square.mathematics(x="x[i] = 2 * g * x[i] / n")
