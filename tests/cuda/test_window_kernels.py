"""Windows by kernels: borders, strides, holes, overlaps, one and two dimensions, odd numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from on_host import Case, compare, poisoned, run

from minigrad.compiler.targets.cuda.kernels.windows import max_and_argmax
from minigrad.device import Array
from minigrad.op import register
from minigrad.ops.patches import Window

pytestmark = pytest.mark.usefixtures("gxx")


def window(*sides: tuple[int, int, int, int, int]) -> Window:
    """From kernel, stride, dilation and the border before and behind, for each dimension."""
    kernel, stride, dilation, before, behind = zip(*sides, strict=True)
    return Window(kernel, stride, dilation, tuple(zip(before, behind, strict=True)))


WINDOWS: list[tuple[tuple[int, ...], Window]] = [
    ((3, 2, 8, 6), window((2, 2, 1, 0, 0), (2, 2, 1, 0, 0))),
    ((2, 3, 7, 9), window((3, 2, 1, 1, 1), (3, 2, 1, 1, 1))),
    ((1, 2, 7, 7), window((2, 2, 1, 0, 1), (2, 2, 1, 0, 1))),
    ((2, 1, 9, 11), window((3, 1, 2, 2, 0), (2, 3, 1, 0, 2))),
    ((2, 2, 5, 5), window((1, 1, 1, 0, 0), (1, 1, 1, 0, 0))),
    ((1, 1, 20, 20), window((17, 1, 1, 0, 0), (18, 1, 1, 0, 0))),  # more than 256 offsets
    ((4, 3, 10), window((3, 2, 1, 1, 0))),
]


def around(x: Array, move: Window) -> list[Case]:
    """All ops of windows on one image."""
    size, params = x.shape[2:], {"window": move}
    y = np.asarray(register["window_sum"].plain(np, x, **params))
    spot = np.asarray(register["window_argmax"].plain(np, x, **params))
    back: dict[str, Any] = {**params, "size": size}
    return [
        *(Case(f"window_{name}", (x,), params) for name in ("max", "argmax", "sum")),
        Case("window_pick", (x, spot), params),
        Case("window_drop", (y, spot), back),
        Case("window_spread", (y,), back),
    ]


def image(shape: tuple[int, ...], dtype: str = "d") -> Array:
    """Numbers of which some are equal."""
    return np.round(np.random.default_rng(1).standard_normal(shape) * 4).astype(dtype) / 4


@pytest.mark.parametrize("dtype", ["f", "d"])
def test_windows(dtype: str) -> None:
    compare([case for shape, move in WINDOWS for case in around(image(shape, dtype), move)])


@pytest.mark.parametrize("dtype", ["f", "d"])
def test_the_largest_and_where_at_once(dtype: str) -> None:
    every, works = [], []
    for shape, move in WINDOWS:
        x, params = image(shape, dtype), {"window": move}
        best = register["window_max"].plain(np, x, **params)
        place = register["window_argmax"].plain(np, x, **params)
        found = poisoned(best.shape, dtype), poisoned(place.shape, place.dtype)
        works += max_and_argmax(*found, poisoned, x, window=move) or []
        every.append((best, place, *found))
    run(works)
    assert len(works) == len(WINDOWS)
    for best, place, found, at in every:
        assert np.array_equal(best, found) and np.array_equal(place, at)


def test_images_that_lie_otherwise() -> None:
    x = image((5, 6, 3, 2)).transpose(3, 2, 0, 1)
    cases = around(x, window((2, 2, 1, 0, 0), (3, 2, 1, 1, 1)))
    compare(cases)


def test_nan_and_infinity() -> None:
    x = image((2, 3, 6, 6))
    x[0, 0, 1, 1] = x[0, 0, 2, 3] = x[0, 1, 0, 0] = x[0, 1, 1, 1] = np.nan
    x[1] = -np.inf
    moves = [window((2, 2, 1, 0, 0), (2, 2, 1, 0, 0)), window((3, 1, 1, 1, 1), (3, 1, 1, 1, 1))]
    ops = ("window_max", "window_argmax")
    compare([Case(op, (x,), {"window": move}) for move in moves for op in ops])


def test_a_window_that_is_all_border() -> None:
    x, move = image((2, 1, 1, 2), "f"), window((1, 1, 1, 0, 0), (2, 1, 3, 1, 1))
    compare([Case(op, (x,), {"window": move}) for op in ("window_max", "window_argmax")])


@st.composite
def anywhere(draw: st.DrawFn) -> list[Case]:
    sides, size = [], []
    for _ in range(2):
        kernel, stride, dilation = (draw(st.integers(1, 3)) for _ in range(3))
        before, behind = (draw(st.integers(0, kernel - 1)) for _ in range(2))
        span = dilation * (kernel - 1) + 1
        size.append(draw(st.integers(max(1, span - before - behind), 9)))
        sides.append((kernel, stride, dilation, before, behind))
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 3)), *size)
    return around(image(shape, draw(st.sampled_from("fd"))), window(*sides))


@pytest.mark.slow
@settings(max_examples=4)
@given(st.lists(anywhere(), min_size=6, max_size=6))
def test_any_window(found: list[list[Case]]) -> None:
    compare([case for each in found for case in each])  # a compiler is started for all of them
