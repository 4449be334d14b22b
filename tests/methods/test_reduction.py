"""Reductions and scans: ties, nan, nothing to reduce, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import Tensor

torch = pytest.importorskip("torch")


def gradient(call: Callable[[Any], Any], numbers: Any) -> tuple[list[float], list[float]]:
    """Of minigrad and of PyTorch."""
    x = mg.tensor(numbers, dtype=mg.float64, requires_grad=True)
    t = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
    call(x).sum().backward()
    call(t).sum().backward()
    return x.grad.tolist(), t.grad.tolist()


TIES = [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.max(),
        lambda x: x.min(),
        lambda x: x.amax(),
        lambda x: x.amax(1),
        lambda x: x.amin((0, 1)),
        lambda x: x.max(1).values,
        lambda x: x.max(0).values,
        lambda x: x.min(1, keepdim=True)[0],
        lambda x: x.median(),
        lambda x: x.cummax(1).values,
        lambda x: x.cummin(1).values,
        lambda x: x.norm(math.inf),
        lambda x: x.norm(math.inf, 1),
        lambda x: x.norm(-math.inf),
    ],
)
def test_ties_share_the_gradient_as_in_pytorch(call: Callable[[Any], Any]) -> None:
    mine, other = gradient(call, TIES)
    np.testing.assert_allclose(mine, other, rtol=1e-12)


@pytest.mark.parametrize("p", ["fro", 1, 1.5, 2, 3, math.inf])
def test_norm_has_slope_zero_at_zero(p: Any) -> None:
    np.testing.assert_array_equal(*gradient(lambda x: x.norm(p), [0.0, 0.0]))
    np.testing.assert_allclose(*gradient(lambda x: x.norm(p, 1), [[0.0, 0.0], [0.0, 2.0]]))


def test_std_of_equal_numbers_has_slope_zero() -> None:
    np.testing.assert_array_equal(*gradient(lambda x: x.std(), [2.0, 2.0]))


@pytest.mark.parametrize(
    "numbers",
    [[2.0, 3.0, 4.0], [2.0, 0.0, 4.0], [0.0, 0.0, 4.0], [0.0, 0.0, 0.0], [-1.0, 2.0, 0.0]],
)
def test_products_with_zeros_to_the_second_derivative(numbers: list[float]) -> None:
    for call in (lambda x: x.prod(0), lambda x: x.prod(), lambda x: x.cumprod(0)):
        np.testing.assert_allclose(*gradient(call, numbers), rtol=1e-12)
        x = mg.tensor(numbers, dtype=mg.float64, requires_grad=True)
        (g,) = mg.autograd.grad(call(x).sum(), x, create_graph=True)
        (h,) = mg.autograd.grad((g * mg.tensor([1.0, 2.0, 3.0], dtype=mg.float64)).sum(), x)
        a, b, c = numbers
        weights = np.array([1.0, 2.0, 3.0])
        full = np.array([[0, c, b], [c, 0, a], [b, a, 0]])
        hessian = full if call(x).ndim == 0 else full + np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
        np.testing.assert_allclose(h.numpy(), hessian @ weights, rtol=1e-12, atol=1e-12)


def test_logsumexp_neither_overflows_nor_vanishes() -> None:
    x = mg.tensor([1e4, 1e4, -math.inf], dtype=mg.float64, requires_grad=True)
    y = x.logsumexp(0)
    assert y.item() == pytest.approx(1e4 + math.log(2))
    y.backward()
    np.testing.assert_allclose(x.grad.numpy(), [0.5, 0.5, 0.0], rtol=1e-11)
    assert mg.tensor([-math.inf, -math.inf]).logsumexp(0).item() == -math.inf
    assert mg.tensor([math.inf, 1.0]).logsumexp(0).item() == math.inf
    z = mg.tensor([1e4, -1e4, 1e4], dtype=mg.float64, requires_grad=True)
    z.logcumsumexp(0).sum().backward()
    np.testing.assert_allclose(z.grad.numpy(), [2.5, 0.0, 0.5])


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.sum(),
        lambda x: x.amax(),
        lambda x: x.max(),
        lambda x: x.max(0).values,
        lambda x: x.max(0).indices,
        lambda x: x.argmax(),
        lambda x: x.argmin(),
        lambda x: x.median(),
        lambda x: x.median(0).indices,
        lambda x: x.nansum(),
        lambda x: x.nanmean(),
        lambda x: x.count_nonzero(),
        lambda x: x.cummax(0).values,
        lambda x: x.cummax(0).indices,
        lambda x: x.cummin(0).indices,
        lambda x: x.any(),
        lambda x: x.quantile(0.5),
        lambda x: x.logsumexp(0),
        lambda x: x.sort().indices,
        lambda x: x.sort(descending=True, stable=True).indices,
    ],
)
def test_nan_goes_where_it_goes_in_pytorch(call: Callable[[Any], Any]) -> None:
    numbers = [1.0, math.nan, 3.0, math.nan, 0.0]
    np.testing.assert_array_equal(
        call(mg.tensor(numbers)).numpy(), call(torch.tensor(numbers)).numpy()
    )


def test_nothing_to_reduce() -> None:
    x = mg.zeros(0)
    assert x.sum().item() == 0
    assert x.prod().item() == 1
    assert math.isnan(x.mean().item())
    assert math.isnan(x.median().item())
    assert x.all().item() is True
    assert x.any().item() is False
    assert x.norm().item() == 0
    assert x.logsumexp(0).item() == -math.inf
    assert mg.zeros(2, 0).sum(0).shape == (0,)
    assert mg.zeros(0, 3).amax(1).shape == (0,)


REFUSED: list[tuple[Callable[[Tensor], Any], type[Exception], str]] = [
    (lambda x: x.sum(2), IndexError, r"range of \[-2, 1\], but got 2"),
    (lambda x: x.sum((0, -2)), RuntimeError, "multiple times"),
    (lambda x: x.long().mean(), RuntimeError, "mean: .*floating point"),
    (lambda x: x.long().var(), RuntimeError, "var: .*floating point"),
    (lambda x: x.long().norm(), RuntimeError, "norm: .*floating point"),
    (lambda x: x[:0].max(), RuntimeError, "max: .*numel.. == 0"),
    (lambda x: x[:0].max(0), IndexError, "non-zero size"),
    (lambda x: x[:0].amax(), RuntimeError, "amax: .*numel.. == 0"),
    (lambda x: x[:0].argmin(), IndexError, "non-zero size"),
    (lambda x: x[:0].median(0), IndexError, "non-zero size"),
    (lambda x: x[:0].norm(math.inf), RuntimeError, "empty dimension"),
    (lambda x: x.bool().argmax(), RuntimeError, "bool"),
    (lambda x: x.cumsum(2), IndexError, "out of range"),
    (lambda x: x.diff(-1), RuntimeError, "non-negative"),
    (lambda x: x.sum().diff(), RuntimeError, "one-dimensional"),
    (lambda x: x.quantile(1.5), RuntimeError, "range"),
    (lambda x: x.long().quantile(0.5), RuntimeError, "floating"),
    (lambda x: x.quantile(0.5, interpolation="cubic"), RuntimeError, "interpolation"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_what_cannot_be_is_refused(
    call: Callable[[Tensor], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call(mg.ones(2, 3))


def test_names_of_numpy_and_named_results() -> None:
    x = mg.tensor([[1.0, 5.0], [7.0, 3.0]])
    assert x.sum(axis=1, keepdims=True).shape == (2, 1)
    values, indices = mg.max(x, dim=1)
    assert values.tolist() == [5, 7]
    assert indices.tolist() == [1, 0]
    assert x.min(0).values.tolist() == [1, 3]
    assert x.sort(descending=True).indices.tolist() == [[1, 0], [0, 1]]
    both = mg.aminmax(x)
    assert (both.min.item(), both.max.item()) == (1, 7)
    assert mg.max(x, mg.tensor(4.0)).tolist() == [[4, 5], [7, 4]]
    assert x.sum(dtype=mg.float64).dtype == mg.float64
    assert mg.tensor([True, True]).sum().item() == 2
    assert mg.tensor(np.array([1, 0], np.uint8)).all().dtype == np.uint8


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.sets(st.integers(0, 2)),
    st.booleans(),
    st.sampled_from(["sum", "mean", "amax", "amin", "var", "logsumexp"]),
)
def test_any_dimensions_agree_with_pytorch(
    shape: list[int], dims: set[int], keepdim: bool, name: str
) -> None:
    axes = tuple(d for d in dims if d < len(shape))
    if not axes or (name == "var" and math.prod(shape[i] for i in axes) < 2):
        return
    x = np.random.default_rng(0).standard_normal(shape)
    mine = getattr(mg.tensor(x), name)(axes, keepdim=keepdim)
    other = getattr(torch.tensor(x), name)(axes, keepdim=keepdim)
    np.testing.assert_allclose(mine.numpy(), other.numpy(), rtol=1e-12, atol=1e-13)
