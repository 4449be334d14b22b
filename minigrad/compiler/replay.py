"""Running a program: a flat list of calls on arrays that were laid out before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from minigrad.compiler.memory import arrays_of, laid_out
from minigrad.compiler.program import Instruction, Program, Slot
from minigrad.device import Array
from minigrad.tensor import fits, quiet

Call = Callable[[], Any]


class Replay:
    """A program on its arrays, ready to be run again and again.

    Attributes:
        size: bytes of the arena.
        path: what runs, in words.
    """

    def __init__(self, program: Program, *, in_place: bool = True, arena: bool = True) -> None:
        self.program = program
        layout = laid_out(program, in_place, arena)
        self.size = layout.size
        arrays = self.arrays = arrays_of(program, layout)
        self.inputs = [arrays[slot] for slot in program.arguments]
        self.calls = [*_restored(program, arrays)]
        self.calls += [call for each in program.instructions for call in _calls(each, arrays)]
        self.path = "numpy"
        places = {each.result.place for each in program.instructions if each.into}
        self.returned = [
            (i, arrays[slot]) for i, slot in enumerate(program.arguments) if slot.place in places
        ]

    def run(self, inputs: Sequence[Array]) -> None:
        """Do the step on these arguments' arrays."""
        for mine, given in zip(self.inputs, inputs, strict=True):
            np.copyto(mine, given)
        quiet.context.run(self._run)
        for i, mine in self.returned:
            np.copyto(inputs[i], mine)

    def _run(self) -> None:
        for call in self.calls:
            call()


def _restored(program: Program, arrays: dict[Slot, Array]) -> list[Call]:
    """Constants that the step writes over begin as what they were."""
    written = {each.result.place for each in program.instructions if each.into}
    found: list[Call] = []
    for slot, array in list(arrays.items()):
        if slot.origin == "constant" and slot.place in written:
            found.append(partial(np.copyto, array, array.copy()))
    return found


def _calls(each: Instruction, arrays: dict[Slot, Array]) -> list[Call]:
    """An instruction as calls: none for a view, one for most, two where a result must be copied."""
    if each.is_view:
        return []
    given = [arrays[x] if isinstance(x, Slot) else x for x in each.operands]
    out = arrays[each.result]
    if not each.into:
        return [partial(each.op.forward, np, *given, out=out, **each.params)]
    if (each.op.updates and given[0] is out) or (each.op.elementwise and fits(given, out)):
        return [partial(each.op.forward, np, *given, out=out, **each.params)]
    return [partial(_into, each, given, out)]


def _into(each: Instruction, given: list[Any], out: Array) -> None:
    result = each.op.forward(np, *given, **each.params)
    np.copyto(out, result, casting="unsafe")
