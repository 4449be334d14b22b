"""Copies from the host that nobody waits for: the numbers go by memory that the GPU can read."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from minigrad.device import Array

MOST = 32
"""Copies under way. Before one more is begun, the oldest is waited for."""


class Staging:
    """Pinned memory for copies under way. It is kept until its copy is done, then used again."""

    def __init__(self, xp: Any) -> None:
        self._xp = xp
        self._under_way: deque[tuple[Any, Any]] = deque()  # what tells the end, and the memory

    def copy(self, out: Array, numbers: Array, stream: Any) -> None:
        """Copy NumPy's numbers into a dense array of the GPU, on this stream. They may change as
        soon as this returns."""
        under_way, cuda = self._under_way, self._xp.cuda
        while under_way and (under_way[0][0].done or len(under_way) >= MOST):
            under_way.popleft()[0].synchronize()
        memory = cuda.alloc_pinned_memory(numbers.nbytes)
        pinned = np.frombuffer(memory, numbers.dtype, numbers.size).reshape(numbers.shape)
        pinned[...] = numbers
        to_device = cuda.runtime.memcpyHostToDevice
        cuda.runtime.memcpyAsync(out.data.ptr, memory.ptr, numbers.nbytes, to_device, stream.ptr)
        done = cuda.Event(disable_timing=True)
        done.record(stream)
        under_way.append((done, memory))
