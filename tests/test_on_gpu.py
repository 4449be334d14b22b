"""On a GPU as on the CPU: places, memory, errors, and where CuPy is not NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
import minigrad.nn.functional as F
from minigrad import Tensor
from minigrad.commands import doctor
from minigrad.device import CPU, Device
from minigrad.errors import DeviceError
from minigrad.linalg import LinAlgError

RNG = np.random.default_rng(0)


def pair(device: Device, *shape: int) -> tuple[Tensor, Tensor]:
    """The same numbers on the CPU and on the device, leaves that require a gradient."""
    numbers = RNG.standard_normal(shape)
    return (
        minigrad.tensor(numbers, requires_grad=True),
        minigrad.tensor(numbers, device=device, requires_grad=True),
    )


def same(on_gpu: Tensor, expected: Any, tolerance: float = 1e-12) -> None:
    expected = expected.detach().numpy() if isinstance(expected, Tensor) else expected
    found = on_gpu.detach().cpu().numpy()
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


# -- moving ----------------------------------------------------------------------------------------


def test_a_round_trip_and_its_gradient(gpu: Device) -> None:
    x = minigrad.randn(3, 4, requires_grad=True)
    y = x.to(gpu)
    assert y.is_cuda and y.device == gpu and y.to(gpu) is y and y.cuda(gpu) is y
    (y * y).sum().cpu().backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * x.detach().numpy(), rtol=1e-6)
    assert f"device='{gpu}'" in repr(y)
    assert y.get_device() == gpu.index and x.get_device() == -1


def test_values_are_not_read_by_accident(gpu: Device) -> None:
    x = minigrad.tensor([1.5, 2.0], device=gpu)
    with pytest.raises(TypeError, match=f"can't convert a {gpu} tensor to numpy.*cpu()"):
        x.numpy()
    with pytest.raises(TypeError, match=f"can't convert a {gpu} tensor"):
        np.asarray(x)
    assert x.numpy(force=True).tolist() == [1.5, 2.0]
    assert x[0].item() == 1.5 and x.tolist() == [1.5, 2.0] and float(x[1]) == 2.0
    assert bool(x[0]) and 2.0 in x and 3.0 not in x


def test_operands_on_two_devices_are_refused(gpu: Device) -> None:
    on_cpu, on_gpu = pair(gpu, 2, 2)
    place = minigrad.tensor([0, 1])
    calls = {
        "mul": lambda: on_gpu * on_cpu,
        "matmul": lambda: on_gpu @ on_cpu,
        "take": lambda: on_gpu[place],
        "cat": lambda: minigrad.cat([on_gpu, on_cpu]),
        "where": lambda: on_gpu.where(on_cpu > 0, 0.0),
        "mean_squares": lambda: F.mse_loss(on_gpu, on_cpu),
        "linear": lambda: F.linear(on_gpu, on_cpu),
        "add": lambda: on_gpu.detach().add_(on_cpu.detach()),
        "put": lambda: on_gpu.detach().index_fill_(0, place, 1.0),
        "copy": lambda: on_gpu.detach().__setitem__(0, on_cpu[0].detach()),
    }
    for name, call in calls.items():
        with pytest.raises(DeviceError, match="same device") as error:
            call()
        told = str(error.value)
        assert "cpu" in told and str(gpu) in told, f"{name}: {told}"


def test_numbers_lists_and_0d_tensors_join_in(gpu: Device) -> None:
    _, x = pair(gpu, 3)
    plain = x.detach().cpu().numpy()
    same(x * minigrad.tensor(2.0), plain * 2)
    same(minigrad.tensor(2.0) - x, 2 - plain)
    same(x[[2, 0]], plain[[2, 0]])
    same(x[np.array([True, False, True])], plain[[True, False, True]])
    y = x.detach().clone()
    y[1:] = [5.0, 6.0]
    y[0] = 4
    assert y.tolist() == [4, 5, 6]
    y.copy_(minigrad.tensor([1.0, 2.0, 3.0]))  # what asks for a copy gets it from anywhere
    assert minigrad.isin(y, [1.0, 3.0]).tolist() == [True, False, True]


def test_what_is_made_of_a_tensor_stays_with_it(gpu: Device) -> None:
    x = minigrad.zeros(2, 3, device=gpu)
    made = [
        minigrad.zeros_like(x), x.new_ones(2), minigrad.rand_like(x), x.clone(), x.long(),
        x.new_tensor([1]), minigrad.empty_like(x), minigrad.full_like(x, 2), x.bernoulli(0.5),
        minigrad.randn(2, device=gpu), minigrad.arange(3, device=gpu), F.one_hot(x.long()),
        x.softmax(0), F.dropout(x), minigrad.tensor(x), minigrad.as_tensor(x), x.normal_(),
        x.exponential_().multinomial(1), x.sort().values, x.nonzero(), x.quantile(0.5),
    ]  # fmt: skip
    for i, y in enumerate(made):
        assert y.device == gpu, i


def test_a_gradient_on_another_device_is_refused(gpu: Device) -> None:
    x = minigrad.zeros(2, device=gpu, requires_grad=True)
    with pytest.raises(DeviceError, match=f"{gpu}.*cpu"):
        x.grad = minigrad.zeros(2)
    with pytest.raises(DeviceError, match=f"{gpu}.*cpu"):
        (x * 1).backward(minigrad.zeros(2))


# -- memory ----------------------------------------------------------------------------------------


def test_views_share_memory_and_history(gpu: Device) -> None:
    for look in (
        lambda x: x[1:],
        lambda x: x.T,
        lambda x: x.reshape(-1),
        lambda x: x.diagonal(),
        lambda x: x.unfold(0, 2, 2),
        lambda x: minigrad.as_strided(x, (2, 2), (4, 1)),
    ):
        x = minigrad.zeros(4, 4, device=gpu)
        view = look(x)
        view.fill_(1.0)
        assert x.sum().item() == view.numel()
        assert view._version == x._version > 0


def test_an_overwritten_operand_is_found_through_a_strided_view(gpu: Device) -> None:
    _, x = pair(gpu, 6)
    y = x * 1
    z = (y * y).sum()
    y.unfold(0, 2, 2).mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.backward()


def test_writes_through_views_are_differentiated(gpu: Device) -> None:
    found = []
    for x in pair(gpu, 6):
        y = x * 1
        y.unfold(0, 2, 2).mul_(3)
        y[2:4] = x[:2] * x[4:]
        (y * y).sum().backward()
        found.append(x.grad)
    same(found[1], found[0])


def test_memory_that_several_elements_share_is_not_written(gpu: Device) -> None:
    x = minigrad.zeros(3, device=gpu)
    for view in (x.expand(2, 3), x.unfold(0, 2, 1)):
        with pytest.raises(RuntimeError, match="more than one element refers"):
            view.add_(1)
    x.unfold(0, 1, 1).add_(1)
    assert x.tolist() == [1, 1, 1]


def test_gradients_that_are_views_are_not_shared(gpu: Device) -> None:
    x = minigrad.ones(4, device=gpu, requires_grad=True)
    g = minigrad.ones(4, device=gpu)
    x.backward(g)
    x.backward(g)
    assert x.grad.tolist() == [2, 2, 2, 2] and g.tolist() == [1, 1, 1, 1]


# -- where CuPy is not NumPy -----------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "int32", "uint8"])
@pytest.mark.parametrize("reduce", ["sum", "prod", "amax", "amin", "mean"])
def test_many_numbers_for_one_place(gpu: Device, dtype: str, reduce: str) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.integers(1, 4, (5, 3)).astype(dtype), rng.integers(1, 3, (9, 3)).astype(dtype)
    index = rng.integers(0, 5, (9, 3))
    results = []
    for device in (CPU, gpu):
        a, b, i = (minigrad.tensor(t, device=device) for t in (x, y, index))
        results.append(a.scatter_reduce(0, i, b, reduce))
    same(results[1], results[0])


def test_the_greatest_is_exact_and_keeps_nan(gpu: Device) -> None:
    x = minigrad.zeros(2, dtype=minigrad.float64, device=gpu)
    y = minigrad.tensor([1 + 1e-12, 1.0, float("nan")], dtype=minigrad.float64, device=gpu)
    found = x.scatter_reduce(0, minigrad.tensor([0, 0, 1], device=gpu), y, "amax").tolist()
    assert found[0] == 1 + 1e-12 and np.isnan(found[1])


@pytest.mark.parametrize("dtype", ["int64", "int16", "int8", "uint8", "bool", "float32"])
def test_sums_at_repeated_places_in_every_type(gpu: Device, dtype: str) -> None:
    results = []
    for device in (CPU, gpu):
        x = minigrad.tensor(np.array([0, 1, 1]).astype(dtype), device=device)
        index = minigrad.tensor([0, 0, 2, 0], device=device)
        y = minigrad.tensor(np.array([1, 1, 1, 1]).astype(dtype), device=device)
        results.append(x.index_put((index,), y, accumulate=True))
    same(results[1], results[0])


@pytest.mark.parametrize("dtype", ["float64", "int64", "bool"])
@pytest.mark.parametrize("dim", [0, 1, 2])
def test_different_slices(gpu: Device, dtype: str, dim: int) -> None:
    numbers = np.random.default_rng(2).integers(0, 2, (6, 2, 1)).astype(dtype)
    found = []
    for device in (CPU, gpu):
        x = minigrad.tensor(numbers, device=device)
        found.append(x.unique(dim=dim, return_inverse=True, return_counts=True))
    for a, b in zip(found[1], found[0], strict=True):
        same(a, b)


def test_slices_with_nan_are_all_different(gpu: Device) -> None:
    x = minigrad.tensor([[1.0, float("nan")]] * 2 + [[0.0, 1.0]] * 2, device=gpu)
    assert x.unique(dim=0).shape == x.cpu().unique(dim=0).shape == (3, 2)
    assert minigrad.zeros(0, 3, device=gpu).unique(dim=0).shape == (0, 3)


def test_a_factorisation_that_does_not_exist_is_an_error(gpu: Device) -> None:
    singular = minigrad.zeros(2, 2, device=gpu)
    with pytest.raises(LinAlgError, match="inv: the matrix is singular"):
        singular.inverse()
    with pytest.raises(LinAlgError, match="cholesky: the matrix is not positive definite"):
        minigrad.linalg.cholesky(-minigrad.eye(2, device=gpu))
    assert singular.det().item() == 0


def test_shapes_that_do_not_go_together_are_told(gpu: Device) -> None:
    x, y = minigrad.zeros(2, 3, device=gpu), minigrad.zeros(4, device=gpu)
    with pytest.raises(RuntimeError, match=r"add: The size of tensor a \(3\) must match"):
        x + y


def test_doctor_tells_of_the_gpus(gpu: Device) -> None:
    told = doctor._gpu()
    assert "compute capability" in told and "serves CUDA up to" in told
    assert minigrad.cuda.get_device_name(gpu) in told


def test_a_gpu_that_is_not_there_is_told(gpu: Device) -> None:
    for ask in (lambda: minigrad.zeros(2, device="cuda:99"), lambda: minigrad.ones(2).cuda(99)):
        with pytest.raises(DeviceError, match="cuda:99 was asked for, but there are only"):
            ask()
