"""A GPU on paper: the real `Hardware` on the stand-in for CuPy, with stand-ins for NVRTC, which
hands the source on, and for cuBLASLt, which leaves ReLU to a kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from standin_streams import Gpu, Numbers

from minigrad.compiler.targets.cuda.device import graph, hardware, nvrtc
from minigrad.compiler.targets.cuda.kernels.epilogue import after
from minigrad.compiler.targets.cuda.launch import Gemm, Kernel, Launch

ADD = Kernel("add", 'extern "C" __global__ void add(float* out, const float* x, int64_t n) {}')
TAKE = Kernel("take", 'extern "C" __global__ void take(float* out, int64_t i, int64_t j) {}')


class Paper(Gpu):
    """The GPU; ``compiled`` is what NVRTC was asked for, with the architecture."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.compiled: list[tuple[str, str]] = []
        monkeypatch.setattr(nvrtc, "compiled", self.compile)
        monkeypatch.setattr(hardware, "Products", partial(Blas, self))
        monkeypatch.setattr(graph.driver, "kinds", self.kinds)

    def compile(self, source: str, arch: str) -> bytes:
        self.compiled.append((source, arch))
        return source.encode()


class Blas:
    """Products on paper; ``seconds`` is what the last trial took."""

    def __init__(self, gpu: Gpu, workspace: int, algorithms: dict[str, str]) -> None:
        assert workspace % 256 == 0
        self.gpu, self.seconds, self.algorithms = gpu, 0.0, algorithms

    def planned(self, gemm: Gemm) -> tuple[Callable[[int], None], Launch | None]:
        return self.call("product", gemm), after(gemm) if gemm.relu else None

    def choice(self, gemm: Gemm) -> str:
        return f"for {gemm.m}"

    def tune(self, gemm: Gemm, seconds: Callable[[Callable[[int], None]], float]) -> list[float]:
        self.seconds = seconds(self.call("tried", gemm))
        return [self.seconds]

    def call(self, what: str, gemm: Gemm) -> Callable[[int], None]:
        where = gemm.out.data.ptr
        return lambda stream: self.gpu.give(stream, what, where)


def numbers(*shape: int) -> Numbers:
    return Numbers(np.zeros(shape, np.float32))


def add(grid: int = 2, block: int = 64) -> tuple[Launch, list[Any]]:
    """A launch, and what the stream must write down of it."""
    out, x = numbers(4), numbers(4)
    return Launch(ADD, grid, block, (out, x, 4)), [
        *("add", grid, block, out.data.ptr, x.data.ptr, 4)
    ]


def on_device(gemm: Gemm) -> Gemm:
    arrays = {name: Numbers(getattr(gemm, name)) for name in ("out", "a", "b")}
    return Gemm(**{**vars(gemm), **arrays})


def given(gpu: Gpu, stream: int = 0) -> list[list[Any]]:
    """What a stream was given to do."""
    return [facts for where, *facts in gpu.done if where == stream and facts[0] != "synchronize"]
