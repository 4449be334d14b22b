"""The error of a sum does not grow with its length, along whichever axis and however it lies."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.native.library import plainly
from minigrad.ops.summation import BLOCK, summed

EPS = 2.0**-23
WAYS: dict[str, Callable[[], AbstractContextManager[Any]]] = {"native": nullcontext}
WAYS |= {"numpy": plainly}


def columns() -> np.ndarray:
    return np.random.default_rng(0).random((90_000, 3)).astype(np.float32)


def layouts() -> dict[str, tuple[np.ndarray, int | tuple[int, ...]]]:
    x = columns()
    return {
        "columns": (x, 0),
        "rows": (np.ascontiguousarray(x.T), 1),
        "turned rows": (np.ascontiguousarray(x.T).T, 0),
        "some columns": (x[:, ::2], 0),
        "the middle": (x.reshape(2, 45_000, 3), 1),
        "the first two": (x.reshape(2, 45_000, 3), (0, 1)),
        "around": (x.reshape(9_000, 3, 10), (0, 2)),
        "backwards": (x[::-1], 0),
        "wide": (x.reshape(2700, 100), 0),
    }


COMPUTED: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "sum": (lambda x, d: x.sum(d), lambda x, d: x.sum(d)),
    "mean": (lambda x, d: x.mean(d), lambda x, d: x.mean(d)),
    "var": (lambda x, d: x.var(d), lambda x, d: x.var(d, ddof=1)),
    "var far out": (
        lambda x, d: (x + 100).var(d),
        lambda x, d: (x.astype(np.float32) + np.float32(100)).astype(float).var(d, ddof=1),
    ),
    "norm": (lambda x, d: x.norm(2, d), lambda x, d: np.sqrt((x * x).sum(d))),
    "norm 3": (lambda x, d: x.norm(3, d), lambda x, d: (x**3).sum(d) ** (1 / 3)),
    "logsumexp": (lambda x, d: x.logsumexp(d), lambda x, d: np.log(np.exp(x).sum(d))),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", COMPUTED)
def test_long_sums_in_float32(what: str, way: str) -> None:
    mine, numpy = COMPUTED[what]
    for name, (x, dim) in layouts().items():
        with WAYS[way]():
            y = mine(minigrad.from_numpy(x), dim).numpy()
        worst = np.abs(y / numpy(x.astype(float), dim) - 1).max() / EPS
        assert worst < 6, f"{what} of {name}: {worst:.0f} units in the last place"


@pytest.mark.parametrize("way", WAYS)
def test_a_gradient_of_what_was_expanded(way: str) -> None:
    x = columns()
    b = minigrad.zeros(3, requires_grad=True)
    with WAYS[way]():
        (minigrad.from_numpy(x) + b).backward(minigrad.from_numpy(x))
    assert b.grad is not None
    np.testing.assert_allclose(b.grad.numpy(), x.astype(float).sum(0), rtol=8 * EPS)


def test_running_sums_and_products_go_on_in_float64() -> None:
    x = columns()
    for dim, turned in ((0, x), (1, np.ascontiguousarray(x.T))):
        y = minigrad.from_numpy(turned).cumsum(dim).numpy()
        np.testing.assert_allclose(y, turned.astype(float).cumsum(dim), rtol=EPS)
        near = 1 + (turned - np.float32(0.5)) * np.float32(1e-4)
        z = minigrad.from_numpy(near).cumprod(dim).numpy()
        np.testing.assert_allclose(z, near.astype(float).cumprod(dim), rtol=EPS)
        assert y.dtype == z.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks_leave_nothing_out(dtype: type) -> None:
    rng = np.random.default_rng(1)
    for n in (2 * BLOCK, 2 * BLOCK + 1, 3 * BLOCK - 1, BLOCK * BLOCK + 7):
        shape = (n, 2, max(2, 8192 // n))
        x = rng.integers(-9, 9, shape).astype(dtype)  # whose sums are exact
        for order in ((0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0)):
            y = np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
            for axis in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2), ()):
                for keepdim in (False, True):
                    want = x.astype(np.int64).sum(axis, keepdims=keepdim)
                    have = summed(np, y, axis, keepdim)
                    assert have.dtype == dtype
                    np.testing.assert_array_equal(have, want)
                    out = np.empty(want.shape, dtype)
                    assert summed(np, y, axis, keepdim, out) is out
                    np.testing.assert_array_equal(out, want)
