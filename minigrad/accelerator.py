"""The kind of device that is faster than the CPU, where there is one: here CUDA."""

from __future__ import annotations

from minigrad import cuda
from minigrad.device import Device
from minigrad.device import device as as_device

__all__ = ["current_accelerator", "device_count", "is_available"]


def is_available() -> bool:
    """Whether there is such a device here."""
    return cuda.is_available()


def device_count() -> int:
    """How many such devices there are."""
    return cuda.device_count()


def current_accelerator(check_available: bool = False) -> Device | None:
    """The device to move tensors to, None where there is none.

    Args:
        check_available: accepted; a device that is not there is never given.
    """
    return as_device("cuda") if is_available() else None
