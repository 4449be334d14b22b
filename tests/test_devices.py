"""Devices: the CPU here, CUDA where there is one, and a clear word where there is none."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad
from minigrad.device import CPU, device, device_of
from minigrad.errors import DeviceError


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


@pytest.mark.skipif(minigrad.cuda.is_available(), reason="there is one")
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
