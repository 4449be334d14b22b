"""Windows in C against NumPy's: the same numbers, the same spots, the same nan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad.native.hook import described
from minigrad.native.library import enabled, plainly
from minigrad.op import Op
from minigrad.ops.patches import Window
from minigrad.ops.pooling import (
    window_argmax,
    window_drop,
    window_max,
    window_spread,
    window_sum,
)

pytestmark = pytest.mark.skipif(not enabled(), reason="no C compiler")


def agree(op: Op, *arrays: Any, exact: bool = False, **params: Any) -> Any:
    """The op by its kernel, which must serve it, as by NumPy."""
    dense = [np.array(a, order="C") for a in arrays]
    assert described[op](*dense, out=None, **params) is not None
    with np.errstate(invalid="ignore"):  # inf - inf
        got = op.forward(np, *arrays, **params)
        with plainly():
            want = op.forward(np, *arrays, **params)
    assert got.shape == want.shape and got.dtype == want.dtype
    if exact:
        np.testing.assert_array_equal(got, want)
    else:
        tolerance = 1e-12 if got.dtype == np.float64 else 1e-5
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)
    return got


def agree_all(x: Any, window: Window) -> None:
    size = x.shape[2:]
    y = agree(window_max, x, window=window, exact=True)
    spot = agree(window_argmax, x, window=window, exact=True)
    agree(window_sum, x, window=window)
    g = np.random.default_rng(1).standard_normal(y.shape).astype(x.dtype)
    agree(window_drop, g, spot, window=window, size=size)
    agree(window_spread, g, window=window, size=size)


@st.composite
def settings_of(draw: Any) -> tuple[Window, tuple[int, int], Any, str, int]:
    """A window that fits, a size, a type, what the numbers are like, a seed."""
    kind = draw(st.sampled_from(["pairs", "three", "any"]))
    if kind == "any":
        pair = lambda high: (draw(st.integers(1, high)), draw(st.integers(1, high)))  # noqa: E731
        kernel, stride, dilation = pair(4), pair(4), pair(3)
        padding = tuple((draw(st.integers(0, k // 2)), draw(st.integers(0, 3))) for k in kernel)
    else:
        k = 2 if kind == "pairs" else 3
        kernel, stride, dilation = (k, k), (2, 2), (1, 1)
        padding = ((0, draw(st.integers(0, 1))),) * 2 if k == 2 else ((1, 1),) * 2
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    size = (
        draw(st.integers(max(1, spans[0] - sum(padding[0])), spans[0] + 12)),
        draw(st.integers(max(1, spans[1] - sum(padding[1])), spans[1] + 40)),
    )
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    numbers = draw(st.sampled_from(["normal", "few", "nan", "infinite"]))
    return Window(kernel, stride, dilation, padding), size, dtype, numbers, draw(st.integers(0, 99))


@settings(max_examples=250)
@given(settings_of(), st.integers(1, 3), st.integers(1, 3))
def test_any_window(case: Any, n: int, c: int) -> None:
    window, size, dtype, numbers, seed = case
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, c, *size)).astype(dtype)
    if numbers == "few":  # many are equal: the first counts
        x = np.round(x)
    elif numbers == "nan":
        x[rng.random(x.shape) < 0.2] = np.nan
    elif numbers == "infinite":
        x[rng.random(x.shape) < 0.2] = np.inf
        x[rng.random(x.shape) < 0.6] = -np.inf
    agree_all(x, window)


PAIRS = Window((2, 2), (2, 2), (1, 1), ((0, 0), (0, 0)))


@pytest.mark.parametrize("size", [(2, 2), (5, 7), (28, 28), (9, 65)])
def test_two_by_two(size: tuple[int, int]) -> None:
    agree_all(np.random.default_rng(0).standard_normal((3, 5, *size)), PAIRS)


def test_a_window_of_more_numbers_than_a_byte_counts() -> None:
    window = Window((17, 17), (3, 3), (1, 1), ((8, 8), (8, 8)))
    spot = agree(
        window_argmax, np.arange(2 * 20 * 21.0).reshape(1, 2, 20, 21), window=window, exact=True
    )
    assert spot.dtype == np.int64 and spot.max() > 255
    agree_all(np.random.default_rng(0).standard_normal((1, 2, 20, 21)), window)


def test_windows_as_large_as_images() -> None:
    rng = np.random.default_rng(0)
    for size in ((4, 5), (1, 7), (16, 16)):
        agree_all(rng.standard_normal((2, 3, *size)), Window(size, size, (1, 1), ((0, 0), (0, 0))))


@pytest.mark.parametrize(
    "window",
    [
        ((3,), (2,), (1,), ((1, 1),)),
        ((2,), (2,), (1,), ((0, 0),)),
        ((9,), (9,), (1,), ((0, 0),)),
        ((2,), (1,), (3,), ((0, 1),)),
    ],
)
def test_sequences(window: Any) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 9))
    assert described[window_max](x, window=Window(*window), out=None) is not None
    agree_all(x, Window(*window))


def test_arrays_with_steps_in_memory() -> None:
    x = np.random.default_rng(0).standard_normal((3, 9, 8, 4)).transpose(0, 3, 1, 2)
    agree_all(x, Window((3, 3), (2, 2), (1, 1), ((1, 1), (1, 1))))
    agree_all(x[:, ::2, ::-1], PAIRS)
    g = np.broadcast_to(2.0, (3, 4, 4, 4))
    agree(window_spread, g, window=PAIRS, size=(9, 8))


def test_spots_that_are_outside_drop_nothing() -> None:
    spot = np.array([[[[0, 9], [200, 3]]]], np.uint8)
    window = Window((3, 3), (2, 2), (1, 1), ((1, 1), (1, 1)))
    agree(window_drop, np.ones((1, 1, 2, 2)), spot, window=window, size=(4, 4), exact=True)


@pytest.mark.parametrize(
    "x",
    [np.zeros((2, 3, 4, 4), np.int64), np.zeros((2, 3, 4, 4), np.float16), np.zeros((0, 3, 4, 4))],
    ids=["integers", "half", "no images"],
)
def test_what_is_left_to_numpy(x: Any) -> None:
    assert described[window_max](x, window=PAIRS, out=None) is None
    y = window_max.forward(np, x, window=PAIRS)
    assert y.shape == (len(x), 3, 2, 2) and y.dtype == x.dtype


def test_where_to_write() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 4))
    for op in (window_max, window_sum, window_argmax):
        want = op.forward(np, x, window=PAIRS)
        out = np.zeros_like(want)
        assert op.forward(np, x, window=PAIRS, out=out) is out
        np.testing.assert_array_equal(out, want)
