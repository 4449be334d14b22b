"""How much the steps of the benchmarks ask of a GPU: kernels, products, bytes. These are what makes
them fast, and the only part of it that shows without a GPU."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from idle import asked
from learning import residual

from benchmarks.catalogue import CASES
from benchmarks.engines.with_minigrad import Minigrad
from minigrad import nn, optim
from minigrad.compiler.targets.cuda.device import nvrtc
from minigrad.compiler.targets.cuda.kernels.sources import source
from minigrad.compiler.targets.cuda.launch import Launch

sys.path.insert(0, str(Path(__file__).parent.parent / "compiler"))
from twins import batches, supervised


class Counts(NamedTuple):
    """What a step comes to; every product and kernel is a node of its graph."""

    kernels: int
    products: int
    nodes: int
    bytes: int
    uploads: int = 0
    eager: int = 0


GOLDEN = {
    "mlp": Counts(kernels=7, products=14, nodes=21, bytes=513_024),
    "lenet5": Counts(kernels=17, products=9, nodes=26, bytes=16_424_704),
    "cnn": Counts(kernels=15, products=6, nodes=21, bytes=8_890_240),
    "block": Counts(kernels=9, products=0, nodes=9, bytes=473_408),
    "residual": Counts(kernels=41, products=3, nodes=44, bytes=941_568),
    "gan": Counts(kernels=36, products=33, nodes=69, bytes=2_023_424),
}
"""What each case comes to. To update: run this file, see that every number that changed has become
smaller or has a reason, and copy what the failure shows. The derivative of a normalisation's 1 / √v
is y / v, which is right to 2 ulp where y³ is not to 4: a number for each channel is kept for it."""


def block() -> nn.Module:
    """Once what residual networks are made of."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.Flatten()
    )


def prepared(name: str) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The step of a case and its arguments: of the benchmarks, or one that is none of them."""
    networks = {"block": (block, (16, 3, 8, 8)), "residual": (residual, (16, 2, 16, 16))}
    if name not in networks:
        return CASES[name].make(Minigrad("cpu")), ()
    make, shape = networks[name]
    model = make()
    step, _ = supervised(model, optim.SGD(model.parameters(), lr=0.1, momentum=0.9))
    return step, batches(1, *shape)[0]


@pytest.mark.parametrize("name", GOLDEN)
def test_what_a_step_asks_for(name: str) -> None:
    step, arguments = prepared(name)
    step, _ = asked(step, *arguments)
    assert step.path.startswith("simulated graph")
    assert Counts(**step.replays[-1].counts) == GOLDEN[name]


@pytest.mark.slow
@pytest.mark.usefixtures("nvrtc")
@pytest.mark.parametrize("arch", ["sm_80", "sm_90"])
def test_all_its_kernels_compile_for_a_gpu(arch: str) -> None:
    kernels = []
    for name in GOLDEN:
        step, arguments = prepared(name)
        _, works = asked(step, *arguments)
        kernels += [work.kernel for work in works if isinstance(work, Launch)]
    module = nvrtc.compiled(source(kernels), arch)
    assert all(kernel.name.encode() in module for kernel in kernels)
