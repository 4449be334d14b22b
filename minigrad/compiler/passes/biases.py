"""The pass that parts linear layers into product and bias."""

from __future__ import annotations

from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Instruction, Program, Slot
from minigrad.ops.arithmetic import add
from minigrad.ops.linalg import linear


@says("part linear layers into product and bias", needs="kernels")
def biases(program: Program) -> Program:
    """Part a linear layer into its product and the addition of its bias, which can then join what
    follows."""
    left: list[Instruction] = []
    for each in program.ops:
        if each.op is not linear or len(each.operands) < 3 or each.into:
            left.append(each)
            continue
        bias = each.operands[2]
        product = Slot.like(each.result)
        left.append(replace(each, operands=each.operands[:2], result=product))
        left.append(replace(each, op=add, operands=(product, bias)))
    return replace(program, instructions=tuple(left))
