"""Where numbers live and which array library computes on them.

The one file that imports CuPy, and only when a CUDA device is asked for.
"""

from __future__ import annotations

import difflib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from minigrad.errors import DeviceError

Array: TypeAlias = Any
"""A numpy.ndarray or a cupy.ndarray; the array libraries share no common type."""


@dataclass(frozen=True)
class Device:
    """A place for numbers: ``Device("cpu")`` or ``Device("cuda", 0)``. Made by `device`.

    Args:
        type: "cpu" or "cuda".
        index: which GPU; None for the CPU.
    """

    type: str
    index: int | None = None

    @property
    def xp(self) -> Any:
        """The array library of this device: numpy or cupy."""
        return np if self.type == "cpu" else cupy()

    def call(self, name: str, *args: Any, **params: Any) -> Any:
        """What the array library's function of that name gives, done on this device:
        ``call("zeros", shape, dtype)``. Errors: DeviceError for a GPU that is not there.

        Args:
            name: the function's name.
            args, params: its arguments.
        """
        if self.type == "cpu":
            return getattr(np, name)(*args, **params)
        with chosen(self):
            return getattr(cupy(), name)(*args, **params)

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        inner = f"type={self.type!r}" + ("" if self.index is None else f", index={self.index}")
        return f"device({inner})"


CPU = Device("cpu")


_EXPECTED = "device: expected 'cpu', 'cuda' or 'cuda:N'"


def _meant(kind: str) -> str:
    """What to write for a word that is none of ours."""
    names = {"cpu": "cpu", "host": "cpu", "cuda": "cuda", "gpu": "cuda", "nvidia": "cuda"}
    close = difflib.get_close_matches(kind.strip().lower(), names, n=1, cutoff=0.7)
    return f"; did you mean {names[close[0]]!r}?" if close else ""


class _Kind(type):
    """Makes ``isinstance(x.device, device)`` true, as in PyTorch."""

    def __instancecheck__(cls, obj: Any) -> bool:
        return isinstance(obj, Device)


class device(metaclass=_Kind):
    """The device that ``type`` names: "cpu", "cuda" (the first), "cuda:1", or a bare CUDA index.

    Args:
        index: which GPU, where ``type`` does not say.

    Errors: RuntimeError for another word, TypeError for no word. That a CUDA device exists is
    checked when it is used.
    """

    def __new__(cls, type: str | int | Device, index: int | None = None) -> Device:  # type: ignore[misc]
        if isinstance(type, Device):
            return type
        if isinstance(type, int):
            return Device("cuda", type)
        if not isinstance(type, str):
            raise TypeError(f"{_EXPECTED}, got {type!r}")
        kind, _, number = type.partition(":")
        if number:
            if index is not None or not number.isdigit():
                raise RuntimeError(f"{_EXPECTED}, got {type!r}")
            index = int(number)
        if kind == "cpu" and index in (None, 0):
            return CPU
        if kind == "cuda":
            return Device("cuda", index or 0)
        raise RuntimeError(
            f"{_EXPECTED}, got {type!r}; minigrad computes on the CPU and, through CuPy, on GPUs "
            f"that know CUDA{_meant(kind)}"
        )


@lru_cache(maxsize=1)
def cupy() -> Any:
    """The CuPy module. Errors: DeviceError that says what to install or that no GPU is there."""
    try:
        import cupy
    except ImportError as error:
        raise DeviceError(
            "cuda: CuPy is not installed; install minigrad's extra 'cuda12' or 'cuda13' "
            "(the one that fits the driver), or stay on the CPU"
        ) from error
    if not cupy.cuda.is_available():
        raise DeviceError("cuda: CuPy finds no CUDA device or driver here; stay on the CPU")
    return cupy


def raising(xp: Any) -> AbstractContextManager[None]:
    """A block in which a factorisation that does not exist is an error. NumPy's always is one;
    CuPy's is nonsense unless it is asked to look, and to wait for what it finds."""
    if xp is np:
        return nullcontext()
    from cupyx import errstate

    quiet: AbstractContextManager[None] = errstate(linalg="raise")
    return quiet


def device_of(array: Array) -> Device:
    """The device that holds this array."""
    if isinstance(array, np.ndarray):
        return CPU
    return Device("cuda", int(array.device.id))


def address(array: Array) -> int:
    """Where the array begins in the memory of its device."""
    if isinstance(array, np.ndarray):
        return int(array.__array_interface__["data"][0])
    return int(array.data.ptr)


def beside(caller: str, device: Device, other: Device) -> None:
    """Refuse a gradient that is elsewhere than its tensor. Errors: DeviceError that names both."""
    if other != device:
        raise DeviceError(
            f"{caller}: expected a gradient on the device of its tensor, {device}, but got one on "
            f'{other}; move it with .to("{device}")'
        )


def chosen(gpu: Device) -> Any:
    """The block in which a GPU is CuPy's current one. Errors: DeviceError if it is not there."""
    xp = cupy()
    count = xp.cuda.runtime.getDeviceCount()
    if (gpu.index or 0) >= count:
        raise DeviceError(f"cuda: device {gpu} was asked for, but there are only {count}")
    return xp.cuda.Device(gpu.index)


def place(array: Array, target: Device) -> Array:
    """The array on the target device: itself where it is there already, else a copy."""
    source = device_of(array)
    if source == target:
        return array
    if target.type == "cpu":
        return cupy().asnumpy(array)
    with chosen(target):  # where `copy` puts its result, wherever the array is
        return cupy().asarray(array) if source == CPU else array.copy()
