"""The pass that turns matrices around: memory runs along the samples, not along the features, so
that for few features sums, biases and products go through long rows, and for few samples products
are faster."""

from __future__ import annotations

from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Instruction, Operand, Place, Program, Slot
from minigrad.ops.linalg import linear, matmul
from minigrad.ops.reduction import sum as sum_op
from minigrad.ops.shape import clone, permute, sum_to

NARROW = 32
"""Features of a matrix up to which it is turned around."""
LONG = 16
"""So many times more samples than features it has to have."""
FEW = 64
"""Samples up to which a matrix of more features is turned around as well: OpenBLAS computes W xᵀ up
to three times faster than x Wᵀ then."""

EITHER = {linear, matmul, permute, sum_op, sum_to}
"""Beside elementwise ops: those that take their operands and results in any order."""


@says("turn matrices of few features or samples around")
def layout(program: Program) -> Program:
    """Lay matrices of few features or few samples out with their columns together, where all ops
    that meet them take that. Of few features, those that come from outside are copied for it: NumPy
    takes four times as long for operands that lie differently.

    The order in which numbers are summed changes, and with it their rounding.
    """
    found = {
        slot.place
        for slot in program.slots()
        if slot.origin == "value" and slot.dtype.kind == "f" and slot.dense and _is_turned(slot)
    } - program.kept
    for each in program.ops:
        if not each.op.elementwise and each.op not in EITHER:
            found -= {slot.place for slot in (*each.reads, each.result)}
    given = program.outside - program.written
    turned = _with_all_they_meet(program, frozenset(found), given)
    slots: dict[Slot, Slot] = {}
    copies: dict[Slot, Slot] = {}

    def other(x: Operand) -> Operand:
        if not isinstance(x, Slot) or x.place not in turned or len(x.shape) != 2:
            return x
        return slots.setdefault(x, x.in_order(x.order[::-1]))

    def rewritten(each: Instruction) -> list[Instruction]:
        result = other(each.result)
        assert isinstance(result, Slot)
        operands = list(map(other, each.operands))
        made = []
        for i, x in enumerate(operands):
            if not isinstance(x, Slot) or x.place not in given or not each.reads:
                continue
            if each.result.place in turned and x.dtype.kind == "f" and x.dense and _is_narrow(x):
                if x not in copies:
                    copies[x] = Slot.like(x).in_order(x.order[::-1])
                    made.append(replace(each, op=clone, operands=(x,), params={}, result=copies[x]))
                operands[i] = copies[x]
        return [*made, replace(each, operands=tuple(operands), result=result)]

    left = [new for each in program.ops for new in rewritten(each)]
    return replace(program, instructions=tuple(left))


def _with_all_they_meet(
    program: Program, turned: frozenset[Place], given: frozenset[Place]
) -> frozenset[Place]:
    """Those of the places that meet no other matrix number by number: beside one that lies
    otherwise, a loop would go through memory in long steps, which costs more than a product gains.
    Narrow matrices from outside are copied, and lie as they should."""
    meetings = []
    for each in program.ops:
        if each.op.elementwise or each.op is clone:
            shape = each.result.shape
            together = {
                slot.place
                for slot in (*each.reads, each.result)
                if slot.shape == shape and not (slot.place in given and _is_narrow(slot))
            }
            if len(shape) == 2 and min(shape) > 1 and together & turned:
                meetings.append(together)
    while True:
        left = turned.difference(*(each for each in meetings if not each <= turned))
        if left == turned:
            return turned
        turned = left


def _is_turned(slot: Slot) -> bool:
    return _is_narrow(slot) or (
        len(slot.shape) == 2 and 1 < slot.shape[0] <= min(FEW, slot.shape[1])
    )


def _is_narrow(slot: Slot) -> bool:
    if len(slot.shape) != 2:
        return False
    samples: int
    features: int
    samples, features = slot.shape
    return 1 < features <= NARROW and samples >= LONG * features
