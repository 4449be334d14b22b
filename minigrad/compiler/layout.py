"""The pass that turns narrow matrices around: memory runs along the samples, not along a few
features, so that sums, biases and products go through long rows."""

from __future__ import annotations

from dataclasses import replace

from minigrad.compiler.program import Instruction, Operand, Program, Slot
from minigrad.ops.linalg import linear, matmul
from minigrad.ops.reduction import sum as sum_op
from minigrad.ops.shape import permute, sum_to

NARROW = 32
"""Features of a matrix up to which it is turned around."""
LONG = 16
"""So many times more samples than features it has to have."""

EITHER = {linear, matmul, permute, sum_op, sum_to}
"""Beside elementwise ops: those that take their operands and results in any order."""


def layout(program: Program) -> Program:
    """Lay narrow matrices out with their columns together, where all ops that meet them take that.

    The order in which numbers are summed changes, and with it their rounding.
    """
    turned = {
        slot.place
        for slot in program.slots()
        if slot.origin == "value" and slot.dtype.kind == "f" and slot.dense and _is_narrow(slot)
    } - program.kept()
    for each in program.ops:
        if not each.op.elementwise and each.op not in EITHER:
            turned -= {slot.place for slot in (*each.reads, each.result)}
    slots: dict[Slot, Slot] = {}

    def other(x: Operand) -> Operand:
        if not isinstance(x, Slot) or x.place not in turned or len(x.shape) != 2:
            return x
        return slots.setdefault(x, x.in_order(x.order[::-1]))

    def rewritten(each: Instruction) -> Instruction:
        result = other(each.result)
        assert isinstance(result, Slot)
        return replace(each, operands=tuple(map(other, each.operands)), result=result)

    return replace(program, instructions=tuple(map(rewritten, program.ops)))


def _is_narrow(slot: Slot) -> bool:
    if len(slot.shape) != 2:
        return False
    samples: int
    features: int
    samples, features = slot.shape
    return 1 < features <= NARROW and samples >= LONG * features
