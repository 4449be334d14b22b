"""What normalisation is made of: deviations from a mean, and their mean square."""

from __future__ import annotations

import math
from typing import Any

from minigrad.device import Array
from minigrad.op import op

Axes = tuple[int, ...]


@op
def center(xp: Any, x: Array, m: Array, *, axes: Axes) -> Array:
    """y = x - m, where m is the mean of x over ``axes``

    m comes in as an operand, since batch normalisation counts it too. The rule for x takes into
    account that m depends on x, so m has no rule of its own.
    """
    return xp.subtract(x, m)


@op
def mean_square(xp: Any, x: Array, *, axes: Axes) -> Array:
    """v = mean of x² over ``axes``, which stay, with length 1"""
    return xp.mean(xp.multiply(x, x), axis=axes, dtype=x.dtype, keepdims=True)


center.derivatives(x=lambda g, axes: center(g, g.mean(axes, True), axes=axes))
mean_square.derivatives(
    x=lambda g, x, axes: x * (g * (2 / math.prod(x.shape[i] for i in axes))),
)
