"""A simulated GPU: kernels run on the CPU as g++ builds them, products by NumPy, and what a real
one refuses is refused.

It is slow. It serves to see what a compiled step would do on a GPU, and to test it without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad.compiler.targets.cuda.device import host
from minigrad.compiler.targets.cuda.kernels.signatures import check
from minigrad.compiler.targets.cuda.launch import Gemm, Kernel, Launch, Work
from minigrad.device import Array
from minigrad.errors import CompileError
from minigrad.layouts import switch

ALIGNMENT = 256
POISON = 0xFF
"""The byte that fresh memory is full of: as floats it is nan, as integers -1."""


class Simulated:
    """A `Gpu` whose memory is the host's. Made by `simulated`.

    Attributes:
        log: what it was asked to do, in words.
        nodes: how many nodes the graph has that was captured last; 0 for none.
        allocated: bytes that were asked of it.
    """

    name = "simulated"
    xp: Any = np

    def __init__(self) -> None:
        self.log: list[str] = []
        self.nodes = 0
        self.allocated = 0
        self._loaded: dict[str, host.Library] = {}
        self._recording: list[Work] | None = None

    def empty(self, size: int) -> Array:
        """So many bytes, poisoned, aligned to 256."""
        self._outside_capture("memory was asked for")
        raw = np.full(size + ALIGNMENT, POISON, np.uint8)
        start = -raw.ctypes.data % ALIGNMENT
        self.allocated += size
        return raw[start : start + size]

    def load(self, kernels: Sequence[Kernel]) -> None:
        """Build these kernels by g++. Errors: RuntimeError where it is not, or refuses them."""
        self._outside_capture("kernels were loaded")
        library = host.load(kernels)
        self._loaded |= {kernel.name: library for kernel in kernels}

    def begin(self, spare: Array) -> None:
        """A step begins: of the spare bytes, what it reads before it is written is nan."""
        self._outside_capture("a step began")
        spare[...] = POISON

    def end(self) -> None:
        """The step is over, as all work is done at once."""
        self._outside_capture("a step ended")

    def upload(self, out: Array, numbers: Array) -> None:
        """Copy the host's numbers."""
        self._outside_capture("numbers were copied from the host")
        if (out.shape, out.dtype) != (numbers.shape, numbers.dtype):
            raise ValueError(
                f"simulated: {numbers.dtype}{list(numbers.shape)} was uploaded into "
                f"{out.dtype}{list(out.shape)}"
            )
        self.log.append(f"upload {out.dtype}{list(out.shape)}")
        np.copyto(out, numbers)

    def call(self, body: Callable[[], object]) -> None:
        """Have NumPy do something."""
        self._outside_capture("the array library was called")
        self.log.append("call")
        body()

    def launch(self, work: Work) -> None:
        """Do a kernel or a product; while it captures, only note it down.

        Errors: CompileError for a kernel that was not loaded.
        """
        if isinstance(work, Launch) and work.kernel.name not in self._loaded:
            raise CompileError(f"simulated: kernel {work.kernel.name} was launched, but not loaded")
        if self._recording is not None:
            self._recording.append(work)
            return
        self._do(work)

    def capture(self, body: Callable[[], None]) -> Captured:
        """The work that ``body`` gives, as a graph.

        Errors: CompileError for what may not be done meanwhile: to ask for memory, to copy from
        the host, to wait, to call NumPy, to load kernels, to capture.
        """
        self._outside_capture("another graph was begun")
        self._recording = []
        try:
            body()
            work = tuple(self._recording)
        finally:
            self._recording = None
        self.nodes = len(work)
        return Captured(self, work)

    def synchronize(self) -> None:
        """All is done already."""
        self._outside_capture("the host waited")

    def replay(self, work: Sequence[Work]) -> None:
        """Do what was captured."""
        self._outside_capture("a graph was launched")
        self.log.append(f"graph of {len(work)} nodes")
        for each in work:
            self._do(each)

    def _do(self, work: Work) -> None:
        self.log.append(told(work))
        if switch.always:
            check(work)
        if isinstance(work, Launch):
            self._loaded[work.kernel.name].launch(work)
        else:
            multiply(work)

    def _outside_capture(self, what: str) -> None:
        if self._recording is not None:
            raise CompileError(f"simulated: {what} while a graph was captured; do it before")


class Captured:
    """A graph of a simulated GPU: it does again what was noted down, on the same memory."""

    def __init__(self, device: Simulated, work: tuple[Work, ...]) -> None:
        self._device, self._work, self.nodes = device, work, len(work)

    def launch(self) -> None:
        """Do all of it."""
        self._device.replay(self._work)


def told(work: Work) -> str:
    """A piece of work in words."""
    if isinstance(work, Launch):
        return f"{work.kernel.name}, {work.grid} blocks of {work.block}"
    size = f"{work.m} x {work.n} x {work.k}" + (f", {work.batch} times" if work.batch > 1 else "")
    return f"product {size}{' + bias' * (work.bias is not None)}{', relu' * work.relu}"


def multiply(work: Gemm) -> None:
    """A product by NumPy."""
    a = _matrices(work.a, work.ta, work.m, work.k, work.lda, work.batch, work.steps[0])
    b = _matrices(work.b, work.tb, work.k, work.n, work.ldb, work.batch, work.steps[1])
    out = _matrices(work.out, False, work.m, work.n, work.ldc, work.batch, work.steps[2])
    with np.errstate(all="ignore"):
        y = np.matmul(a, b)
        if work.beta:
            y += np.asarray(work.beta, y.dtype) * out
        if work.bias is not None:
            y += work.bias
    out[...] = np.maximum(y, 0) if work.relu else y


def _matrices(
    x: Array, turned: bool, rows: int, columns: int, lead: int, batch: int, step: int
) -> Array:
    size = x.itemsize
    steps = (step * size, size, lead * size) if turned else (step * size, lead * size, size)
    return as_strided(x, (batch, rows, columns), steps)


_current: ContextVar[Simulated | None] = ContextVar("simulated", default=None)


def current() -> Simulated | None:
    """The simulated GPU of this block, if there is one."""
    return _current.get()


@contextmanager
def simulated(device: Simulated | None = None) -> Iterator[Simulated]:
    """In this block, steps are replayed on this simulated GPU, see `minigrad.cuda.simulated`."""
    device = Simulated() if device is None else device
    before = _current.set(device)
    try:
        yield device
    finally:
        _current.reset(before)
