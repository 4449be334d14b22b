"""Convolutions by kernels and products: few channels and many, every way, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from on_host import Case, compare, poisoned
from test_window_kernels import window

from minigrad.compiler.targets.cuda.kernels import convolutions, grouped
from minigrad.compiler.targets.cuda.launch import Gemm
from minigrad.compiler.targets.cuda.tuning import Limits, trying
from minigrad.op import register
from minigrad.ops.patches import Window

pytestmark = pytest.mark.usefixtures("gxx")
FLAT = ((1, 1, 1, 0, 0), (1, 1, 1, 0, 0))
FIVE = ((5, 1, 1, 2, 2), (5, 1, 1, 2, 2))
THREE = ((3, 1, 1, 1, 1), (3, 1, 1, 1, 1))
ODD = ((3, 2, 1, 1, 0), (2, 3, 2, 0, 2))

# The image, how many filters, the window.
FEW: list[tuple[tuple[int, ...], int, Any]] = [
    ((9, 1, 28, 28), 6, FIVE),
    ((4, 6, 14, 14), 16, ((5, 1, 1, 0, 0), (5, 1, 1, 0, 0))),
    ((2, 3, 9, 8), 10, ODD),
    ((1, 1, 2, 1), 1, FLAT),
    ((3, 2, 11), 5, ((3, 2, 1, 1, 1),)),
]
MANY: list[tuple[tuple[int, ...], int, Any]] = [
    ((4, 7, 9, 10), 40, THREE),  # a product for each image
    ((3, 33, 5, 5), 35, THREE),  # one for all
    ((3, 29, 10, 10), 33, ODD),
    ((2, 30, 9, 9), 34, FLAT),  # columns that are there already
    ((5, 35, 4, 4), 36, ((1, 2, 1, 0, 0), (1, 2, 1, 0, 0))),
    ((6, 40, 3, 3), 33, ((3, 1, 1, 0, 0), (3, 1, 1, 0, 0))),  # the window is the image
    ((2, 40, 70), 33, ((3, 1, 1, 1, 1),)),
]


# How many groups come last. The first two are done at once.
GROUPS: list[tuple[tuple[int, ...], int, Any, int]] = [
    ((3, 6, 9, 8), 9, ODD, 3),
    ((2, 20, 6, 7), 40, THREE, 20),
    ((2, 70, 9, 10), 12, THREE, 2),
    ((3, 66, 5, 5), 70, THREE, 2),
    ((5, 80, 3, 3), 66, ((3, 1, 1, 0, 0), (3, 1, 1, 0, 0)), 2),
]


def cases(
    shape: tuple[int, ...], filters: int, move: Window, dtype: str, groups: int = 1
) -> list[Case]:
    """All three ops, with a bias and without."""
    rng = np.random.default_rng(filters)
    x = rng.standard_normal(shape).astype(dtype)
    w = (rng.standard_normal((filters, shape[1] // groups, *move.kernel)) / 8).astype(dtype)
    b = rng.standard_normal(filters).astype(dtype)
    y = rng.standard_normal((shape[0], filters, *move.places(shape[2:]))).astype(dtype)
    params: dict[str, Any] = {"window": move, "groups": groups}
    return [
        Case("conv", (x, w), params),
        Case("conv", (x, w, b), params),
        Case("conv_input", (y, w), {**params, "size": shape[2:]}),
        Case("conv_weight", (x, y), params),
    ]


@pytest.mark.parametrize("dtype", ["f", "d"])
def test_few_channels(dtype: str) -> None:
    every = [c for shape, o, move in FEW for c in cases(shape, o, window(*move), dtype)]
    for case in every:
        assert not any(isinstance(each, Gemm) for each in case.works(case.out()))
    compare(every)


@pytest.mark.parametrize("dtype", ["f", "d"])
def test_many_channels(dtype: str) -> None:
    every = [c for shape, o, move in MANY for c in cases(shape, o, window(*move), dtype)]
    for case in every:
        assert any(isinstance(each, Gemm) for each in case.works(case.out()))
    compare(every)


@pytest.mark.parametrize("dtype", ["f", "d"])
def test_groups_of_channels(dtype: str) -> None:
    every = []
    for i, (shape, o, move, parts) in enumerate(GROUPS):
        own = cases(shape, o, window(*move), dtype, parts)
        for case in own:
            products = [each for each in case.works(case.out()) if isinstance(each, Gemm)]
            assert len(products) == (0 if i < 2 else parts)
        every += own
    compare(every)


def test_groups_take_the_same_memory_again() -> None:
    shape, o, move, parts = GROUPS[3]
    taken: list[tuple[int, ...]] = []

    def scratch(shape: tuple[int, ...], dtype: Any) -> Any:
        taken.append(shape)
        return poisoned(shape, dtype)

    for case in cases(shape, o, window(*move), "f", parts)[1:]:
        taken.clear()
        x, y = case.operands[:2]
        moves = case.params["window"]
        if case.op == "conv":
            grouped.conv(case.out(), scratch, *case.operands, window=moves, groups=parts)
        elif case.op == "conv_input":
            grouped.conv_input(case.out(), scratch, x, y, **case.params)
        else:
            grouped.conv_weight(case.out(), scratch, x, y, window=moves, groups=parts)
        assert len(taken) == 4  # and not of each of the groups


def test_some_images_at_a_time() -> None:
    every = [c for shape, o, move in MANY for c in cases(shape, o, window(*move), "d")]
    with trying(Limits(slab=2 * 8 * 63 * 90)):
        works = [each for c in every for each in c.works(c.out())]
        assert sum(isinstance(each, Gemm) for each in works) > len(every) + 8
        compare(every)


def test_operands_that_lie_otherwise() -> None:
    for shape, o, move in (FEW[1], MANY[1]):
        turned = cases(shape, o, window(*move), "d")
        for case in turned:
            case.operands = tuple(np.asfortranarray(x) for x in case.operands)
        compare(turned)


def test_a_window_of_the_whole_image_is_one_product() -> None:
    shape, o, move = MANY[5]
    for case in cases(shape, o, window(*move), "f"):
        assert [type(each) for each in case.works(case.out())] == [Gemm]


def test_columns_alone() -> None:
    every = []
    for shape, o, move in (*FEW, *MANY):
        *_, case = cases(shape, o, window(*move), "d")
        x, moves = case.operands[0], {"window": case.params["window"]}
        columns = register["im2col"].plain(np, x, **moves)
        every.append(Case("im2col", (x,), moves))
        every.append(Case("col2im", (columns,), {**moves, "size": shape[2:]}))
    compare(every)


def test_what_is_not_served() -> None:
    x, w, y = np.zeros((1, 1, 4, 4, 4)), np.zeros((2, 1, 2, 2, 2)), np.zeros((1, 2, 3, 3, 3))
    cube = window(*(((2, 1, 1, 0, 0),) * 3))
    assert convolutions.conv(x, w, None, cube, y, poisoned) is None
    single = np.zeros((1, 1, 4, 4), "f")
    square = window(*(((2, 1, 1, 0, 0),) * 2))
    mixed = convolutions.conv(single, np.zeros((2, 1, 2, 2)), None, square, y[0], poisoned)
    assert mixed is None
    mixed = grouped.conv(y[0], poisoned, single, np.zeros((2, 1, 2, 2)), window=square, groups=2)
    assert mixed is None


@st.composite
def anyhow(draw: st.DrawFn) -> list[Case]:
    sides, size = [], []
    for _ in range(2):
        kernel, stride, dilation = (draw(st.integers(1, 3)) for _ in range(3))
        before, behind = (draw(st.integers(0, 2)) for _ in range(2))
        span = dilation * (kernel - 1) + 1
        size.append(draw(st.integers(max(1, span - before - behind), 12)))
        sides.append((kernel, stride, dilation, before, behind))
    n, c, o = (draw(st.integers(1, most)) for most in (4, 40, 40))
    parts = draw(st.sampled_from([1, 1, 2, 3]))
    dtype = draw(st.sampled_from("fd"))
    return cases((n, c * parts, *size), o * parts, window(*sides), dtype, parts)


@pytest.mark.slow
@settings(max_examples=4)
@given(st.lists(anyhow(), min_size=6, max_size=6))
def test_any_convolution(found: list[list[Case]]) -> None:
    compare([case for each in found for case in each])  # a compiler is started for all of them
