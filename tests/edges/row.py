"""What a row of the edge table is made of, and by which measure it is judged."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

BOUNDS = {"float64": (4.0, 4.0, 4.0), "float32": (8.0, 8.0, 8.0), "float16": (1.0, 4.0, 6.0)}
"""Allowed ulps of value, first and second derivative. A half is computed in float32 and rounded
once; a derivative is rounded by each op of its rule."""


@dataclass(frozen=True, eq=False)
class Row:
    """One elementwise function of ``operands`` numbers.

    An error counts in ulps of the true number. Where mathematics does not allow that, a row says
    so:

    Attributes:
        name: what the table calls it.
        call: the function of a side (minigrad or PyTorch) and tensors.
        formula: the same of jets (see `jet`), as it is defined.
        orders: how many derivatives are taken.
        kinks: where PyTorch says what the derivative is, besides 0, ±∞ and NaN.
        also: more points.
        domain: whether a point has a truth.
        by_result: the rule reads the result, rounded: there is no derivative where the value is
            beyond the type, or so small that it has lost digits.
        within: numbers that the rule has on the way; there is no derivative where one is beyond the
            type, or so small that it has lost digits.
        absolute: orders measured in ulps of max(1, |x|) where that is larger, because the rule
            subtracts the rounded result from 1, as PyTorch's does: exact relative to the
            function's own size, not to its vanishing tail.
        conditioned: orders whose error may also be as large as ulps of the operands make it: close
            to zeros of the function, and where it is steep.
        flushed: what is on the way below the smallest normal number may be 0, as in PyTorch.
        bounds: other bounds, by type and order.
        edges: the special points to try, by default all.
        unsigned: whether a value of 0 may have another sign than PyTorch's.
        differs: where value or first derivative is not PyTorch's: the point to what it is instead.
        why: the reason for all of these, in a line.
    """

    name: str
    call: Callable[..., Any]
    formula: Callable[..., Any]
    operands: int = 1
    orders: int = 2
    kinks: tuple[float, ...] = ()
    also: tuple[float, ...] = ()
    domain: Callable[..., bool] | None = None
    by_result: bool = False
    within: Callable[..., list[Any]] | None = None
    absolute: tuple[int, ...] = ()
    conditioned: tuple[int, ...] = ()
    flushed: bool = False
    bounds: dict[tuple[str, int], float] = field(default_factory=dict)
    edges: tuple[float, ...] = (0.0, -0.0, math.inf, -math.inf, math.nan)
    unsigned: bool = False
    differs: Callable[..., bool] | None = None
    why: str = ""

    def has(self, *x: float) -> bool:
        """Whether the point has a truth."""
        return self.domain is None or self.domain(*x)

    def bound(self, dtype: str, order: int) -> float:
        """The ulps that are allowed."""
        return self.bounds.get((dtype, order), BOUNDS[dtype][order])
