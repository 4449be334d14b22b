"""The device that is checked, real or simulated, and arrays on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from benchmarks.case import Array
from minigrad.compiler.targets.cuda.launch import Gpu
from minigrad.device import device as as_device

SPARE = 1 << 25
"""Bytes that a product may use, as in PyTorch."""
WARM = 0.2
"""Seconds of work before something is timed."""


@contextmanager
def opened(device: str) -> Iterator[Gpu]:
    """The simulated device, or the GPU. Errors: DeviceError where there is none."""
    if device == "simulated":
        from minigrad.cuda import simulated

        with simulated() as target:
            yield target
    else:
        from minigrad.compiler.targets.cuda.device.hardware import gpu as hardware

        yield hardware(as_device(device))


def placed(target: Gpu, numbers: Array) -> Array:
    """The numbers in new memory of the device."""
    out = empty(target, numbers.shape, numbers.dtype)
    target.upload(out, np.ascontiguousarray(numbers))
    target.synchronize()
    return out


def empty(target: Gpu, shape: tuple[int, ...], kind: Any = np.float32) -> Array:
    """A new array of the device with whatever stands there."""
    kind = np.dtype(kind)
    size = int(np.prod(shape)) * kind.itemsize
    made: Array = target.empty(max(1, size))[:size].view(kind).reshape(shape)
    return made


def fetched(target: Gpu, array: Array) -> Array:
    """The array's numbers on the host."""
    target.synchronize()
    return np.array(array if target.xp is np else target.xp.asnumpy(array))


def seconds_of(target: Gpu, work: Callable[[], Any], least: float, warm: float = WARM) -> float:
    """Seconds that the work takes: the fastest of five blocks of at least so many seconds, each
    with one wait at its end, after some of the same that wakes the GPU up."""
    count = 1
    while (took := _block(target, work, count)) < least:
        count = max(2 * count, int(1.2 * count * least / max(took, 1e-6)))
    end = time.perf_counter() + (warm if target.xp is not np else 0.0)
    while time.perf_counter() < end:
        _block(target, work, count)
    return min(_block(target, work, count) for _ in range(5)) / count


def _block(target: Gpu, work: Callable[[], Any], count: int) -> float:
    target.synchronize()
    start = time.perf_counter()
    for _ in range(count):
        work()
    target.synchronize()
    return time.perf_counter() - start
