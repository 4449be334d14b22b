"""A stand-in for the part of CuPy that `targets.cuda.device.hardware` calls: it writes down what a
GPU would do, in the order of its streams, and is strict about what a capture allows.

Memory is the host's. Kernels are not run; their arguments are read as the driver reads them.
"""

from __future__ import annotations

import ctypes
import re
import weakref
from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

THREADS_AT_MOST = 1024


class Refused(RuntimeError):
    """What CUDA would refuse."""


class Memory:
    """Bytes of the device."""

    def __init__(self, bytes_: npt.NDArray[np.uint8]) -> None:
        self.bytes = bytes_
        self.ptr = bytes_.__array_interface__["data"][0]


class Numbers:
    """An array of the device: where it begins and what it is, and no more."""

    def __init__(self, held: npt.NDArray[Any]) -> None:
        self.held = held
        self.data = SimpleNamespace(ptr=held.__array_interface__["data"][0])
        self.shape, self.dtype, self.flags = held.shape, held.dtype, held.flags
        self.nbytes, self.size = held.nbytes, held.size
        self.device = SimpleNamespace(id=0)

    def __getitem__(self, key: Any) -> Numbers:
        return Numbers(self.held[key])

    def view(self, kind: Any) -> Numbers:
        return Numbers(self.held.view(kind))


class Pinned(bytearray):
    """Memory of the host that the device can read."""

    @property
    def ptr(self) -> int:
        return ctypes.addressof((ctypes.c_char * len(self)).from_buffer(self))

    def __hash__(self) -> int:
        return id(self)


class Gpu:
    """One GPU.

    Attributes:
        done: what was given to streams that do not capture: (stream, what, ...).
        refuse: what streams do not take.
        current: the device that the thread has chosen.
        pinned_memory: what of it is held.
    """

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.captures: dict[int, list[tuple[Any, ...]]] = {}
        self.broken: set[int] = set()
        self.graphs: dict[int, list[tuple[Any, ...]]] = {}
        self.executables: dict[int, list[tuple[Any, ...]]] = {}
        self.functions: dict[int, tuple[str, int]] = {}
        self.refuse: set[str] = set()
        self.pinned_memory: weakref.WeakSet[Pinned] = weakref.WeakSet()
        self.current = 0
        self._handles = iter(range(100, 10**6))
        gpu, handle = self, self._handles

        class Stream:
            def __init__(self, non_blocking: bool = False, ptr: int | None = None) -> None:
                self.ptr = next(handle) if ptr is None else ptr

            def __enter__(self) -> None:
                gpu.streams.append(self)

            def __exit__(self, *error: object) -> None:
                gpu.streams.pop()

            def synchronize(self) -> None:
                gpu.wait(self.ptr)

            def wait_event(self, event: Any) -> None:
                gpu.give(self.ptr, "wait", event.ptr)

        class Event:
            def __init__(self, disable_timing: bool = False) -> None:
                self.ptr, self.done, self.waited = next(handle), False, 0

            def record(self, stream: Stream) -> None:
                gpu.give(stream.ptr, "record", self.ptr)

            def synchronize(self) -> None:
                gpu.wait(None)
                self.done, self.waited = True, self.waited + 1

        class Device:
            def __init__(self, index: int) -> None:
                self.id = index

            def __enter__(self) -> None:
                self.before, gpu.current = gpu.current, self.id

            def __exit__(self, *error: object) -> None:
                gpu.current = self.before

        class Module:
            def load(self, cubin: bytes) -> None:
                gpu.wait(None)
                self.text = cubin.decode()

            def get_function(self, name: str) -> SimpleNamespace:
                function = next(handle)
                gpu.functions[function] = name, gpu.arguments(name, self.text)
                return SimpleNamespace(ptr=function)

        self.null = Stream(ptr=0)
        self.streams = [self.null]
        self.Stream = Stream
        properties = {
            "name": b"Paper H100",
            "major": 9,
            "minor": 0,
            "multiProcessorCount": 132,
            "l2CacheSize": 50 << 20,
        }
        runtime = SimpleNamespace(
            getDevice=lambda: self.current,
            setDevice=lambda index: setattr(self, "current", index),
            getDeviceProperties=lambda index: properties,
            memGetInfo=lambda: (1 << 36, 80 << 30),
            driverGetVersion=lambda: 13020,
            runtimeGetVersion=lambda: 12090,
            streamCaptureModeThreadLocal=1,
            streamBeginCapture=self.begin_capture,
            streamEndCapture=self.end_capture,
            graphInstantiate=self.instantiate,
            graphLaunch=self.launch_graph,
            graphUpload=lambda graph, stream: self.give(stream, "graph upload", graph),
            graphDestroy=lambda graph: self.graphs.pop(graph),
            graphExecDestroy=lambda graph: self.executables.pop(graph),
            memcpyHostToDevice=1,
            memcpyDeviceToDevice=3,
            memcpyAsync=self.copy,
        )
        self.cuda = SimpleNamespace(
            Stream=Stream,
            Event=Event,
            Device=Device,
            function=SimpleNamespace(Module=Module),
            get_current_stream=lambda: self.streams[-1],
            get_elapsed_time=lambda first, last: float(last.ptr - first.ptr),
            alloc=self.alloc,
            alloc_pinned_memory=self.pinned,
            driver=SimpleNamespace(
                launchKernel=self.launch, funcGetAttribute=lambda which, f: THREADS_AT_MOST
            ),
            runtime=runtime,
        )
        self.xp = SimpleNamespace(cuda=self.cuda, ndarray=self.ndarray, __version__="14.0")
        self.xp.copyto = lambda out, numbers: self.give(
            self.streams[-1].ptr, "copyto", out.data.ptr, numbers.data.ptr
        )

    def arguments(self, name: str, text: str) -> int:
        """How many arguments the kernel has."""
        macro = re.search(rf"#define (\w+) {name}\n", text)
        called = name if macro is None else macro[1]
        signature = re.search(rf"void {called}\(((?:[^()]|\([^()]*\))*)\)", text)
        assert signature is not None, f"no kernel {name}"
        return re.sub(r"\([^()]*\)", "", signature[1]).count(",") + 1

    def kinds(self, graph: int) -> Counter[str]:
        """What the driver says of the nodes of a graph."""
        others = {"copy", "record", "wait", "allocation"}
        return Counter(what if what in others else "kernel" for _, what, *_ in self.graphs[graph])

    def give(self, stream: int, what: str, *facts: Any) -> None:
        """A stream is given something to do, or to write down."""
        if what in self.refuse:
            raise Refused(f"{what} refused")
        if stream in self.captures:
            self.captures[stream].append((stream, what, *facts))
        else:
            self.perform(stream, what, *facts)

    def perform(self, stream: int, what: str, *facts: Any) -> None:
        """It is done: now, as nothing is under way here."""
        self.done.append((stream, what, *facts))

    def wait(self, stream: int | None) -> None:
        """What waits for a GPU, or may: it ends every capture of the thread."""
        if self.captures:
            self.broken |= self.captures.keys()
            raise Refused("the stream is capturing")
        self.done.append((stream, "synchronize"))

    def begin_capture(self, stream: int, mode: int) -> None:
        assert stream > 2, "the default stream cannot capture"
        assert mode == 1 and stream not in self.captures
        self.captures[stream] = []

    def end_capture(self, stream: int) -> int:
        nodes = self.captures.pop(stream)
        if stream in self.broken:
            self.broken.discard(stream)
            raise Refused("the capture was invalidated")
        graph = next(self._handles)
        self.graphs[graph] = nodes
        return graph

    def instantiate(self, graph: int) -> int:
        executable = next(self._handles)
        self.executables[executable] = list(self.graphs[graph])
        return executable

    def launch_graph(self, graph: int, stream: int) -> None:
        for _, *facts in self.executables[graph]:
            self.give(stream, *facts)

    def launch(self, function: int, *facts: int) -> None:
        (*shape, stream, pointers, extra), (name, count) = facts, self.functions[function]
        assert shape[1:3] == shape[4:6] == [1, 1] and shape[6] == extra == 0
        words = (ctypes.POINTER(ctypes.c_int64) * count).from_address(pointers)
        self.give(stream, name, shape[0], shape[3], *(word[0] for word in words))

    def copy(self, out: int, numbers: int, size: int, way: int, stream: int) -> None:
        if way == 1 and self.captures:
            raise Refused("the stream is capturing")
        self.give(stream, "copy", out, ctypes.string_at(numbers, size), way)

    def alloc(self, size: int) -> Memory:
        self.wait(None)  # a pool may ask the device, which a capture does not survive
        memory = np.full(size + 256, 0xFF, np.uint8)
        first = -memory.__array_interface__["data"][0] % 256
        held = Memory(memory[first : first + size])
        held.stream = self.streams[-1].ptr
        return held

    def pinned(self, size: int) -> Any:
        self.pinned_memory.add(memory := Pinned(size))
        return memory

    def ndarray(self, shape: tuple[int, ...], kind: Any, memptr: Memory) -> Numbers:
        array = Numbers(memptr.bytes[: int(np.prod(shape))].view(kind).reshape(shape))
        array.memory = memptr
        return array
