"""A GPU on paper that computes: the real `Hardware` and `Products` on stand-ins that do their work.

Arrays are those of the stand-in for CuPy. Kernels are built by g++ and called with the words that
the driver would read. Products are done by a second cuBLASLt, in NumPy, which reads nothing but the
descriptors and addresses that the call hands over. A graph does what it holds when it is launched.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided
from standin import installed
from standin_arrays import current
from standin_streams import Gpu, Memory

from minigrad.compiler.targets.cuda.device import blaslt, graph, hardware, host, nvrtc, products
from minigrad.compiler.targets.cuda.device.blaslt import (
    Attribute,
    Candidate,
    Epilogue,
    MatrixLayout,
    Operation,
    Side,
    Type,
)
from minigrad.compiler.targets.cuda.kernels.sources import source
from minigrad.compiler.targets.cuda.launch import Kernel

NUMBERS = {Type.FLOAT32: ctypes.c_float, Type.FLOAT64: ctypes.c_double}


def read(descriptor: type[blaslt.Descriptor], handle: Any) -> Callable[[Any], int]:
    """What a descriptor of this kind holds, by its handle alone."""
    known = descriptor.__new__(descriptor)
    known.handle = handle
    return known.__getitem__


def matrices(layout: Callable[[Any], int], start: int) -> np.ndarray:
    """The batch of matrices in columns that begins at this address, as a view."""
    kind = NUMBERS[Type(layout(Side.TYPE))]
    batch, rows, columns = layout(Side.BATCH_COUNT), layout(Side.ROWS), layout(Side.COLS)
    step, ld = layout(Side.STRIDED_BATCH_OFFSET), layout(Side.LD)
    count = (batch - 1) * step + (columns - 1) * ld + rows
    flat = np.ctypeslib.as_array((kind * count).from_address(start))
    size = flat.itemsize
    return as_strided(flat, (batch, rows, columns), (step * size, size, ld * size))


def multiplied(facts: Sequence[Any]) -> None:
    """cublasLtMatmul."""
    _, operation, alpha, a, a_layout, b, b_layout, beta, c, c_layout, d, d_layout, *_ = facts
    told = read(Operation, operation)
    left, right = (
        matrices(read(MatrixLayout, layout), start)
        for layout, start in ((a_layout, a), (b_layout, b))
    )
    assert alpha._obj.value == 1 and (c, c_layout) == (d, d_layout)
    out = matrices(read(MatrixLayout, d_layout), d)
    left = left.transpose(0, 2, 1) if told(Attribute.TRANSA) else left
    right = right.transpose(0, 2, 1) if told(Attribute.TRANSB) else right
    result = left @ right
    if beta._obj.value:
        result = result + beta._obj.value * out
    epilogue = told(Attribute.EPILOGUE)
    if epilogue & Epilogue.BIAS:
        kind = NUMBERS[Type(read(MatrixLayout, d_layout)(Side.TYPE))]
        bias = (kind * out.shape[1]).from_address(told(Attribute.BIAS_POINTER))
        result = result + np.ctypeslib.as_array(bias)[:, None]
    out[...] = np.maximum(result, 0) if epilogue & Epilogue.RELU else result


class Computing(Gpu):
    """The GPU. It has the epilogues that are listed.

    Attributes:
        operations: the kinds of products that an algorithm was asked for.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, library: Any, epilogues: Sequence[Epilogue]
    ) -> None:
        super().__init__()
        self.epilogues = epilogues
        self.operations: list[Operation] = []
        self.kernels: dict[str, host.Library] = {}
        self.cublasLtMatmul = lambda *facts: self.give(facts[-1], "product", facts[:-1]) or 0
        cuda = SimpleNamespace(**{**vars(self.cuda), **vars(library.cuda)})
        both = {**vars(self.cuda.runtime), **vars(library.cuda.runtime)}
        cuda.runtime = SimpleNamespace(**both)
        cuda.runtime.getDeviceProperties = self.cuda.runtime.getDeviceProperties
        cuda.runtime.setDevice = lambda index: setattr(current, "index", index)
        monkeypatch.setattr(library, "cuda", cuda)
        monkeypatch.setattr(library, "ndarray", self.array)
        self.wrapped = type(library).ndarray
        monkeypatch.setattr(hardware, "source", self.remember)
        monkeypatch.setattr(nvrtc, "compiled", lambda text, arch: text.encode())
        monkeypatch.setattr(products, "Handle", lambda: self)
        monkeypatch.setattr(products, "bound", lambda: self)
        monkeypatch.setattr(graph.driver, "kinds", self.kinds)
        self.handle = 1

    def candidates(
        self, operation: Operation, layouts: Any, preference: Any, most: int
    ) -> tuple[int, list[Candidate]]:
        self.operations.append(operation)
        known = operation[Attribute.EPILOGUE] in self.epilogues
        return (0, [Candidate()]) if known else (15, [])

    def remember(self, kernels: Sequence[Kernel]) -> str:
        """The source for a module; the same kernels are built for the host."""
        built = host.load(kernels)
        self.kernels |= {kernel.name: built for kernel in kernels}
        return source(kernels)

    def arguments(self, name: str, text: str) -> int:
        return len(self.kernels[name]._types[name])

    def alloc(self, size: int) -> Memory:
        memory = super().alloc(size)
        memory.device = current.index
        return memory

    def array(self, shape: tuple[int, ...], kind: Any, memptr: Memory) -> Any:
        held = memptr.bytes[: int(np.prod(shape))].view(kind).reshape(shape)
        return self.wrapped(held, memptr.device)  # wherever one is

    def perform(self, stream: int, what: str, *facts: Any) -> None:
        super().perform(stream, what, *facts)
        if what == "product":
            multiplied(facts[0])
        elif what == "copy":
            ctypes.memmove(facts[0], facts[1], len(facts[1]))
        elif what in self.kernels:
            grid, block, *words = facts
            held = np.array(words, np.int64)
            assert self.kernels[what]._entries[what](grid, block, held.ctypes.data) == 0


@contextmanager
def computing(monkeypatch: pytest.MonkeyPatch, *epilogues: Epilogue) -> Iterator[Computing]:
    """A block in which "cuda" is such a GPU."""
    with installed() as library:
        gpu = Computing(monkeypatch, library, epilogues)
        hardware.gpu.cache_clear()
        yield gpu
        hardware.gpu.cache_clear()
