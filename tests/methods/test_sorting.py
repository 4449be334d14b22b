"""Order, counting, and numbers by tensors of places: edge cases and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import minigrad as mg
from minigrad import Tensor
from minigrad.nn.functional.onehot import one_hot

torch = pytest.importorskip("torch")


def at(*numbers: int) -> Tensor:
    return mg.tensor(list(numbers))


@given(arrays.arrays(np.int64, st.integers(1, 12), elements=st.integers(0, 4)), st.booleans())
def test_sort_is_stable_both_ways(x: np.ndarray, descending: bool) -> None:
    mine = mg.tensor(x).sort(descending=descending)
    other = torch.tensor(x).sort(descending=descending, stable=True)
    np.testing.assert_array_equal(mine.values.numpy(), other.values.numpy())
    np.testing.assert_array_equal(mine.indices.numpy(), other.indices.numpy())


@given(
    arrays.arrays(np.int64, arrays.array_shapes(max_dims=2, max_side=5), elements=st.integers(0, 3))
)
def test_unique_puts_the_numbers_back(x: np.ndarray) -> None:
    values, places, counts = mg.tensor(x).unique(return_inverse=True, return_counts=True)
    np.testing.assert_array_equal(values[places].numpy(), x)
    assert counts.sum().item() == x.size
    rows, places = mg.tensor(x).unique(dim=0, return_inverse=True)
    np.testing.assert_array_equal(rows[places].numpy(), x)


@given(
    arrays.arrays(np.int64, st.integers(0, 8), elements=st.integers(-3, 2)),
    st.integers(1, 3),
    st.booleans(),
)
def test_adding_at_repeated_places_agrees_with_numpy(
    index: np.ndarray, width: int, columns: bool
) -> None:
    rng = np.random.default_rng(0)
    source = rng.standard_normal((index.size, width))
    x = rng.standard_normal((3, width))
    expected = x.copy()
    np.add.at(expected, index, source)
    places, values = mg.tensor(index), mg.tensor(source)
    y = mg.tensor(x)
    if columns:
        y = (
            mg.tensor(np.ascontiguousarray(x.T))
            .index_put((slice(None), places), values.T, accumulate=True)
            .T
        )
    else:
        y = y.index_put((places,), values, accumulate=True)
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12, atol=1e-12)


@given(
    st.integers(1, 6), st.integers(0, 8), st.sampled_from(["sum", "prod", "mean", "amax", "amin"])
)
def test_scatter_reduce_of_integers_agrees_with_pytorch(n: int, count: int, reduce: str) -> None:
    rng = np.random.default_rng(n * 9 + count)
    x, source = rng.integers(-5, 6, n), rng.integers(-5, 6, count)
    index = rng.integers(0, n, count)
    for include in (True, False):
        mine = mg.tensor(x).scatter_reduce(
            0, mg.tensor(index), mg.tensor(source), reduce, include_self=include
        )
        other = torch.tensor(x).scatter_reduce(
            0, torch.tensor(index), torch.tensor(source), reduce, include_self=include
        )
        np.testing.assert_array_equal(mine.numpy(), other.numpy())


@pytest.mark.parametrize("reduce", ["amax", "amin", "prod"])
def test_scatter_reduce_ties_and_zeros_as_in_pytorch(reduce: str) -> None:
    grads = []
    for lib in (mg, torch):
        x = lib.tensor([1.0, 0.0, 2.0], dtype=lib.float64, requires_grad=True)
        y = lib.tensor([1.0, 0.0, 0.0, 3.0, 3.0], dtype=lib.float64, requires_grad=True)
        z = x.scatter_reduce(0, lib.tensor([0, 0, 1, 2, 2]), y, reduce)
        (z * lib.tensor([1.0, 2.0, 3.0], dtype=lib.float64)).sum().backward()
        grads.append((x.grad.numpy(), y.grad.numpy()))
    for mine, other in zip(*grads, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-12)


def test_in_place_twins_write_and_differentiate() -> None:
    calls: list[Callable[[Any, Any], Any]] = [
        lambda x, lib: x.scatter_(0, lib.tensor([1]), 5.0),
        lambda x, lib: x.scatter_add_(0, lib.tensor([1, 1]), x.detach()[:2].clone()),
        lambda x, lib: x.index_add_(0, lib.tensor([2]), lib.ones(1, dtype=lib.float64)),
        lambda x, lib: x.index_copy_(0, lib.tensor([2]), lib.ones(1, dtype=lib.float64)),
        lambda x, lib: x.index_fill_(0, lib.tensor([2]), 4),
        lambda x, lib: x.index_put_((lib.tensor([0]),), lib.ones(1, dtype=lib.float64)),
        lambda x, lib: x.put_(lib.tensor([0]), lib.ones(1, dtype=lib.float64)),
        lambda x, lib: x.masked_fill_(lib.tensor([True, False, True]), -1),
        lambda x, lib: x.masked_scatter_(
            lib.tensor([True, False, True]), lib.ones(2, dtype=lib.float64)
        ),
        lambda x, lib: x.cumsum_(0),
        lambda x, lib: x.cumprod_(0),
        lambda x, lib: x.unsqueeze(0).tril_(),
    ]
    for call in calls:
        found = []
        for lib in (mg, torch):
            leaf = lib.tensor([1.0, 2.0, 3.0], dtype=lib.float64, requires_grad=True)
            x = leaf * 2
            call(x, lib)
            (x * x).sum().backward()
            found.append((x.detach().numpy(), leaf.grad.numpy()))
        np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-12)
        np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-12)


def test_masked_fill_keeps_the_type() -> None:
    mask = mg.tensor([True, False])
    assert mg.tensor([1, 2]).masked_fill(mask, 7.9).tolist() == [7, 2]
    assert mg.tensor([1.0, 2.0]).masked_fill(mask, mg.tensor(5)).dtype == mg.float32
    assert mg.tensor([1.0, 2.0]).masked_fill(mask, -math.inf).tolist() == [-math.inf, 2]


def test_one_hot() -> None:
    assert one_hot(at(0, 2)).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert one_hot(at(0, 2), 4).shape == (2, 4)
    assert one_hot(mg.zeros(0, dtype=mg.int64), 3).shape == (0, 3)


REFUSED: list[tuple[Callable[[Tensor], Any], type[Exception], str]] = [
    (lambda x: x.gather(1, mg.tensor([[3]])), RuntimeError, "gather: index 3 is out of bounds"),
    (lambda x: x.gather(1, mg.tensor([[-1]])), RuntimeError, "gather: index -1 is out of bounds"),
    (lambda x: x.gather(1, at(0)), RuntimeError, "same number of dimensions"),
    (lambda x: x.gather(1, mg.tensor([[0], [0], [0]])), RuntimeError, "no larger than self"),
    (lambda x: x.gather(1, mg.tensor([[0.0]])), RuntimeError, "int32/int64 for index"),
    (lambda x: x.gather(2, mg.tensor([[0]])), IndexError, "Dimension out of range"),
    (lambda x: x.scatter(1, mg.tensor([[0, 1]]), mg.ones(1, 1)), RuntimeError, "larger than src"),
    (lambda x: x.scatter(1, mg.tensor([[0]]), x.double()), RuntimeError, "same dtype"),
    (lambda x: x.scatter(1, mg.tensor([[0]]), x, reduce="max"), RuntimeError, "add or multiply"),
    (lambda x: x.scatter_reduce(1, mg.tensor([[0]]), x, "max"), RuntimeError, "sum, prod, mean"),
    (lambda x: x.take_along_dim(at(0), 1), RuntimeError, "as many dimensions"),
    (lambda x: x.index_select(0, at(2)), IndexError, "index_select: index 2 is out of bounds"),
    (lambda x: x.index_select(0, at(-1)), IndexError, "index -1 is out of bounds"),
    (lambda x: x.index_select(0, mg.tensor([[0]])), IndexError, "vector"),
    (lambda x: x.index_select(0, mg.tensor([0.0])), RuntimeError, "int32/int64 for index"),
    (lambda x: x.index_add(0, at(0), mg.ones(2, 3)), RuntimeError, r"source of shape \(1, 3\)"),
    (lambda x: x.index_copy(0, at(0), mg.ones(1, 3).double()), RuntimeError, "same dtype"),
    (lambda x: x.take(at(6)), IndexError, "index 6 is out of bounds"),
    (lambda x: x.put(at(0, 1), mg.ones(1)), RuntimeError, "same number of elements"),
    (lambda x: x.masked_fill(at(1, 0, 1), 0), RuntimeError, "dtype bool"),
    (lambda x: x.masked_fill(x > 0, mg.ones(3)), RuntimeError, "0-dimensional"),
    (lambda x: x.long().masked_fill(x > 0, math.nan), RuntimeError, "without overflow"),
    (lambda x: x.masked_select(at(1, 0, 1)), RuntimeError, "dtype bool"),
    (lambda x: x.masked_scatter(x > 0, mg.ones(2)), RuntimeError, "at least 6 numbers"),
    (lambda x: x.topk(4), RuntimeError, "out of range"),
    (lambda x: x.kthvalue(0), RuntimeError, "out of range"),
    (lambda x: x.sort(2), IndexError, "out of range"),
    (lambda x: x.bincount(), RuntimeError, "1-d non-negative"),
    (lambda x: at(-1).bincount(), RuntimeError, "1-d non-negative"),
    (lambda x: at(1).bincount(minlength=-1), RuntimeError, "minlength"),
    (lambda x: at(1).bincount(mg.ones(2)), RuntimeError, "same length"),
    (lambda x: x.long().histc(), RuntimeError, "int64"),
    (lambda x: x.histc(0), RuntimeError, "bins > 0"),
    (lambda x: (x * math.inf).histc(), RuntimeError, "not finite"),
    (lambda x: x.repeat_interleave(-1), RuntimeError, "not negative"),
    (lambda x: x.repeat_interleave(at(1, 2), dim=1), RuntimeError, "one for each of 3"),
    (lambda x: mg.searchsorted(x, x[0]), RuntimeError, "must match"),
    (lambda x: mg.searchsorted(x[0], x, side="up"), RuntimeError, "side"),
    (lambda x: mg.bucketize(x, x), RuntimeError, "1 dimension"),
    (lambda x: one_hot(x), RuntimeError, "int64"),
    (lambda x: one_hot(at(-1)), RuntimeError, "non-negative"),
    (lambda x: one_hot(at(3), 3), RuntimeError, "smaller than num_classes 3, got 3"),
    (lambda x: one_hot(at()), RuntimeError, "empty|int64"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_what_cannot_be_is_refused(
    call: Callable[[Tensor], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call(mg.ones(2, 3))


@pytest.mark.parametrize("call", [lambda x: x.nanmedian(), lambda x: x.nanmedian(0).values])
def test_nanmedian_and_its_gradient_pass_over_nan(call: Any) -> None:
    numbers = np.array([[1.0, np.nan], [3.0, 5.0], [2.0, 4.0]])
    x, t = mg.tensor(numbers, requires_grad=True), torch.tensor(numbers, requires_grad=True)
    call(x).sum().backward()
    call(t).sum().backward()
    np.testing.assert_array_equal(call(x).detach().numpy(), call(t).detach().numpy())
    np.testing.assert_array_equal(x.grad.numpy(), t.grad.numpy())


@pytest.mark.parametrize("dim", [None, 0, 1])
def test_nanquantile_and_its_gradient_pass_over_nan(dim: int | None) -> None:
    numbers = np.array([[1.0, np.nan], [3.0, 5.0], [2.0, 4.0]])
    x, t = mg.tensor(numbers, requires_grad=True), torch.tensor(numbers, requires_grad=True)
    y, expected = x.nanquantile(0.3, dim), t.nanquantile(0.3, dim)
    y.sum().backward()
    expected.sum().backward()
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy(), rtol=1e-12)
