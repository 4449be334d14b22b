"""A GPU as a target: its passes, and its replay."""

from __future__ import annotations

from contextlib import AbstractContextManager

from minigrad.compiler.passes.chains import chains
from minigrad.compiler.passes.copies import copies
from minigrad.compiler.passes.dead import dead
from minigrad.compiler.passes.merge import merge
from minigrad.compiler.passes.pooling import pooling
from minigrad.compiler.passes.slices import slices
from minigrad.compiler.plan.memory import ARENA, IN_PLACE, Plan
from minigrad.compiler.program import Program
from minigrad.compiler.targets.cuda.launch import Gpu
from minigrad.compiler.targets.cuda.passes.bundles import bundles
from minigrad.compiler.targets.cuda.passes.channels import channels
from minigrad.compiler.targets.cuda.passes.counters import counters
from minigrad.compiler.targets.cuda.passes.epilogues import epilogues
from minigrad.compiler.targets.cuda.passes.pairs import pairs
from minigrad.compiler.targets.cuda.passes.pooled import pooled
from minigrad.compiler.targets.cuda.passes.tails import tails
from minigrad.compiler.targets.cuda.replay import GRAPH, CudaReplay
from minigrad.compiler.targets.cuda.tuning import made_for
from minigrad.precision import policy

PASSES = (
    *(merge, copies, dead, slices, pooling, epilogues, counters, chains),
    *(pairs, channels, tails, pooled, bundles, IN_PLACE, ARENA, GRAPH),
)


class Cuda:
    """A `Target`: kernels in CUDA C and products, on a GPU or a simulated one."""

    passes = PASSES
    alignment = 256  # what a GPU reads at once, and more
    otherwise = "the array library, op by op"

    def __init__(self, gpu: Gpu) -> None:
        self.gpu = gpu

    def builds(self) -> bool:
        """Always: where that does not work, it is told."""
        return True

    def making(self) -> AbstractContextManager[object]:
        """By what is known of this GPU."""
        return made_for(self.gpu.name)

    def replay(
        self,
        program: Program,
        plan: Plan,
        disable: frozenset[str],
        native: bool,
        movable: set[int],
    ) -> CudaReplay:
        """The program as a graph."""
        graph = GRAPH.wanted(disable, native)
        return CudaReplay(program, plan, self.gpu, policy(), native, graph)
