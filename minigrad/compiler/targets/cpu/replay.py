"""Running a program: a flat list of calls on arrays that were laid out before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from minigrad.compiler.passes.row import Pass
from minigrad.compiler.plan.memory import Plan, arrays_of, check_written
from minigrad.compiler.program import Place, Program, Slot, Unit
from minigrad.compiler.targets.cpu.flat import Block, Rows, blocks
from minigrad.compiler.targets.cpu.generated import Kernels
from minigrad.compiler.targets.cpu.kernels import Spare, lowered
from minigrad.compiler.targets.eager import called
from minigrad.compute import quiet
from minigrad.device import Array
from minigrad.native.library import Batch, Call
from minigrad.threads import hold, let_go

THREADS = Pass("threads", "leave all threads to convolutions, and one to the BLAS", needs="numpy")


class CpuReplay:
    """A program on its arrays, ready to be run again and again.

    Attributes:
        arrays: of every slot.
        steps: the calls in their order: kernels in C, and NumPy's.
        native, plain: how many of these they are.
    """

    def __init__(
        self,
        program: Program,
        plan: Plan,
        native: bool,
        flat: bool = False,
        movable: set[int] | None = None,
        threads: bool = False,
    ) -> None:
        found = blocks(program) if flat else []
        rows = Rows(found, movable or set())
        arrays = self.arrays = arrays_of(program, plan, rows.parts)
        self.inputs = [arrays[slot] for slot in program.arguments]
        written = program.written
        self._returned = [
            (i, mine) for i, mine in enumerate(self.inputs) if program.arguments[i].place in written
        ]
        given = {slot.place for _, slot in program.gradients}
        calls = self.steps = [*_restored(arrays, written | given)]
        kernels, spare = Kernels(), Spare()
        block_of: dict[Unit, Block] = {
            each: block for block in found for group in block for each in group.members
        }
        for each in program.instructions:
            block = block_of.get(each)
            if block is None:
                calls += _calls(each, arrays, kernels if native else None, spare)
            elif each is block[0].members[0]:
                calls += rows.calls(block, arrays)
        kernels.build()
        self.native = sum(isinstance(call, Call) for call in calls)
        self.plain = len(calls) - self.native
        self._calls = _batched(calls)
        # Threads of ours share the images; the BLAS's would keep a core from them while they wait.
        convolves = any(each.op.family == "convolution" for each in program.ops)
        self._alone = threads and convolves

    @property
    def path(self) -> str:
        """What computes, in words."""
        if not self.native:
            return "numpy"
        return (
            "native"
            if not self.plain
            else f"native, {self.plain} of {self.plain + self.native} calls numpy"
        )

    def run(self, inputs: Sequence[Array], times: int = 1) -> None:
        """Do the step on these arguments' arrays, so many times. Errors: IndexError for a label
        that is no class; CompileError as `check_written`."""
        if self._returned:
            check_written(inputs, [i for i, _ in self._returned])
        for mine, given in zip(self.inputs, inputs, strict=True):
            np.copyto(mine, given)
        if self._alone:
            hold()
        try:
            for _ in range(times):
                quiet.context.run(self._run)
        except IndexError as error:
            raise IndexError(f"compile: in a replay, {error}") from error
        finally:
            if self._alone:
                let_go()
        for i, mine in self._returned:
            np.copyto(inputs[i], mine)

    def _run(self) -> None:
        for call in self._calls:
            call()


def _restored(
    arrays: dict[Slot, Array], written: frozenset[Place]
) -> list[Callable[[], Any] | Call]:
    """Constants that the step writes over, or gives away, begin as what they were."""
    return [
        partial(np.copyto, array, array.copy())
        for slot, array in arrays.items()
        if slot.origin == "constant" and slot.place in written
    ]


def _batched(calls: Sequence[Callable[[], Any] | Call]) -> list[Callable[[], Any]]:
    """Kernels that follow each other are run without coming back to Python."""
    found: list[Callable[[], Any]] = []
    waiting: list[Call] = []
    for call in calls:
        if isinstance(call, Call):
            waiting.append(call)
            continue
        if waiting:
            found.append(Batch(waiting).run)
            waiting = []
        found.append(call)
    if waiting:
        found.append(Batch(waiting).run)
    return found


def _calls(
    each: Unit, arrays: dict[Slot, Array], kernels: Kernels | None, spare: Spare
) -> list[Callable[[], Any] | Call]:
    """A step of the program as calls: none for a view."""
    if each.is_view:
        return []
    if each.kind == "chain":
        assert kernels is not None
        return [kernels.add(each, arrays)]
    if each.kind != "op":
        return [call for part in each.members for call in _calls(part, arrays, kernels, spare)]
    given = [arrays[x] if isinstance(x, Slot) else x for x in each.operands]
    out = arrays[each.result]
    forward = each.op.plain
    if kernels is not None:
        found = lowered(each, given, out, spare)
        if found is not None:
            return [*found]
        forward = each.op.forward
    if not each.into and each.op.ufunc is not None and not each.params:
        return [partial(each.op.ufunc, *given, out=out)]
    return [called(each, forward, np, given, out)]
