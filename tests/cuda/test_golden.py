"""How much the steps of the benchmarks ask of a GPU: kernels, products, bytes. These are what makes
them fast, and the only part of it that shows without a GPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

import minigrad
from benchmarks.catalogue import CASES
from benchmarks.engines.with_minigrad import Minigrad
from minigrad.cuda.launch import Kernel, Work
from minigrad.cuda.simulation import Simulated


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


class Idle(Simulated):
    """A GPU that computes nothing: of a step only its structure is of interest here."""

    def load(self, kernels: Sequence[Kernel]) -> None:
        """There is nothing to build."""

    def launch(self, work: Work) -> None:
        """Only note it down."""
        if self._recording is not None:
            self._recording.append(work)

    def call(self, body: Callable[[], object]) -> None:
        """There is nothing to compute."""

    def replay(self, work: Sequence[Work]) -> None:
        """There is nothing to do."""


@pytest.mark.parametrize("name", GOLDEN)
def test_what_a_step_asks_for(name: str) -> None:
    with minigrad.cuda.simulated(Idle()):
        step: Any = minigrad.compile(CASES[name].make(Minigrad("cpu")))
        for _ in range(4):
            step()
    assert step.path.startswith("simulated graph")
    assert Counts(**step.replays[-1].counts) == GOLDEN[name]
