"""The GPU: is there one, which, and waiting for it. CuPy is imported when it is asked for."""

from __future__ import annotations

from typing import Any

from minigrad.device import Device, cupy
from minigrad.device import device as as_device
from minigrad.errors import DeviceError
from minigrad.random import manual_seed as start

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


def __getattr__(name: str) -> Any:
    """`simulated` is loaded when it is first asked for (PEP 562)."""
    if name == "simulated":
        from minigrad.cuda.simulation import simulated

        return simulated
    raise AttributeError(f"module 'minigrad.cuda' has no attribute {name!r}")


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
    """The maker's name of a GPU. Errors: DeviceError without one."""
    properties: dict[str, Any] = cupy().cuda.runtime.getDeviceProperties(_index(device))
    return str(properties["name"].decode())


def synchronize(device: str | int | Device = "cuda") -> None:
    """Wait until a GPU has done all it was given. Errors: DeviceError without one."""
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
    all devices."""
    if is_available():
        start(seed)


manual_seed_all = manual_seed


def _index(device: str | int | Device) -> int:
    chosen = as_device(device)
    if chosen.type != "cuda":
        raise ValueError(f"cuda: expected a CUDA device, got {chosen}")
    return chosen.index or 0
