"""Memory shared with PyTorch, NumPy and CuPy: what one writes, the other reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.device import Device
from minigrad.utils import dlpack

torch = pytest.importorskip("torch")
CUDA = minigrad.cuda.is_available()
on_cuda = [pytest.mark.gpu, pytest.mark.skipif(not CUDA, reason="no CUDA device")]
PLACES = ["cpu", pytest.param("cuda", marks=on_cuda)]
TYPES = ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]
every_place = pytest.mark.parametrize("place", PLACES)


@every_place
@pytest.mark.parametrize("dtype", TYPES)
def test_with_torch_in_both_directions(place: str, dtype: str) -> None:
    x = minigrad.zeros(2, 3, dtype=dtype, device=place)
    t = torch.from_dlpack(x)
    assert (str(t.dtype), tuple(t.shape)) == (f"torch.{dtype}", (2, 3))
    assert t.device.type == place and t.data_ptr() == x.data_ptr()
    t[1, 2] = 1
    assert x.tolist() == [[0, 0, 0], [0, 0, 1]]

    t = torch.zeros(4, dtype=getattr(torch, dtype), device=place)
    y = minigrad.from_dlpack(t)
    assert (y.dtype.name, y.shape, y.device.type) == (dtype, (4,), place)
    assert y.data_ptr() == t.data_ptr()
    y[0] = 1
    assert t.tolist() == [1, 0, 0, 0]


@every_place
def test_strides_travel(place: str) -> None:
    x = minigrad.arange(12, device=place).reshape(3, 4)
    t = torch.from_dlpack(x.T[1:])
    assert t.tolist() == x.T[1:].tolist() and t.stride() == (1, 4)
    y = minigrad.from_dlpack(t.t())
    y.fill_(7)
    assert x[:, 1:].tolist() == [[7] * 3] * 3 and x[:, 0].tolist() == [0, 4, 8]


@every_place
def test_a_capsule_is_for_one_taker(place: str) -> None:
    x = minigrad.zeros(3, device=place)
    t = torch.utils.dlpack.from_dlpack(dlpack.to_dlpack(x))
    t += 1
    assert x.tolist() == [1, 1, 1]
    assert dlpack.from_dlpack is minigrad.from_dlpack


def test_numpy_takes_and_gives() -> None:
    a = np.zeros(3)
    x = minigrad.from_dlpack(a)
    assert np.shares_memory(np.from_dlpack(x), a)
    x[1] = 5
    assert a.tolist() == [0, 5, 0]
    assert x.__dlpack_device__() == (1, 0)


def test_the_tape_is_not_given_away() -> None:
    x = minigrad.ones(2, requires_grad=True)
    for give in (x.__dlpack__, lambda: dlpack.to_dlpack(x), lambda: torch.from_dlpack(x)):
        with pytest.raises(BufferError, match=r"require gradient.*detach\(\)"):
            give()


def test_memory_elsewhere_is_refused() -> None:
    class Elsewhere:
        def __dlpack_device__(self) -> tuple[int, int]:
            return 8, 0

    with pytest.raises(BufferError, match="memory of the CPU or CUDA, got DLPack's 8"):
        minigrad.from_dlpack(Elsewhere())
    with pytest.raises(TypeError, match="__dlpack__"):
        minigrad.from_dlpack([1, 2])


def test_with_cupy_in_both_directions(gpu: Device) -> None:
    with gpu.xp.cuda.Device(gpu.index):
        array = gpu.xp.zeros(3)
    for make in (minigrad.from_dlpack, minigrad.as_tensor):
        x: Any = make(array)
        assert x.device == gpu
        x.add_(1)
    assert array.tolist() == [2, 2, 2] and x.__dlpack_device__() == (2, gpu.index)
    back = gpu.call("from_dlpack", x)
    assert back.data.ptr == array.data.ptr
    assert minigrad.tensor(array).data_ptr() != array.data.ptr  # a copy


def test_the_array_interface_of_cuda(gpu: Device) -> None:
    x = minigrad.zeros(2, 3, device=gpu)
    facts = x.__cuda_array_interface__
    assert facts["shape"] == (2, 3) and facts["data"][0] == x.data_ptr()
    with pytest.raises(RuntimeError, match=r"requires grad.*detach\(\)"):
        _ = x.requires_grad_().__cuda_array_interface__
    assert not hasattr(minigrad.zeros(2), "__cuda_array_interface__")
