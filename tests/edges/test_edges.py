"""Every elementwise function within its bound, at its edges what PyTorch says, compiled as eager.

``python -m tests.edges`` prints the errors.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import minigrad
from minigrad.native.library import enabled

from .calls import infinite
from .jet import flat, truth, variables
from .measure import ORDERS, ROWS, columns, derived, evaluated, measured, points, specials, worst
from .points import TYPES
from .row import Row
from .ulps import FORMATS

torch = pytest.importorskip("torch")
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def above(row: Row, dtype: str, found: list[Any]) -> list[str]:
    return [
        f"{row.name} {dtype} {ORDERS[order]}: {error}"
        for order, error in enumerate(found)
        if error.ulps > row.bound(dtype, order)
    ]


@every_row
def test_errors_are_within_their_bounds(row: Row) -> None:
    wrong = [line for dtype in TYPES for line in above(row, dtype, measured(row, dtype))]
    assert not wrong, "\n".join(wrong)


@every_row
def test_at_0_kinks_infinities_and_nan_it_is_pytorch(row: Row) -> None:
    """Value (and the sign of 0) and first derivative; the second one where PyTorch has a number."""
    at = specials(row)
    xs = columns(row, "float64", at)
    ours = evaluated(minigrad, row, xs)
    try:
        theirs = evaluated(torch, row, xs)
    except RuntimeError:  # no second derivative
        theirs = evaluated(torch, row, xs, orders=1)
    for k, (a, b) in enumerate(zip(ours, theirs, strict=False)):
        order = 0 if k == 0 else 1 if k <= row.operands else 2
        for x, y, point in zip(a, b, at, strict=True):
            if row.differs is not None and row.differs(*point):
                continue
            what = f"{row.name}{point}, {ORDERS[order]}: {x!r} in place of {y!r}"
            if math.isnan(y):
                assert order == 2 or math.isnan(x), what
            elif order < 2 or not (row.operands == 2 and infinite(*point)):
                assert x == y or abs(x - y) <= 1e-14 * abs(y), what
            if order == 0 and y == 0 and not row.unsigned:
                assert np.signbit(x) == np.signbit(y), what


@pytest.mark.parametrize("row", [r for r in ROWS if r.operands == 1], ids=lambda row: row.name)
def test_nan_passes(row: Row) -> None:
    """Into the value; and with it into what is learned from the value."""
    if row.edges[-1] == row.edges[-1]:
        pytest.skip("refuses NaN")
    steps = {"sign", "nan_to_num"}  # PyTorch's are numbers, too
    (y,) = evaluated(minigrad, row, [np.array([math.nan, 0.5, math.nan])], orders=0)
    assert row.name in steps or np.isnan(y[[0, 2]]).all()


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_compiled_steps_are_as_near(dtype: str, native: bool) -> None:
    """Value and first derivative of all rows in one step: within the same bounds, NaN and the signs
    of 0 as in eager."""
    if native and not enabled():
        pytest.skip("there is no C compiler")
    at = [[*points(row, dtype), *specials(row)] for row in ROWS]
    xs = [
        list(map(minigrad.from_numpy, columns(r, dtype, p))) for r, p in zip(ROWS, at, strict=True)
    ]

    def step(xs: list[list[Any]]) -> list[list[Any]]:
        found = []
        for row, given in zip(ROWS, xs, strict=True):
            leaves = [x.clone().requires_grad_() for x in given]
            found.append([y.detach() for y in derived(minigrad, row, leaves, 1)])
        return found

    eager = step(xs)
    compiled = minigrad.compile(step, native=native)
    compiled(xs)
    wrong = []
    for row, got, want, where in zip(ROWS, compiled(xs), eager, at, strict=True):
        results = [np.asarray(y.numpy()) for y in got]
        wrong += above(row, dtype, worst(row, dtype, results)[:2])
        for k, (a, b) in enumerate(zip(results, (y.numpy() for y in want), strict=True)):
            zero = (a == 0) & (b == 0) & (np.signbit(a) != np.signbit(b))
            zero &= k == 0 and not row.unsigned
            infinite = (np.isinf(a) != np.isinf(b)) & ~np.isnan(b)
            other = np.flatnonzero((np.isnan(a) != np.isnan(b)) | zero | infinite)[:3]
            wrong += [f"{row.name} #{k} {where[i]}: {a[i]!r} in place of {b[i]!r}" for i in other]
    assert not wrong, "\n".join(wrong)


# -- the instrument -------------------------------------------------------------------------------


@every_row
def test_truths_are_derivatives(row: Row) -> None:
    """Of each other, by differences in 60 digits: a slip in a formula's derivative is seen."""
    at = (0.7109375,) if row.operands == 1 else (0.7109375, 0.3671875)
    if not row.has(*at):
        at = (2.3984375,)
    with mp.workdps(60):
        n, step = row.operands, mpf(10) ** -20
        found = truth(row.formula, at)
        assert found is not None
        place = n + 1
        for i in range(n):
            moved = []
            for h in (step, -step):
                there = tuple(mpf(x) + h * (i == j) for j, x in enumerate(at))
                moved.append(flat(row.formula(*variables(there))))
            slopes = [(a - b) / (2 * step) for a, b in zip(*moved, strict=True)]
            assert abs(slopes[0] - found[1 + i]) <= mpf(10) ** -15 * (1 + abs(found[1 + i]))
            for j in range(i, n):
                assert abs(slopes[1 + j] - found[place]) <= mpf(10) ** -15 * (1 + abs(found[place]))
                place += 1


def test_ulps() -> None:
    for dtype, format in FORMATS.items():
        one = np.asarray(1, dtype)
        up = float(np.nextafter(one, np.asarray(2, dtype)))
        assert format.error(up, mpf(1)) == 1.0
        assert format.error(1.0, mpf(up)) == 1.0
        least, most = float(format.least), float(format.most)
        assert format.error(0.0, mpf(least)) == 1.0 and format.error(3 * least, mpf(least)) == 2.0
        assert format.error(math.inf, format.most * 2) == 0.0 == format.error(most, format.most)
        assert format.error(-math.inf, format.most * 2) == math.inf
        assert format.error(math.nan, mpf(1)) == math.inf
        assert format.error(0.0, mpf(1)) > 1000


def test_a_fault_is_seen() -> None:
    """A value that is 5 ulps off at one point."""
    row = next(row for row in ROWS if row.name == "exp")
    results = evaluated(minigrad, row, columns(row, "float64", points(row, "float64")))
    assert not above(row, "float64", worst(row, "float64", results))
    i = points(row, "float64").index((1.25,))
    results[0][i] += 5 * np.spacing(results[0][i])
    assert len(above(row, "float64", worst(row, "float64", results))) == 1
