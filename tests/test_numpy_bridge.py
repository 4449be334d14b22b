"""The ways in from NumPy and out to NumPy, Python and other libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")


def test_from_numpy_shares_memory_both_ways() -> None:
    a = np.zeros(3)
    x = minigrad.from_numpy(a)
    a[0] = 1
    x[1] = 2
    assert x.tolist() == a.tolist() == [1, 2, 0]


def test_numpy_shares_memory() -> None:
    x = minigrad.zeros(2, 3)
    x.numpy()[0, 1] = 5
    assert x[0, 1].item() == 5
    assert np.shares_memory(x.numpy(), x.T.numpy())


def test_strided_and_reversed_arrays_come_in_without_a_copy() -> None:
    a = np.arange(12.0).reshape(3, 4)[::-1, ::2]
    x = minigrad.from_numpy(a)
    assert np.shares_memory(a, x.numpy()) and x.tolist() == a.tolist()


def test_tensor_copies() -> None:
    a = np.zeros(3)
    x = minigrad.tensor(a)
    y = minigrad.tensor(x)
    a[0] = x.numpy()[1] = 1
    assert x.tolist() == [0, 1, 0] and y.tolist() == [0, 0, 0]


def test_as_tensor_and_asarray_share_where_they_can() -> None:
    a = np.zeros(3)
    assert np.shares_memory(minigrad.as_tensor(a).numpy(), a)
    assert np.shares_memory(minigrad.asarray(a).numpy(), a)
    assert not np.shares_memory(minigrad.asarray(a, copy=True).numpy(), a)
    assert not np.shares_memory(minigrad.as_tensor(a, dtype=minigrad.float32).numpy(), a)
    with pytest.raises(ValueError, match="copy"):
        minigrad.asarray([1, 2], copy=False)


def test_numpy_refuses_what_would_lose_the_tape() -> None:
    x = minigrad.ones(2, requires_grad=True)
    for way in (x.numpy, lambda: np.asarray(x), lambda: (x * 2).numpy()):
        with pytest.raises(RuntimeError, match=r"requires grad.*detach\(\)"):
            way()
    assert x.detach().numpy().tolist() == x.numpy(force=True).tolist() == [1, 1]


def test_numpy_functions_take_tensors() -> None:
    x = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert np.asarray(x).dtype == np.float32
    assert np.array(x, dtype=np.float64).dtype == np.float64
    assert np.sum(x) == 10
    np.testing.assert_array_equal(x, [[1, 2], [3, 4]])


def test_operators_with_arrays_give_tensors() -> None:
    a, x = np.ones(2), minigrad.tensor([1.0, 2.0], requires_grad=True)
    for y in (x * a, a * x, a + x, x - a, a - x, x / a, a / x):
        assert isinstance(y, minigrad.Tensor) and y.requires_grad
    assert (a * x).dtype == minigrad.float64
    assert isinstance(np.float64(2) * x, minigrad.Tensor)
    assert (x * np.float64(2)).dtype == minigrad.float32


def test_item_and_tolist() -> None:
    assert minigrad.tensor([[2.5]]).item() == 2.5
    assert type(minigrad.tensor(3).item()) is int
    assert type(minigrad.tensor(True).item()) is bool
    assert minigrad.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert minigrad.tensor(1.5).tolist() == 1.5
    with pytest.raises(RuntimeError, match="item: a Tensor with 2 elements"):
        minigrad.ones(2).item()


def test_python_numbers() -> None:
    x = minigrad.tensor([2.5])
    assert (float(x), int(x), bool(x)) == (2.5, 2, True)
    assert [10, 20, 30][minigrad.tensor(1)] == 20
    assert list(range(minigrad.tensor(3))) == [0, 1, 2]
    with pytest.raises(TypeError, match="index"):
        [1, 2][minigrad.tensor(1.0)]
    with pytest.raises(RuntimeError, match="ambiguous"):
        bool(minigrad.ones(2))


def test_sizes() -> None:
    x = minigrad.zeros(2, 3, 4)
    assert x.shape == (2, 3, 4) == tuple(x.size())
    assert (x.size(0), x.size(-1), len(x)) == (2, 4, 2)
    assert (x.dim(), x.ndim, x.numel(), x.nelement(), x.element_size()) == (3, 3, 24, 24, 4)
    assert (x.stride(), x.stride(1), x.is_contiguous()) == ((12, 4, 1), 4, True)
    assert not x.transpose(0, 1).is_contiguous()
    with pytest.raises(IndexError, match="Dimension out of range"):
        x.size(3)
    with pytest.raises(TypeError, match="len"):
        len(minigrad.tensor(1))


def test_iteration_and_membership() -> None:
    rows = list(minigrad.tensor([[1, 2], [3, 4]]))
    assert [row.tolist() for row in rows] == [[1, 2], [3, 4]]
    a, b = minigrad.tensor([1.0, 2.0])
    assert (a.item(), b.item()) == (1, 2)
    with pytest.raises(TypeError, match="0-d"):
        iter(minigrad.tensor(1))


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "int32", "uint8", "bool"])
def test_dlpack_shares_memory_with_torch(dtype: str) -> None:
    x = minigrad.ones(2, 3, dtype=getattr(minigrad, dtype))
    t = torch.from_dlpack(x)
    t[0, 1] = 0
    assert x.tolist() == t.tolist() and str(t.dtype) == f"torch.{dtype}"
    y = minigrad.from_dlpack(t)
    y[1, 1] = 0
    assert t.tolist() == y.tolist() and str(y.dtype) == dtype


def test_dlpack_with_numpy_and_itself() -> None:
    a = np.zeros(3)
    x = minigrad.from_dlpack(a)
    x[0] = 1
    assert a[0] == 1
    assert np.shares_memory(minigrad.from_dlpack(x).numpy(), a)
    assert np.from_dlpack(x).tolist() == [1, 0, 0]


def test_dlpack_refuses_what_would_lose_the_tape() -> None:
    with pytest.raises(BufferError, match="detach"):
        torch.from_dlpack(minigrad.ones(2, requires_grad=True))


def test_torch_takes_a_detached_tensor_through_numpy() -> None:
    x = minigrad.randn(3)
    t: Any = torch.from_numpy(x.numpy())
    assert t.tolist() == x.tolist()


def test_what_numpy_computes_of_a_tensor_is_a_tensor() -> None:
    x = minigrad.tensor([0.0, 1.0])
    y = np.exp(x)
    assert isinstance(y, minigrad.Tensor) and y.dtype == minigrad.float32
    np.testing.assert_allclose(y.numpy(), [1, np.e], rtol=1e-6)
    assert isinstance(np.add(np.ones(2), x), minigrad.Tensor)
    assert np.abs(minigrad.tensor(-2.0)).shape == ()
    with pytest.raises(RuntimeError, match="requires grad"):
        np.exp(minigrad.ones(2, requires_grad=True))
