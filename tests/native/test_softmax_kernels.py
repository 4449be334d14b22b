"""Exponentials that sum to one in C against NumPy's, with inf, nan, and labels of every kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad.native.hook import described
from minigrad.native.library import Batch, enabled, plainly, run
from minigrad.op import Op
from minigrad.ops.loss import class_cross_entropy, class_residual
from minigrad.ops.softmax import log_softmax, softmax, softmax_back

pytestmark = pytest.mark.skipif(not enabled(), reason="no C compiler")


def agree(op: Op, *arrays: Any, **params: Any) -> Any:
    """The op by its kernel, which must serve it, as by NumPy."""
    dense = [np.array(a, order="C") for a in arrays]
    assert described[op](*dense, out=None, **params) is not None
    with np.errstate(all="ignore"):
        got = op.forward(np, *arrays, **params)
        with plainly():
            want = np.asarray(op.forward(np, *arrays, **params))
    assert got.shape == want.shape and got.dtype == want.dtype
    tolerance = 1e-12 if got.dtype == np.float64 else 3e-6
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)
    return got


shapes = st.one_of(
    st.tuples(st.integers(1, 200), st.integers(1, 12)),
    st.tuples(st.integers(1, 3), st.integers(1, 200)),
    st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 90)),
    st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(1, 20)),
)
dtypes = st.sampled_from([np.float32, np.float64])


@settings(max_examples=120)
@given(shapes, st.integers(0, 3), dtypes, st.sampled_from([1.0, 50.0]), st.booleans())
def test_rows_of_any_shape(
    shape: tuple[int, ...], dim: int, dtype: Any, scale: float, odd: bool
) -> None:
    rng = np.random.default_rng(len(shape))
    x = (rng.standard_normal(shape) * scale).astype(dtype)
    if odd:
        x.flat[rng.integers(0, x.size)] = rng.choice([np.nan, np.inf, -np.inf])
    dim %= len(shape)
    agree(log_softmax, x, dim=dim)
    p = agree(softmax, x, dim=dim)
    agree(softmax_back, rng.standard_normal(shape).astype(dtype), p, dim=dim)


@settings(max_examples=120)
@given(
    shapes.filter(lambda shape: len(shape) > 1),
    dtypes,
    st.sampled_from(["none", "sum", "mean"]),
    st.sampled_from([-100, 0]),
    st.integers(0, 99),
)
def test_losses_of_any_shape(
    shape: tuple[int, ...], dtype: Any, reduction: str, ignore: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape).astype(dtype)
    target = rng.integers(0, shape[1], (shape[0], *shape[2:]))
    if ignore < 0:
        target[rng.random(target.shape) < 0.2] = ignore
    params = {"ignore_index": ignore, "reduction": reduction}
    agree(class_cross_entropy, x, target, **params)
    agree(class_residual, x, target, **params)


def test_far_logits() -> None:
    x = np.array([[1e4, 0, -1e4], [-1e4, -1e4, -1e4]])
    for dtype in (np.float32, np.float64):
        assert softmax.forward(np, x.astype(dtype), dim=1).tolist()[0] == [1, 0, 0]
        losses = class_cross_entropy.forward(
            np, x.astype(dtype), np.array([2, 0]), ignore_index=-100, reduction="none"
        )
        np.testing.assert_allclose(losses, [2e4, np.log(3)], rtol=1e-6)


def test_a_probability_that_underflowed_counts_as_the_floor() -> None:
    p = np.array([[1.0, 0.0]], np.float32)
    c = np.array([[0.0, 1e25]], np.float32)
    z = agree(softmax_back, c, p, dim=1)
    assert 0 < z[0, 1] < 1e-3


@pytest.mark.parametrize("wrong", [3, -1, 10**12])
@pytest.mark.parametrize("op", [class_cross_entropy, class_residual])
def test_a_label_out_of_range_is_refused(op: Op, wrong: int) -> None:
    x, target = np.zeros((200, 3)), np.zeros(200, np.int64)
    target[150] = wrong
    params: Any = {"ignore_index": -100, "reduction": "mean"}
    call = described[op](x, target, out=None, **params)
    assert call is not None and not run(call)
    with pytest.raises(IndexError, match="index is out of range"):
        Batch([call]).run()
    if wrong > 0:
        with pytest.raises(IndexError, match="expected labels from 0 to 2 for 3 classes, got"):
            op.forward(np, x, target, **params)


def test_nothing_counts() -> None:
    target = np.full(4, -100)
    loss = agree(class_cross_entropy, np.ones((4, 3)), target, ignore_index=-100, reduction="mean")
    assert np.isnan(loss)


def test_arrays_with_steps_in_memory() -> None:
    x = np.random.default_rng(0).standard_normal((10, 33)).T
    agree(softmax, x, dim=1)
    agree(log_softmax, x[::2], dim=0)
    target = np.arange(66)[::2] % 10
    agree(class_cross_entropy, x, target, ignore_index=-100, reduction="mean")


def test_what_is_left_to_numpy() -> None:
    x, target = np.zeros((4, 3)), np.zeros(4, np.int32)
    params: Any = {"ignore_index": -100, "reduction": "mean"}
    assert described[softmax](x.astype(np.float16), dim=1, out=None) is None
    assert described[softmax](x[:0], dim=1, out=None) is None
    assert described[class_cross_entropy](x, target, out=None, **params) is None
    assert class_cross_entropy.forward(np, x, target, **params) == pytest.approx(np.log(3))


def test_where_to_write() -> None:
    x = np.random.default_rng(0).standard_normal((4, 3))
    out = np.zeros_like(x)
    assert softmax.forward(np, x, dim=1, out=out) is out
    np.testing.assert_allclose(out.sum(axis=1), 1)
