"""Sums and their kin by kernels: any axes, any layout, split or not, against NumPy in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from on_host import Case, compare, poisoned, run

from minigrad.compiler.targets.cuda.kernels.reductions import SUM, fold
from minigrad.device import Array

pytestmark = pytest.mark.usefixtures("gxx")
TYPES = ["f", "d"]
NORMS = [2, 1, 0, np.inf, -np.inf]


def numbers(shape: tuple[int, ...], dtype: str = "d", order: tuple[int, ...] | None = None) -> Any:
    """Random numbers whose dimensions lie in memory in that order."""
    order = order or tuple(range(len(shape)))
    x = np.random.default_rng(len(shape)).standard_normal([shape[i] for i in order])
    return x.astype(dtype).transpose(np.argsort(order))


@pytest.mark.parametrize("dtype", TYPES)
def test_sums(dtype: str) -> None:
    shapes: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...] | None]] = [
        ((64, 512), (0,), None),  # rows of a batch: a bias's gradient
        ((100, 1), (0, 1), None),
        ((5,), (0,), None),
        ((16, 6, 28, 28), (0, 2, 3), None),  # a channel's
        ((3, 700, 2), (1,), None),
        ((40, 33), (1,), (1, 0)),
        ((40, 33), (0,), (1, 0)),
        ((4, 5, 6, 7), (1, 3), (2, 0, 3, 1)),
        ((70000,), (0,), None),  # split into parts
        ((20000, 3), (0,), None),
        ((3, 20000), (1,), (1, 0)),
        ((9000, 33), (0,), None),
        ((7, 3), (), None),
        ((1, 1), (0, 1), None),
    ]
    compare(
        [
            Case("sum", (numbers(shape, dtype, order),), {"axis": axis, "keepdim": keepdim})
            for shape, axis, order in shapes
            for keepdim in (False, True)
        ]
    )


@pytest.mark.parametrize("dtype", TYPES)
def test_sums_to_a_shape_and_of_squares(dtype: str) -> None:
    x = numbers((8, 5, 4, 3), dtype)
    wide = numbers((2, 40, 40, 50), dtype, (1, 0, 3, 2))
    squares = [Case("mean_square", (y,), {"axes": (0, 2, 3)}) for y in (x, wide)]
    goals = [(5, 1, 1), (1, 5, 1, 1), (3,), (), (8, 1, 4, 3), (8, 5, 4, 3)]
    compare([*squares, *(Case("sum_to", (x,), {"shape": goal}) for goal in goals)])


def test_integers_and_truth_values() -> None:
    x = np.random.default_rng(0).integers(-50, 50, (30, 40))
    arrays = [x, x > 0, x.astype("i"), x.astype("B")]
    compare([Case("sum", (a,), {"axis": axis}) for a in arrays for axis in ((0,), (1,), (0, 1))])


@pytest.mark.parametrize("dtype", ["f", "d", "q", "i", "?"])
def test_the_largest_and_the_smallest(dtype: str) -> None:
    x = np.round(numbers((30, 40, 3), "d") * 3).astype(dtype)
    cases = [Case(op, (x,), {"axis": axis}) for op in ("amax", "amin") for axis in ((0,), (1, 2))]
    compare(cases)


@pytest.mark.parametrize("dtype", ["f", "d", "q"])
def test_places(dtype: str) -> None:
    x = np.round(numbers((6, 333, 5), "d") * 2).astype(dtype)  # many are equal
    odd = x.copy()
    if dtype != "q":
        odd[0, 7, 0] = odd[0, 300, 0] = odd[1, 0, 1] = np.nan
        odd[2, :, :] = -np.inf
    cases = [
        Case(op, (y,), {"axis": axis, "keepdim": keepdim})
        for op in ("argmax", "argmin")
        for y in (x, odd, odd.transpose(2, 0, 1))
        for axis, keepdim in ((0, False), (1, True), (2, False))
    ]
    compare(cases)


@pytest.mark.parametrize("dtype", TYPES)
def test_norms_products_and_truth(dtype: str) -> None:
    x = np.round(numbers((30, 9, 4), dtype), 1)
    norms = [Case("vector_norm", (x,), {"p": p, "axis": (0, 2)}) for p in NORMS]
    tests = [Case(op, (x,), {"axis": axis}) for op in ("all", "any") for axis in ((0,), (2,))]
    compare([*norms, *tests, *(Case("prod", (x,), {"axis": axis}) for axis in range(3))])
    compare([Case("prod", (x.astype("q"),), {"axis": 2}), Case("any", (x > 2,), {"axis": (0, 1)})])


def test_a_norm_that_has_no_kernel() -> None:
    with pytest.raises(AssertionError, match="no kernel"):
        Case("vector_norm", (numbers((3, 4)),), {"p": 3, "axis": (0,)}).works(np.zeros(4))


def test_a_nan_is_the_largest_and_stays() -> None:
    x = numbers((4, 300))
    x[1, 299] = x[2, 0] = np.nan
    x[3, 5] = np.inf
    compare([Case(op, (x,), {"axis": (1,)}) for op in ("amax", "amin", "sum")])


def test_the_result_may_lie_in_any_order() -> None:
    x = numbers((4, 5, 6))
    compare([Case("sum", (x,), {"axis": (1,)}, (1, 0)), Case("amax", (x,), {"axis": (2,)}, (1, 0))])


def test_the_same_bits_every_time() -> None:
    x = numbers((300000,), "f")
    sums = []
    for _ in range(3):
        y = poisoned((), "f")
        works = fold(SUM, x, (0,), y, poisoned)
        assert works is not None and len(works) == 2
        run(works)
        sums.append(y.tobytes())
    assert len(set(sums)) == 1


def test_what_is_not_served() -> None:
    y = np.zeros(3)
    assert fold(SUM, np.zeros((3, 0)), (1,), y, poisoned) is None
    assert fold(SUM, np.zeros((3, 2), np.complex128), (1,), y, poisoned) is None
    odd: Array = np.zeros((3, 2), [("a", "i1"), ("x", "f8")])["x"]  # a step of nine bytes
    assert fold(SUM, odd, (1,), y, poisoned) is None


@st.composite
def anything(draw: st.DrawFn) -> list[Case]:
    shape = tuple(draw(st.lists(st.integers(1, 40), min_size=1, max_size=4)))
    order = tuple(draw(st.permutations(range(len(shape)))))
    axis = tuple(sorted(draw(st.sets(st.integers(0, len(shape) - 1)))))
    x = numbers(shape, draw(st.sampled_from(TYPES)), order)
    return [Case("sum", (x,), {"axis": axis}), Case("amin", (x,), {"axis": axis})]


@pytest.mark.slow
@settings(max_examples=5)
@given(st.lists(anything(), min_size=6, max_size=6))
def test_any_shape(found: list[list[Case]]) -> None:
    compare([case for each in found for case in each])  # a compiler is started for all of them
