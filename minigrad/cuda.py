"""The GPU: is there one, which, and waiting for it. CuPy is imported when it is asked for."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from minigrad.device import Device, cupy
from minigrad.device import device as as_device
from minigrad.errors import DeviceError
from minigrad.random import manual_seed as start

if TYPE_CHECKING:
    from minigrad.compiler.targets.cuda.device.simulation import Simulated

__all__ = [
    "current_device",
    "device_count",
    "empty_cache",
    "get_device_name",
    "is_available",
    "manual_seed",
    "manual_seed_all",
    "memory_allocated",
    "simulated",
    "synchronize",
]


def is_available() -> bool:
    """Whether tensors can be put on a GPU here: CuPy is installed and finds a device."""
    try:
        cupy()
    except DeviceError:
        return False
    return True


def device_count() -> int:
    """How many GPUs there are; 0 without CuPy."""
    return int(cupy().cuda.runtime.getDeviceCount()) if is_available() else 0


def current_device() -> int:
    """The index of the GPU that "cuda" stands for at this moment. Errors: DeviceError for none."""
    return int(cupy().cuda.runtime.getDevice())


def get_device_name(device: str | int | Device = "cuda") -> str:
    """The maker's name of a GPU. Errors: DeviceError without one.

    Args:
        device: which one.
    """
    properties: dict[str, Any] = cupy().cuda.runtime.getDeviceProperties(_index(device))
    return str(properties["name"].decode())


def synchronize(device: str | int | Device = "cuda") -> None:
    """Wait until a GPU has done all it was given. Errors: DeviceError without one.

    Args:
        device: which one.
    """
    with cupy().cuda.Device(_index(device)) as chosen:
        chosen.synchronize()


def memory_allocated() -> int:
    """Bytes that tensors hold on the current GPU. Errors: DeviceError without one."""
    return int(cupy().get_default_memory_pool().used_bytes())


def empty_cache() -> None:
    """Give unused memory back to the system; nothing without a GPU."""
    if is_available():
        cupy().get_default_memory_pool().free_all_blocks()


def manual_seed(seed: int) -> None:
    """Start the stream of random numbers from this seed; nothing without a GPU. One stream serves
    all devices.

    Args:
        seed: a whole number.
    """
    if is_available():
        start(seed)


manual_seed_all = manual_seed


def simulated(device: Simulated | None = None) -> AbstractContextManager[Simulated]:
    """In this block, steps that are compiled and called for the first time replay on a simulated
    GPU: their tensors are on the CPU, and they do what they would do on a real one::

        with minigrad.cuda.simulated() as device:
            step(x, y)  # is recorded, and done by plain launches
            step(x, y)  # is captured, and replayed as one graph
        print(*device.log, sep="\\n")

    ``device`` is one from before, or a new one. Where there is no g++, steps are replayed op by op,
    with a warning.
    """
    from minigrad.compiler.targets.cuda.device import simulation

    return simulation.simulated(device)


def _index(device: str | int | Device) -> int:
    chosen = as_device(device)
    if chosen.type != "cuda":
        raise ValueError(f"cuda: expected a CUDA device, got {chosen}")
    return chosen.index or 0
