"""A GPU that does what `launch` describes: by CuPy, NVRTC and cuBLASLt, or captured as a graph.

Everything runs on CuPy's current stream, so that it stands in line with what is done eagerly. Only
a capture has a stream of its own, on which nothing ever runs. One thread at a time. (NVIDIA, CUDA
C++ Programming Guide, "CUDA Graphs".)
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from minigrad.compiler.targets.cuda.device import blaslt, nvrtc
from minigrad.compiler.targets.cuda.device.graph import CapturedGraph, Ready
from minigrad.compiler.targets.cuda.device.products import (
    ALIGNMENT,
    WORKSPACE,
    Choice,
    Products,
    ReadyProduct,
    kind,
)
from minigrad.compiler.targets.cuda.device.staging import Staging
from minigrad.compiler.targets.cuda.kernels.sources import source
from minigrad.compiler.targets.cuda.launch import Gemm, Kernel, Launch, Work
from minigrad.compiler.targets.cuda.tuning import model, table
from minigrad.device import Array, Device, address, cupy
from minigrad.errors import CompileError

MOST_THREADS = 0  # CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK
TIMES = 20


@lru_cache
def gpu(device: Device) -> Hardware:
    """The GPU of that name, one object for each. Errors: DeviceError where it is not there."""
    return Hardware(cupy(), device.index or 0)


class Hardware:
    """A `Gpu` on CuPy.

    Attributes:
        stream: where work is given, CuPy's current one when the step began.
    """

    def __init__(self, xp: Any, index: int) -> None:
        self.xp = xp
        self.index = self._before = index
        self._device = xp.cuda.Device(index)
        with self._device:
            self._own = xp.cuda.Stream(non_blocking=True)
            self._event = xp.cuda.Event(disable_timing=True)
            self.stream = xp.cuda.get_current_stream()
        facts = xp.cuda.runtime.getDeviceProperties(index)
        self.name = f"cuda:{index} ({facts['name'].decode()})"
        self._arch = f"sm_{facts['major']}{facts['minor']}"
        self._staging = Staging(xp)
        self._functions: dict[Kernel, Any] = {}
        self._calls: weakref.WeakKeyDictionary[Work, Ready] = weakref.WeakKeyDictionary()
        self._products: tuple[Products, Array] | None = None
        self._done: set[tuple[Any, ...]] = set()  # kinds of products that were done once
        self._captured: list[Work] | None = None

    def empty(self, size: int) -> Array:
        """So many bytes, aligned to 256."""
        self._not_in_a_capture("memory is asked for")
        with self._device, self._own:  # what is freed goes back to this stream: to us
            memory = self.xp.cuda.alloc(max(size, 1))
        return self.xp.ndarray((size,), np.uint8, memptr=memory)

    def load(self, kernels: Sequence[Kernel]) -> None:
        """Compile those that are new as one module. Errors: RuntimeError with NVRTC's words."""
        self._not_in_a_capture("kernels are loaded")
        new = [each for each in dict.fromkeys(kernels) if each not in self._functions]
        if new:
            cubin = nvrtc.compiled(source(new), self._arch)
            with self._device:
                module = self.xp.cuda.function.Module()
                module.load(cubin)
                self._functions |= {each: module.get_function(each.name) for each in new}

    def launch(self, work: Work) -> None:
        """Give the GPU a kernel or a product to do.

        Errors: KeyError for a kernel that was not loaded, ValueError for a product that is none,
        RuntimeError that names the work where the GPU refuses.
        """
        if self._captured is not None:
            self._captured.append(work)
        else:
            self._ready(work)(self.stream.ptr)

    def begin(self, spare: Array) -> None:
        """A step begins. What it needs of the GPU is done after what CuPy's current stream was
        given; where that is another stream than before, also after what that one was given."""
        self._not_in_a_capture("a step begins")
        cuda = self.xp.cuda
        self._before = cuda.runtime.getDevice()
        cuda.runtime.setDevice(self.index)
        current = cuda.get_current_stream()
        if current.ptr != self.stream.ptr:
            self._event.record(self.stream)
            current.wait_event(self._event)
            self.stream = current

    def end(self) -> None:
        """The step is given. What others give the current stream comes after it."""
        self.xp.cuda.runtime.setDevice(self._before)

    def upload(self, out: Array, numbers: Array) -> None:
        """Copy numbers into an array of this GPU: its own, which it reads when it comes to it, or
        the host's into a dense array; these may change as soon as this returns.

        Errors: ValueError for another shape, type or place.
        """
        self._not_in_a_capture("numbers are uploaded")
        if (out.shape, out.dtype) != (numbers.shape, numbers.dtype):
            raise ValueError(
                f"upload: expected {out.dtype} of shape {out.shape}, "
                f"got {numbers.dtype} of shape {numbers.shape}"
            )
        with self._device:
            if not isinstance(numbers, np.ndarray):
                self._move(out, numbers)
            elif not out.flags.c_contiguous:
                raise ValueError(f"upload: the place of shape {out.shape} is not dense")
            elif numbers.size:
                self._staging.copy(out, numbers, self.stream)

    def call(self, body: Callable[[], object]) -> None:
        """Have CuPy do something, in the same order."""
        self._not_in_a_capture("CuPy is called")
        body()

    def capture(self, body: Callable[[], None]) -> CapturedGraph:
        """What ``body`` launches, as a graph. It is not done yet, and ``body`` does nothing else.

        Errors: CompileError where it does, and where the graph is not as it should be; RuntimeError
        that names the work that could not be captured.
        """
        self._not_in_a_capture("another begins")
        works: list[Work] = []
        self._captured = works
        try:
            body()
        finally:
            self._captured = None
        with self._device:
            # All that loads code or asks for memory happens here, before the capture.
            calls = [self._ready(work) for work in works]
            self.synchronize()
            return CapturedGraph(self, calls, self._own)

    def synchronize(self) -> None:
        """Wait until all is done."""
        self._not_in_a_capture("the GPU is waited for")
        self.stream.synchronize()

    def choice(self, gemm: Gemm) -> Choice:
        """How products of this kind are done. Errors: ValueError, RuntimeError for none."""
        return self._blaslt().choice(gemm)

    def tune(self, gemm: Gemm) -> list[float]:
        """Products of this kind that were not launched yet are done by the algorithm that is the
        fastest here. The operands are read; ``out`` stays as it is. Returns what each algorithm
        took, in seconds."""
        cuda = self.xp.cuda

        def seconds(call: ReadyProduct) -> float:
            first, last = cuda.Event(), cuda.Event()
            call(self.stream.ptr)
            first.record(self.stream)
            for _ in range(TIMES):
                call(self.stream.ptr)
            last.record(self.stream)
            last.synchronize()
            return float(cuda.get_elapsed_time(first, last)) / 1000

        return [each / TIMES for each in self._blaslt().tune(self._beside(gemm), seconds)]

    @property
    def algorithms(self) -> dict[str, str]:
        """What is known of the fastest algorithms, for a table."""
        return self._blaslt().algorithms

    def facts(self) -> dict[str, str | int]:
        """What this GPU is and what drives it, for reports."""
        runtime = self.xp.cuda.runtime
        properties = runtime.getDeviceProperties(self.index)
        with self._device:
            memory = runtime.memGetInfo()[1]
        return {
            "gpu": properties["name"].decode(),
            "compute capability": f"{properties['major']}.{properties['minor']}",
            "multiprocessors": properties["multiProcessorCount"],
            "L2 bytes": properties["l2CacheSize"],
            "memory bytes": memory,
            "driver": _release(runtime.driverGetVersion()),
            "runtime": _release(runtime.runtimeGetVersion()),
            "CuPy": str(self.xp.__version__),
            "cuBLASLt": ".".join(map(str, blaslt.version())),
            "NVRTC": ".".join(map(str, nvrtc.version())),
        }

    def _ready(self, work: Work) -> Ready:
        """The work with its arguments laid out, kept for as long as the work."""
        call = self._calls.get(work)
        if call is None:
            made = self._kernel(work) if isinstance(work, Launch) else self._product(work)
            self._calls[work] = call = made
        return call

    def _kernel(self, work: Launch) -> ReadyKernel:
        if work.kernel not in self._functions:
            raise KeyError(f"{work.kernel.name}: this kernel was not loaded")
        return ReadyKernel(self.xp.cuda.driver, self._functions[work.kernel], work)

    def _product(self, gemm: Gemm) -> Ready:
        products = self._blaslt()
        if (one := kind(gemm)) not in self._done:
            # A product done for the first time loads code, which a capture would not survive.
            products.planned(self._beside(gemm))[0](self.stream.ptr)
            self._done.add(one)
        product, after = products.planned(gemm)
        if after is None:
            return product
        self.load([after.kernel])
        kernel = self._kernel(after)

        def both(stream: int) -> None:
            product(stream)
            kernel(stream)

        return both

    def _blaslt(self) -> Products:
        if self._products is None:
            workspace = self.empty(WORKSPACE)
            with self._device:
                known = table(model(self.name)).products
                self._products = Products(address(workspace), known), workspace
        return self._products[0]

    def _beside(self, gemm: Gemm) -> Gemm:
        """The same product into memory of its own, aligned as ``out`` is."""
        numbers = (gemm.batch - 1) * gemm.steps[2] + (gemm.m - 1) * gemm.ldc + gemm.n
        first, size = address(gemm.out) % ALIGNMENT, numbers * gemm.out.dtype.itemsize
        memory = self.empty(first + size)[first:]
        return replace(gemm, out=memory.view(gemm.out.dtype))

    def _move(self, out: Array, numbers: Array) -> None:
        runtime = self.xp.cuda.runtime
        if numbers.device.id != self.index:
            raise ValueError(f"upload: the numbers are on {numbers.device}, not on {self.name}")
        if numbers.flags.c_contiguous and out.flags.c_contiguous:
            facts = out.data.ptr, numbers.data.ptr, numbers.nbytes, runtime.memcpyDeviceToDevice
            runtime.memcpyAsync(*facts, self.stream.ptr)
        else:
            self.xp.copyto(out, numbers)

    def _not_in_a_capture(self, what: str) -> None:
        if self._captured is not None:
            raise CompileError(f"capture: {what} inside it; do that before")


class ReadyKernel:
    """A kernel whose arguments are laid out once, in the words that the driver reads."""

    def __init__(self, cuda: Any, function: Any, work: Launch) -> None:
        most = cuda.funcGetAttribute(MOST_THREADS, function.ptr)  # this also loads its code
        if not 1 <= work.block <= most:
            name = work.kernel.name
            raise ValueError(f"{name}: {work.block} threads a block; this GPU can do {most}")
        count = len(work.args)
        words = (ctypes.c_int64 * count)(
            *(x if isinstance(x, int) else address(x) for x in work.args)
        )
        first = ctypes.addressof(words)
        pointers = (ctypes.c_void_p * count)(*(first + 8 * i for i in range(count)))
        self._facts = function.ptr, work.grid, 1, 1, work.block, 1, 1, 0
        self._pointers = ctypes.addressof(pointers)
        self._kept = words, pointers, function, work.args
        self._launch, self._name = cuda.launchKernel, work.kernel.name

    def __call__(self, stream: int) -> None:
        try:
            self._launch(*self._facts, stream, self._pointers, 0)
        except RuntimeError as error:
            raise RuntimeError(f"{self._name}: {error}") from error


def _release(number: int) -> str:
    """A release of CUDA, of which 13020 is 13.2."""
    return f"{number // 1000}.{number % 1000 // 10}"
