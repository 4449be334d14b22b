"""Sums, products and comparisons that take ways of their own where rows are narrow or many."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

import minigrad
import minigrad.nn.functional as F
from minigrad.op import register
from minigrad.ops.linalg import TALL
from minigrad.ops.rows import LONGEST, row
from minigrad.ops.shape import sum_rows

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(4000, 5), (4001, 7, 3), (2, 3), (1, 4), (5, 1), (0, 3), (3, 0)])
@pytest.mark.parametrize("lay_out", [lambda x: x, np.asfortranarray, lambda x: x[..., ::-1]])
def test_sum_over_leading_dimensions(shape: tuple[int, ...], lay_out: Any) -> None:
    x = lay_out(RNG.standard_normal(shape))
    for lead in range(1, x.ndim):
        expected = np.sum(x, axis=tuple(range(lead)))
        for found in (
            sum_rows(np, x, lead),
            minigrad.from_numpy(x).sum(tuple(range(lead))).array,
            minigrad.from_numpy(x).sum_to_size(x.shape[lead:]).array,
        ):
            assert found.shape == expected.shape
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_sum_takes_a_destination_and_keeps_what_is_not_finite() -> None:
    x = RNG.standard_normal((3000, 4))
    x[7, 0], x[8, 1], x[5, 2], x[6, 2] = np.nan, np.inf, np.inf, -np.inf
    out = np.empty(4)
    with np.errstate(invalid="ignore"):
        assert register["sum"].forward(np, x, axis=(0,), out=out) is out
        np.testing.assert_allclose(out, x.sum(0), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int32, np.bool_])
def test_sum_keeps_its_types(dtype: Any) -> None:
    x = (RNG.integers(0, 2, (300, 5))).astype(dtype)
    y = minigrad.from_numpy(x).sum(0)
    assert y.dtype == (np.int64 if x.dtype.kind in "ib" else dtype)
    np.testing.assert_array_equal(y.array, x.sum(0))


@pytest.mark.parametrize("shape", [(5000, 3), (1709, 5), (300, 32), (300, 33), (9000, 1)])
@pytest.mark.parametrize("bias", ["row", "one"])
def test_linear_adds_its_bias_to_every_row(shape: tuple[int, int], bias: str) -> None:
    rows, width = shape
    x, w = RNG.standard_normal((rows, 4)), RNG.standard_normal((width, 4))
    b = RNG.standard_normal(width if bias == "row" else 1)
    y = F.linear(*(minigrad.from_numpy(a) for a in (x, w, b)))
    np.testing.assert_allclose(y.array, x @ w.T + b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "shape", [(40, 8, 28, 28), (64, 300), (3, 5, 700), (2, 9000), (0, 3, 9000)]
)
@pytest.mark.parametrize("keepdim", [False, True])
def test_sum_over_any_dimensions(shape: tuple[int, ...], keepdim: bool) -> None:
    x = RNG.standard_normal(shape)
    forward = register["sum"].plain
    for count in range(1, len(shape) + 1):
        for axis in combinations(range(len(shape)), count):
            expected = x.sum(axis=axis, keepdims=keepdim)
            out = np.full(expected.shape, np.nan)
            for found in (
                forward(np, x, axis=axis, keepdim=keepdim),
                forward(np, np.asfortranarray(x), axis=axis, keepdim=keepdim),
                forward(np, x, axis=axis, keepdim=keepdim, out=out),
            ):
                np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-11)
                assert found.shape == expected.shape


@pytest.mark.parametrize("rows", [TALL - 1, TALL, TALL + 1, 3 * TALL + 7])
@pytest.mark.parametrize("order", ["C", "F"])
def test_tall_products_are_made_in_slices(rows: int, order: str) -> None:
    a, b = RNG.standard_normal((rows, 6)), RNG.standard_normal((6, 5))
    out = np.full((rows, 5), np.nan, order=order)  # type: ignore[call-overload]
    for found in (
        register["matmul"].plain(np, np.array(a, order=order), b),
        register["matmul"].plain(np, a, b, out=out),
        register["linear"].plain(np, a, np.array(b.T)),
    ):
        np.testing.assert_allclose(found, a @ b, rtol=1e-12, atol=1e-12)
    assert np.isfinite(out).all()


@pytest.mark.parametrize("count", [0, 5, LONGEST, LONGEST + 1])
def test_a_row_of_one_number_is_not_written_to(count: int) -> None:
    kept = row(1, count, np.dtype(np.float32))
    assert kept.shape == (count,) and kept.dtype == np.float32 and (kept == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        kept[...] = 0


@pytest.mark.parametrize("size", [7, 3 * LONGEST + 5])
def test_relu_takes_any_length(size: int) -> None:
    x = RNG.standard_normal(size)
    x[3] = np.nan
    np.testing.assert_array_equal(register["relu"].plain(np, x), np.maximum(x, 0))
