"""Sums in C against NumPy's, whatever stands before and behind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad.native import library
from minigrad.native.hook import described
from minigrad.native.library import enabled, plainly, run
from minigrad.op import Op
from minigrad.ops.axes import around
from minigrad.ops.normalization import center, mean_square
from minigrad.ops.reduction import sum as sum_over
from minigrad.ops.shape import sum_to

pytestmark = pytest.mark.skipif(not enabled(), reason="no C compiler")


def agree(op: Op, *arrays: Any, **params: Any) -> None:
    """The op's kernel, and the op as it chooses, as by NumPy."""
    dense = [np.array(a, order="C") for a in arrays]
    call = described[op](*dense, out=None, **params)
    assert call is not None and run(call)
    with np.errstate(all="ignore"):
        with plainly():
            want = np.asarray(op.forward(np, *arrays, **params))
        for got in (call.arrays[0], np.asarray(op.forward(np, *arrays, **params))):
            assert got.shape == want.shape and got.dtype == want.dtype
            tolerance = 1e-12 if got.dtype == np.float64 else 1e-5
            scale = float(np.nansum(np.abs(arrays[0]))) ** 0.5 + 1
            np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance * scale)


@st.composite
def cases(draw: Any) -> tuple[Any, tuple[int, ...]]:
    """An array, and reduced axes around those that are kept."""
    few = st.lists(st.integers(1, 5), max_size=2)
    many = st.lists(st.integers(1, 70), min_size=1, max_size=1)
    sizes = [draw(st.one_of(few, many)) for _ in range(3)]
    shape = tuple(n for part in sizes for n in part)
    ranks = [len(part) for part in sizes]
    axes = (*range(ranks[0]), *range(ranks[0] + ranks[1], sum(ranks)))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    x = rng.standard_normal(shape).astype(draw(st.sampled_from([np.float32, np.float64])))
    return np.asarray(x), axes


@settings(max_examples=150)
@given(cases(), st.integers(1, 4), st.booleans())
def test_any_sum_around(case: Any, count: int, keepdim: bool) -> None:
    x, axes = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "hold", lambda: count)
        patch.setattr(library, "let_go", lambda: None)
        agree(sum_over, x, axis=axes, keepdim=keepdim)
        agree(mean_square, x, axes=axes)
        m = np.asarray(np.mean(x, axis=axes, keepdims=True, dtype=x.dtype))
        agree(center, x, m, axes=axes)
        goal = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
        agree(sum_to, x, shape=goal)


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((300_000,), (0,)),
        ((50_000, 10), (0,)),
        ((7, 60_000), (0,)),
        ((8, 512, 2, 2), (0, 2, 3)),
        ((8, 64, 56, 56), (0, 2, 3)),
        ((4096, 1000), (1,)),
        ((301, 67), (0,)),
    ],
)
@pytest.mark.parametrize("count", [1, 3])
def test_large_sums(
    shape: tuple[int, ...], axes: tuple[int, ...], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "hold", lambda: count)
    monkeypatch.setattr(library, "let_go", lambda: None)
    x = np.random.default_rng(0).standard_normal(shape)
    agree(sum_over, x, axis=axes)
    agree(mean_square, x, axes=axes)
    agree(sum_over, x.astype(np.float32), axis=axes)


def test_to_a_row_and_to_channels() -> None:
    x = np.random.default_rng(0).standard_normal((64, 3, 16, 8))
    for shape in ((8,), (1, 3, 1, 1), (3, 1, 1), (1, 1, 1, 1), (), (16, 8), (1, 3, 16, 8)):
        agree(sum_to, x, shape=shape)


def test_inf_and_nan_pass() -> None:
    x = np.ones((40, 5, 60))
    x[3, 1, 7], x[9, 2, 59], x[0, 3, 0], x[1, 3, 0] = np.nan, np.inf, np.inf, -np.inf
    agree(sum_over, x, axis=(0, 2))
    agree(sum_over, x, axis=(0, 1, 2))


def test_kept_axes_that_are_apart_are_left_to_numpy() -> None:
    x = np.ones((3, 4, 5))
    assert around(x, (1,)) is None and around(x.astype(int), (0,)) is None
    assert around(x[:0], (0,)) is None
    assert around(x, ()) == [1, 60, 1] and around(x, (0, 1, 2)) == [1, 1, 60]
    assert around(np.ones((1, 4, 1, 5)), (0, 3)) == [1, 4, 5]
    np.testing.assert_array_equal(sum_over.forward(np, np.ones((50, 4, 50)), axis=(1,)), 4.0)


def test_arrays_with_steps_in_memory() -> None:
    x = np.random.default_rng(0).standard_normal((70, 30, 9)).transpose(2, 0, 1)
    agree(sum_over, x, axis=(0,))
    agree(mean_square, x[:, ::2], axes=(0, 2))


def test_where_to_write() -> None:
    x, out = np.ones((100, 200)), np.zeros(200)
    assert sum_over.forward(np, x, axis=(0,), out=out) is out
    np.testing.assert_array_equal(out, 100.0)
