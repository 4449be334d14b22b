"""The pass that leaves out what changes no number."""

from __future__ import annotations

from dataclasses import replace

from minigrad.compiler.passes.renamed import alike, latest, replaced
from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Instruction, Operand, Program, Slot
from minigrad.device import CPU, place
from minigrad.ops.arithmetic import mul
from minigrad.ops.shape import clone, reshape


@says("leave out copies, views and products that change nothing")
def copies(program: Program) -> Program:
    """Leave out copies of what nobody changes or needs any more, views that change nothing, and
    products with 1."""
    written = program.written
    outside = program.outside
    kept = program.kept
    instead: dict[Slot, Slot] = {}
    left: list[Instruction] = []
    for each in replaced(program.ops, instead):
        x, y = _same_numbers(each), each.result
        if x is not None and alike(x, y) and not {x.place, y.place} & (written | outside):
            # What is given away is nobody else's: two gradients never share memory.
            if y.place not in kept or (x.origin == "value" and x.place not in kept):
                instead[y] = x
                kept |= {x.place} if y.place in kept else set()
                continue
        left.append(each)
    return _renamed(replace(program, instructions=tuple(left)), instead)


def _same_numbers(each: Instruction) -> Slot | None:
    """The operand that the result equals number by number, if there is one."""
    if each.into:
        return None
    slots = each.reads
    if each.op is reshape:
        return slots[0]
    # Not what is a view: it may repeat its numbers or turn them around.
    if each.op is clone and slots[0].origin == "value":
        return slots[0]
    if each.op is mul:
        for x, y in (each.operands, each.operands[::-1]):
            if isinstance(x, Slot) and x.origin == "value" and _is_one(y):
                return x
    return None


def _is_one(x: Operand) -> bool:
    if not isinstance(x, Slot):
        return type(x) is not bool and x == 1
    return x.origin == "constant" and bool((place(x.holder, CPU) == 1).all())


def _renamed(program: Program, instead: dict[Slot, Slot]) -> Program:
    """The program with what it gives away renamed as well."""
    return replace(
        program,
        results=tuple(latest(x, instead) for x in program.results),
        gradients=tuple((leaf, latest(x, instead)) for leaf, x in program.gradients),
    )
