"""What the GPU can do at best: copy, multiply, launch graphs. Nothing of it is a training step."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.gpu.device import SPARE, empty, opened, placed, seconds_of
from benchmarks.gpu.part import Asked
from minigrad.compiler.targets.cuda.launch import Gemm, Gpu, Kernel, Launch

NODES = (1, 16, 64)
EMPTY = Kernel("mg_nothing", 'extern "C" __global__ void mg_nothing(float *x) { (void)x; }')


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """A ceiling a finding; products on random numbers, since zeros are faster."""
    n, least = (64, 0.0001) if asked.dry else (8192, 0.05)
    with opened(asked.device) as target:
        spare = target.empty(SPARE)
        target.begin(spare)
        yield copying(target, 1 << 20 if asked.dry else 4 << 30, least)
        yield launching(target, least)
        yield multiplying(target, n, least)
        target.end()
    if find_spec("torch") is not None:
        yield from by_torch("cpu" if asked.dry else "cuda", n, least)


def copying(target: Gpu, size: int, least: float) -> dict[str, Any]:
    """TB/s of a copy within the device, read and written bytes together."""
    source = target.xp.arange(size // 4, dtype=np.float32)
    goal = target.xp.empty_like(source)
    seconds = seconds_of(target, lambda: target.xp.copyto(goal, source), least)
    return {"copy_TBs": 2 * size / seconds / 1e12, "copy_bytes": size}


def launching(target: Gpu, least: float) -> dict[str, Any]:
    """Microseconds of a graph of empty kernels one after the other: a graph's, and a node's."""
    target.load([EMPTY])
    x = empty(target, (1,))
    work = Launch(EMPTY, 1, 32, (x,))

    def several(count: int) -> None:
        for _ in range(count):
            target.launch(work)

    graphs = [target.capture(partial(several, nodes)) for nodes in NODES]
    found = [1e6 * seconds_of(target, graph.launch, least) for graph in graphs]
    node, fixed = np.polyfit(NODES, found, 1)
    single = 1e6 * seconds_of(target, partial(several, 1), least)
    return {
        "graph_us": dict(zip(map(str, NODES), found, strict=True)),
        "graph_fixed_us": float(fixed),
        "graph_node_us": float(node),
        "launch_us": single,
    }


def multiplying(target: Gpu, n: int, least: float) -> dict[str, Any]:
    """TFLOP/s of a product of n x n matrices by minigrad's binding, in FP32 and TF32."""
    rng = np.random.default_rng(0)
    a, b = (placed(target, rng.standard_normal((n, n), np.float32)) for _ in range(2))
    out = empty(target, (n, n))
    found = {}
    for name, tf32 in (("fp32", False), ("tf32", True)):
        work = Gemm(out, a, b, False, False, n, n, n, n, n, n, tf32=tf32)
        seconds = seconds_of(target, partial(target.launch, work), least)
        found[f"minigrad_{name}"] = 2e-12 * n**3 / seconds
    return {"gemm_size": n, **found}


def by_torch(device: str, n: int, least: float) -> Iterator[dict[str, Any]]:
    """TFLOP/s of PyTorch's products."""
    import torch

    class Waits:
        """As much of a target as timing needs."""

        xp = np if device == "cpu" else None

        def synchronize(self) -> None:
            if device != "cpu":
                torch.cuda.synchronize()

    for name, kind, precision in (
        ("bf16", torch.bfloat16, "highest"),
        ("tf32", torch.float32, "high"),
        ("fp32", torch.float32, "highest"),
    ):
        torch.set_float32_matmul_precision(precision)
        a, b = (torch.randn(n, n, device=device).to(kind) for _ in range(2))
        out = torch.empty_like(a)
        waits: Any = Waits()
        seconds = seconds_of(waits, partial(torch.mm, a, b, out=out), least)
        yield {name: 2e-12 * n**3 / seconds}
