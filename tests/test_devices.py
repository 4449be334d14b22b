"""Devices: the CPU here, CUDA where there is one, and a clear word where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import opdb
from minigrad.device import CPU, Device, device, device_of
from minigrad.errors import DeviceError


def cuda_is_there() -> bool:
    try:
        Device("cuda", 0).xp.zeros(1)
    except DeviceError:
        return False
    return True


CUDA = cuda_is_there()


def on_cuda(test: Any) -> Any:
    return pytest.mark.gpu(pytest.mark.skipif(not CUDA, reason="no CUDA device")(test))


def test_spellings() -> None:
    assert device("cpu") is CPU and device(CPU) is CPU and device("cpu:0") is CPU
    assert device("cuda") == device("cuda:0") == device(0) == device("cuda", 0)
    assert (device("cuda:1").type, device("cuda:1").index) == ("cuda", 1)
    assert str(device("cuda:1")) == "cuda:1"
    assert repr(device("cuda:1")) == "device(type='cuda', index=1)"
    assert repr(CPU) == "device(type='cpu')"
    assert len({device("cuda"), device("cuda:0"), CPU}) == 2


@pytest.mark.parametrize("word", ["gpu", "cuda:x", "", "cuda:-1", "cpu:1"])
def test_other_words_are_refused(word: str) -> None:
    with pytest.raises(RuntimeError, match="expected 'cpu', 'cuda' or 'cuda:N'"):
        device(word)


def test_everything_is_on_the_cpu_at_first() -> None:
    x = minigrad.zeros(2)
    assert x.device == CPU and not x.is_cuda
    assert x.to("cpu") is x and x.cpu() is x
    assert minigrad.zeros(2, device="cpu").device == CPU
    assert device_of(np.zeros(1)) is CPU


@pytest.mark.skipif(CUDA, reason="there is one")
def test_without_cuda_it_says_what_to_do() -> None:
    for ask in (
        lambda: minigrad.zeros(2).cuda(),
        lambda: minigrad.zeros(2).to("cuda:0"),
        lambda: minigrad.zeros(2, device="cuda"),
        lambda: minigrad.tensor([1], device="cuda"),
    ):
        with pytest.raises(
            DeviceError, match=r"cuda: CuPy .*(install|CUDA device).*stay on the CPU"
        ):
            ask()
    assert not minigrad.cuda.is_available()


class Elsewhere:
    """Stands for an array on another device: all that the door looks at."""

    class device:
        id = 1

    ndim, shape, size, dtype, base = 1, (2,), 2, np.dtype(np.float32), None


def test_operands_on_two_devices_are_refused() -> None:
    x, y = minigrad.zeros(2), minigrad.zeros(2)
    y.array = Elsewhere()
    with pytest.raises(DeviceError, match=r"mul: .*same device: operands on cpu and cuda:1"):
        x * y


@on_cuda
def test_round_trip_and_gradients_on_cuda() -> None:
    x = minigrad.randn(3, 4, requires_grad=True)
    y = x.cuda()
    assert y.is_cuda and str(y.device) == "cuda:0"
    (y * y).sum().cpu().backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * x.detach().numpy(), rtol=1e-6)
    with pytest.raises(DeviceError, match="same device"):
        y * x
    assert (y * minigrad.tensor(2.0)).is_cuda
    with pytest.raises(TypeError, match="can't convert a cuda:0 tensor"):
        y.detach().numpy()
    assert "device='cuda:0'" in repr(y)


@on_cuda
@pytest.mark.parametrize(
    "row", [row for row in opdb.rows() if not row.random], ids=lambda row: row.name
)
def test_rows_agree_between_cpu_and_cuda(row: Any) -> None:
    for sample in row.samples(opdb.Draw(len(row.name))):
        results = []
        for place in ("cpu", "cuda"):

            def made(x: Any, place: str = place) -> Any:
                if isinstance(x, np.ndarray):
                    t = minigrad.from_numpy(np.array(x)).to(place)
                    return t.requires_grad_() if x.dtype == np.float64 else t
                if isinstance(x, (list, tuple)):
                    return type(x)(made(item) for item in x)
                return x

            args, params = made(sample.args), {k: made(v) for k, v in sample.params.items()}
            found = row.call(*args, **params)
            listed = found if isinstance(found, (list, tuple)) else [found]
            total: Any = sum(
                (y * y).sum() for y in listed if isinstance(y, minigrad.Tensor) and y.requires_grad
            )
            numbers = [y.detach().cpu().numpy() for y in listed if isinstance(y, minigrad.Tensor)]
            if isinstance(total, minigrad.Tensor):
                total.backward()
                leaves = [x for x in args if isinstance(x, minigrad.Tensor)]
                numbers += [x.grad.cpu().numpy() for x in leaves if x.grad is not None]
            results.append(numbers)
        for a, b in zip(*results, strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-9, err_msg=f"{row.name}{sample}")
