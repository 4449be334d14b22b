"""The pass that drops what nobody reads."""

from __future__ import annotations

from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Instruction, Program


@says("drop what nobody reads")
def dead(program: Program) -> Program:
    """Drop what nobody reads: instructions whose numbers reach neither what is returned, nor a
    gradient, nor memory that was there before the step."""
    wanted = set(program.kept)
    left: list[Instruction] = []
    for each in reversed(program.ops):
        if each.operands and each.result.place not in wanted:  # without operands: it draws
            continue
        left.append(each)
        wanted.update(slot.place for slot in each.reads)
    return replace(program, instructions=tuple(reversed(left)))
