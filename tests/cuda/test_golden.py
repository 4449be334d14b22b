"""How much the steps of the benchmarks ask of a GPU: kernels, products, bytes. These are what makes
them fast, and the only part of it that shows without a GPU."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from idle import asked

from benchmarks.catalogue import CASES
from benchmarks.engines.with_minigrad import Minigrad
from minigrad.cuda import nvrtc
from minigrad.cuda.launch import Launch
from minigrad.cuda.sources import source


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
    "lenet5": Counts(kernels=19, products=9, nodes=28, bytes=17_534_464),
    "cnn": Counts(kernels=17, products=6, nodes=23, bytes=10_796_416),
    "gan": Counts(kernels=36, products=33, nodes=69, bytes=2_023_424),
}
"""What each case comes to. To update: run this file, see that every number that changed has become
smaller or has a reason, and copy what the failure shows."""


@pytest.mark.parametrize("name", GOLDEN)
def test_what_a_step_asks_for(name: str) -> None:
    step, _ = asked(CASES[name].make(Minigrad("cpu")))
    assert step.path.startswith("simulated graph")
    assert Counts(**step.replays[-1].counts) == GOLDEN[name]


@pytest.mark.slow
@pytest.mark.usefixtures("nvrtc")
@pytest.mark.parametrize("arch", ["sm_80", "sm_90"])
def test_all_its_kernels_compile_for_a_gpu(arch: str) -> None:
    kernels = []
    for name in GOLDEN:
        _, works = asked(CASES[name].make(Minigrad("cpu")))
        kernels += [work.kernel for work in works if isinstance(work, Launch)]
    module = nvrtc.compiled(source(kernels), arch)
    assert all(kernel.name.encode() in module for kernel in kernels)
