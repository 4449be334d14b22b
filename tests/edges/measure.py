"""What minigrad (or PyTorch) gives at the points, and how far that is from the truth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf

import minigrad

from .jet import flat, truth, variables
from .points import numbers, pairs
from .row import Row
from .rows_of_activations import ACTIVATIONS
from .rows_of_losses import LOSSES
from .rows_of_one import ARITHMETIC, ELEMENTARY
from .rows_of_two import PAIRS
from .ulps import FORMATS, Format

ROWS = [*ARITHMETIC, *ELEMENTARY, *ACTIVATIONS, *PAIRS, *LOSSES]
ORDERS = ("value", "first", "second")
Point = tuple[float, ...]


def order_of(k: int, operands: int) -> int:
    """0, 1 or 2: which derivative the k-th number is."""
    return 0 if k == 0 else 1 if k <= operands else 2


def evaluated(side: Any, row: Row, columns: list[Any], orders: int = 2) -> list[Any]:
    """The value and its derivatives at each point by the side's autograd: the first ones, then the
    second ones by pairs i ≤ j. Arrays of the value's type."""
    xs = [side.from_numpy(c.copy()).requires_grad_() for c in columns]
    found = derived(side, row, xs, min(orders, row.orders))
    return [np.asarray(y.detach().clone().numpy()) for y in found]


def derived(side: Any, row: Row, xs: list[Any], orders: int) -> list[Any]:
    """The same as tensors, of tensors."""
    y = row.call(side, *xs)
    ones = side.ones_like(y)
    first = _derivatives(side, y, xs, ones) if orders else []
    second = [
        s
        for i, g in enumerate(first if orders > 1 else [])
        for s in _derivatives(side, g, xs[i:], ones)
    ]
    return [y, *first, *second]


def _derivatives(side: Any, y: Any, xs: list[Any], ones: Any) -> list[Any]:
    if not y.requires_grad:
        return [side.zeros_like(x) for x in xs]
    found = side.autograd.grad(y, xs, ones, create_graph=True, allow_unused=True)
    return [side.zeros_like(x) if g is None else g for g, x in zip(found, xs, strict=True)]


@cache
def points(row: Row, dtype: str) -> list[Point]:
    """The points of a row that have a truth in mathematics."""
    kind = np.dtype(dtype).type
    every: list[Point]
    if row.operands == 1:
        every = [(x,) for x in numbers(dtype)] + [(float(kind(x)),) for x in row.also]
    else:
        every = list(pairs(dtype))
    return [x for x in dict.fromkeys(every) if row.has(*x)]


def specials(row: Row) -> list[Point]:
    """0, -0, kinks, infinities, NaN: where PyTorch says what is right."""
    each = [*row.edges, *row.kinks]
    if row.operands == 1:
        return [(x,) for x in each]
    each += [2.0, -1.5]
    return [(x, y) for x in each for y in each]


def columns(row: Row, dtype: str, at: list[Point]) -> list[Any]:
    return [np.array([x[k] for x in at], dtype) for k in range(row.operands)]


@cache
def true(row: Row, at: Point) -> Any:
    """Value and derivatives there, as numbers of mpmath; None where there are none."""
    return truth(row.formula, at)


@dataclass
class Worst:
    """The largest error of a row in one type and order, and where it is."""

    ulps: float
    at: Point = ()
    got: float = math.nan
    want: float = math.nan

    def __str__(self) -> str:
        return f"{self.ulps:.3g} ulp at {self.at}: {self.got!r} in place of {self.want!r}"


def worst(row: Row, dtype: str, results: list[Any]) -> list[Worst]:
    """For each order, of what `evaluated` found at `points`."""
    found = [Worst(0.0) for _ in range(row.orders + 1)]
    for i, at in enumerate(points(row, dtype)):
        want = true(row, at)
        for k, column in enumerate(results if want is not None else []):
            order = order_of(k, row.operands)
            got = float(column[i])
            error = judged(row, FORMATS[dtype], k, got, at, want)
            if error > found[order].ulps:
                found[order] = Worst(error, at, got, _number(want[k]))
    return found


def _number(x: Any) -> float:
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def judged(row: Row, format: Format, k: int, got: float, at: Point, want: Any) -> float:
    """The error of the k-th number in ulps, by the measure of the row."""
    order = order_of(k, row.operands)
    if order:
        within = row.within(*at) if row.within else []
        if row.by_result:
            within.append(want[0])
        if not all(map(format.normal, within)):
            return 0.0
    error = format.error(got, want[k])
    if (
        error <= row.bound(format.name, order)
        or not math.isfinite(got)
        or abs(want[k]) > format.most
    ):
        return error
    ulp, away = format.ulp(want[k]), abs(mpf(got) - want[k])
    size = max(1.0, *map(abs, at))
    if order in row.absolute:
        ulp = max(ulp, format.ulp(size))
    if row.flushed:
        away = max(away - format.tiny * mpf(size) ** (order + 1), mpf(0))
    if order in row.conditioned:
        slopes = _slopes(row, k, want, at)
        ulp += sum(abs(s) * format.ulp(x) for s, x in zip(slopes, at, strict=False))
    return float(min(away / ulp, mpf(1e300)))


def _slopes(row: Row, k: int, want: Any, at: Point) -> list[Any]:
    """How the k-th number moves with each operand."""
    n = row.operands
    if k == 0:
        return list(want[1 : n + 1])
    if n == 1 and k == 1:
        return [want[2]]
    with mpmath.workprec(400):
        steps = [abs(mpf(x)) * mpf(2) ** -80 for x in at]
        moved = []
        for i in range(n):
            there = tuple(mpf(x) + (steps[i] if i == j else 0) for j, x in enumerate(at))
            moved.append((flat(row.formula(*variables(there)))[k] - want[k]) / steps[i])
        return moved


def measured(row: Row, dtype: str) -> list[Worst]:
    """The eager engine's errors."""
    at = points(row, dtype)
    return worst(row, dtype, evaluated(minigrad, row, columns(row, dtype, at)))
