"""Replaying a program on a GPU: as one graph, else kernel by kernel, else op by op."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from minigrad.compiler.passes.row import Pass
from minigrad.compiler.plan.memory import Plan, arrays_of, check_written, shaped
from minigrad.compiler.program import Program, Slot
from minigrad.compiler.targets.cuda.launch import Gpu, Graph, Upload, Work
from minigrad.compiler.targets.cuda.lower.lowered import Lowered
from minigrad.device import Array
from minigrad.errors import CompileError
from minigrad.ops.random import draw
from minigrad.precision import Policy

GRAPH = Pass("graph", "give the device all kernels as one graph", needs="kernels")
LONGEST = 8
"""Steps in a graph."""


class CudaReplay:
    """A program on the arrays of a device, ready to be run again and again.

    The first run is by plain launches, which makes the device load all that it needs. From the
    second on it is a graph, unless an op has no kernel or the device does not let itself be
    captured; `path` says so.

    Attributes:
        arrays: of every slot.
        native, plain: how many kernels and products there are, and how many ops the array library
            does.
        lowered: what the program became.
    """

    def __init__(
        self,
        program: Program,
        plan: Plan,
        gpu: Gpu,
        policy: Policy,
        kernels: bool = True,
        graph: bool = True,
    ) -> None:
        self._gpu, self._kernels = gpu, kernels
        self._constants: list[Upload] = []
        self._arena = gpu.empty(plan.size)
        gpu.begin(self._arena)  # views of its arrays are made on it
        try:
            given = self._outside(program)
            arrays = arrays_of(program, plan, given, self._arena, gpu.empty, gpu.xp)
            self.lowered = Lowered(program, arrays, gpu, policy, kernels)
        finally:
            gpu.end()
        self.arrays = arrays
        self.inputs = [arrays[slot] for slot in program.arguments]
        written = program.written
        self._returned = [i for i, x in enumerate(program.arguments) if x.place in written]
        self._uploads = [*self._constants, *self.lowered.uploads]
        self.plain = len(self.lowered.missing)
        self.native = len(self.lowered.launches) + len(self.lowered.products)
        if self.lowered.kernels:
            gpu.load(self.lowered.kernels)
        self._warm = False
        self._why = "" if graph else "graphs are disabled"
        self._graphs: dict[int, Graph] = {}
        self._bytes = plan.size + self.lowered.scratch

    @property
    def path(self) -> str:
        """What computes, in words."""
        name = self._gpu.name.partition(":")[0]
        if not self._kernels:
            return f"{name} eager, {self.plain} calls"
        if self._graphs and not self._why:
            return f"{name} graph, {self.counts['nodes']} nodes"
        told = f"{name} launches, {self.native} nodes"
        if self.plain:
            names = ", ".join(sorted(set(self.lowered.missing)))
            return f"{told}, {self.plain} of {self.native + self.plain} ops eager: {names}"
        return f"{told}: {self._why or 'not captured yet'}"

    @property
    def work(self) -> list[Work]:
        """The kernels and products of a step, in their order."""
        return [each for each in self.lowered.work if not callable(each)]

    @property
    def counts(self) -> dict[str, int]:
        """How many kernels, products, nodes in the graph of a step, uploads before it, ops that
        the array library does, and bytes of arena and scratch."""
        lowered = self.lowered
        length = min(self._graphs, default=0)
        return {
            "kernels": len(lowered.launches),
            "products": len(lowered.products),
            "nodes": self._graphs[length].nodes // length if length else 0,
            "uploads": len(self._uploads),
            "eager": self.plain,
            "bytes": self._bytes,
        }

    def run(self, inputs: Sequence[Array], times: int = 1) -> None:
        """Do the step on these arguments' arrays, so many times. Errors: CompileError as
        `check_written`."""
        check_written(inputs, self._returned, self._gpu.xp)
        self._gpu.begin(self._arena)
        try:
            for mine, given in zip(self.inputs, inputs, strict=True):
                self._gpu.upload(mine, given)
            left = times
            while left:
                for upload in self._uploads:
                    self._gpu.upload(upload.out, upload.make())
                left -= self._several(1 if self._uploads else min(left, LONGEST))
            for i in self._returned:
                self._gpu.upload(inputs[i], self.inputs[i])
        finally:
            self._gpu.end()

    def _several(self, count: int) -> int:
        """So many steps as one graph, or one step by launches; returns how many it were."""
        if not self._warm or self.plain or self._why:
            self._step()
            self._warm = True
            return 1
        graph = self._graphs.get(count)
        if graph is None:
            try:
                graph = self._gpu.capture(lambda: self._steps(count))
            except CompileError:
                raise  # an error in minigrad: what is captured may be captured
            except RuntimeError as error:
                self._why = f"no graph: {error}"
                return self._several(1)
            self._graphs[count] = graph
        graph.launch()
        return count

    def _steps(self, count: int) -> None:
        for _ in range(count):
            self._step()

    def _step(self) -> None:
        for work in self.lowered.work:
            if callable(work):
                self._gpu.call(work)
            else:
                self._gpu.launch(work)

    def _outside(self, program: Program) -> dict[Slot, Array]:
        """The arrays of what the host has or makes: drawn numbers, and where the device's memory
        is not the host's, constants and single numbers."""
        found: dict[Slot, Array] = {
            each.result: self._like(each.result) for each in program.ops if each.op is draw
        }
        if self._gpu.xp is np:
            return found
        for slot in dict.fromkeys(program.slots()):
            held: Any = slot.holder.array if slot.origin == "state" else slot.holder
            if slot.origin in ("constant", "state") and isinstance(held, np.ndarray):
                if slot.origin == "state" and slot.place in program.written:
                    raise CompileError(
                        f"compile: the step writes into {slot}, which is on the CPU, and computes "
                        f"on {self._gpu.name}; move it there"
                    )
                found[slot] = self._like(slot)
                self._gpu.upload(found[slot], held)
                if slot.origin == "state":
                    self._constants.append(Upload(found[slot], partial(_numbers, held)))
        return found

    def _like(self, slot: Slot) -> Array:
        return shaped(self._gpu.empty(max(1, slot.bytes)), slot)


def _numbers(held: Array) -> Array:
    return held
