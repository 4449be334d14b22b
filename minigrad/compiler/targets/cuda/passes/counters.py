"""The pass that moves the counts of masks on beside other kernels."""

from __future__ import annotations

from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Instruction, Program, Slot
from minigrad.ops.arithmetic import add
from minigrad.ops.indexing import slice as part
from minigrad.ops.random import advance


@says("move the counts of masks on beside other kernels", needs="kernels")
def counters(program: Program) -> Program:
    """Move the count of drawn masks on by an addition, which can be done beside others."""
    left: list[Instruction] = []
    for each in program.ops:
        if each.op is not advance or not each.into:
            left.append(each)
            continue
        count = Slot.like(each.result).in_place(each.result.place)
        count.origin, count.shape, count.order = "view", (1,), (0,)
        key = {"key": (slice(1, 2),)}
        left.append(
            replace(each, op=part, operands=each.operands, params=key, result=count, into=False)
        )
        left.append(replace(each, op=add, operands=(count, 1), params={}, result=count))
    return replace(program, instructions=tuple(left))
