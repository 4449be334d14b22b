"""The CPU as a target: its passes, and its replay."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from minigrad.compiler.passes.biases import biases
from minigrad.compiler.passes.chains import chains
from minigrad.compiler.passes.copies import copies
from minigrad.compiler.passes.dead import dead
from minigrad.compiler.passes.layout import layout
from minigrad.compiler.passes.merge import merge
from minigrad.compiler.passes.pooling import pooling
from minigrad.compiler.passes.slices import slices
from minigrad.compiler.plan.memory import ALIGNMENT, ARENA, IN_PLACE, Plan
from minigrad.compiler.program import Program
from minigrad.compiler.targets.cpu.flat import FLAT
from minigrad.compiler.targets.cpu.replay import THREADS, CpuReplay
from minigrad.native.library import enabled

PASSES = (
    *(merge, copies, dead, slices, pooling, layout, biases, chains),
    *(FLAT, THREADS, IN_PLACE, ARENA),
)


class Cpu:
    """A `Target`: kernels in C where a compiler is found, else NumPy."""

    passes = PASSES
    alignment = ALIGNMENT
    otherwise = "NumPy"

    def builds(self) -> bool:
        """Whether there is a compiler."""
        return enabled()

    def making(self) -> AbstractContextManager[object]:
        """Nothing depends on which CPU it is."""
        return nullcontext()

    def replay(
        self,
        program: Program,
        plan: Plan,
        disable: frozenset[str],
        native: bool,
        movable: set[int],
    ) -> CpuReplay:
        """The program as a list of calls."""
        flat, threads = FLAT.wanted(disable, native), THREADS.wanted(disable, native)
        return CpuReplay(program, plan, native, flat, movable, threads)
