"""The pass that writes sums into slices as sums into views, which kernels and chains can do."""

from __future__ import annotations

from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.plan.memory import empty, shaped
from minigrad.compiler.program import Instruction, Program, Slot
from minigrad.ops.arithmetic import add
from minigrad.ops.indexing import filled, put, slice


@says("write sums into slices as sums into views")
def slices(program: Program) -> Program:
    """x[key] += y becomes a view of x and an addition into it, where key has no indices in tensors
    and the types agree."""
    left: list[Instruction] = []
    for each in program.ops:
        x = each.result
        if not each.into or each.op is not put or not _adds_to_slice(each):
            left.append(each)
            continue
        key = each.params["key"]
        look = Slot("view", shaped(empty(x.bytes), x)[filled(key, ())], x.place)
        left.append(Instruction(slice, (x,), {"key": key}, look, False, each.where, each.phase))
        left.append(
            replace(each, op=add, operands=(look, each.operands[1]), params={}, result=look)
        )
    return replace(program, instructions=tuple(left))


def _adds_to_slice(each: Instruction) -> bool:
    if len(each.operands) != 2 or not each.params.get("accumulate", False):
        return False
    x, y = each.operands
    return x is each.result and isinstance(y, Slot) and y.dtype == each.result.dtype
