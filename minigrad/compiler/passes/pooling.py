"""The pass that takes the largest number of a window first and the ReLU of it then: max(relu(x)) is
relu(max(x)), and there are fewer numbers left."""

from __future__ import annotations

from dataclasses import dataclass, replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Instruction, Program, Slot
from minigrad.ops.activation import gate, relu
from minigrad.ops.pooling import window_argmax, window_drop, window_max


@dataclass(frozen=True)
class _Match:
    """A ReLU that is pooled, and the way back through both; None where nothing flows back."""

    relu: Instruction
    largest: Instruction
    place: Instruction | None = None
    drop: Instruction | None = None
    gate: Instruction | None = None


@says("pool before a ReLU, which then has less to do")
def pooling(program: Program) -> Program:
    """Let each ReLU that is only pooled, forward and backward, come after its pooling.

    The numbers are the same to the bit: where no number of a window is above 0, relu stops the
    gradient, wherever it would have gone.
    """
    found = _matches(program)
    by: dict[Instruction, _Match] = {}
    for match in found:
        for each in (match.relu, match.largest, match.place, match.drop, match.gate):
            if each is not None:
                by[each] = match
    left: list[Instruction] = []
    between: dict[_Match, Slot] = {}
    for each in program.ops:
        here = by.get(each)
        if here is None:
            left.append(each)
            continue
        x = here.relu.operands[0]
        if each is here.largest:
            largest = Slot.like(each.result)
            left.append(replace(each, operands=(x,), result=largest))
            left.append(replace(here.relu, operands=(largest,), result=each.result))
        elif each is here.place:
            left.append(replace(each, operands=(x,)))
        elif each is here.drop and here.gate is not None:
            g = each.operands[0]
            between[here] = Slot.like(here.largest.result)
            back = replace(here.gate, operands=(g, here.largest.result), result=between[here])
            left.append(back)
        elif each is here.gate and here.drop is not None:
            spots = here.drop.operands[1]
            left.append(replace(here.drop, operands=(between[here], spots), result=each.result))
    return replace(program, instructions=tuple(left))


def _matches(program: Program) -> list[_Match]:
    readers: dict[Slot, list[Instruction]] = {}
    seen_through: dict[object, set[Slot]] = {}
    for each in program.ops:
        for slot in each.reads:
            readers.setdefault(slot, []).append(each)
        for slot in (*each.reads, each.result):
            seen_through.setdefault(slot.place, set()).add(slot)
    settled = program.written | program.kept
    found: list[_Match] = []
    for each in program.ops:
        y = each.result
        if each.op is not relu or each.into or {y.place, each.reads[0].place} & settled:
            continue
        if len(seen_through[y.place]) > 1:
            continue
        match = _match(each, readers)
        if match is not None:
            found.append(match)
    return found


def _match(start: Instruction, readers: dict[Slot, list[Instruction]]) -> _Match | None:
    users = {each.op: each for each in readers.get(start.result, [])}
    largest, place = users.get(window_max), users.get(window_argmax)
    if largest is None or len(users) != len(readers[start.result]):
        return None
    if len(users) == 1:
        return _Match(start, largest)
    back = users.get(gate)
    if place is None or back is None or len(users) != 3 or back.params["slope"] != 0:
        return None
    drops = readers.get(place.result, [])
    g = back.operands[0]
    if len(drops) != 1 or drops[0].op is not window_drop or drops[0].result is not g:
        return None
    if place.params != largest.params or len(readers[drops[0].result]) != 1:
        return None
    return _Match(start, largest, place, drops[0], back)
