"""The pass that joins elementwise ops of one shape: what they compute between them stays in
registers, and each array is read once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Group, Instruction, Place, Program, Slot, Unit
from minigrad.notation.c import TYPES

LONGEST = 32
"""Ops in a chain, so that the compiler finds a register for most values."""
ARRAYS = 24
"""Arrays that a chain reads and writes."""


def joinable(each: Instruction) -> bool:
    """Whether an op can be part of a chain: it has an expression for these types, and where it
    writes in place, it does so number by number."""
    slots = [*each.reads, each.result]
    if each.is_view or not each.op.scalar:
        return False
    if any(slot.dtype.char not in TYPES or not slot.even for slot in slots):
        return False
    if any(slot.dtype.kind not in each.op.kinds for slot in each.reads):
        return False
    y = each.result
    if any(x is not y and x.place is y.place for x in each.reads):
        return False  # it reads what it writes through another view
    return not each.into or each.op.name == "copy" or all(x.dtype == y.dtype for x in each.reads)


@dataclass
class _Growing:
    """A step in the making."""

    parts: list[Instruction]
    open: bool
    slots: dict[Place, set[Slot]] = field(default_factory=lambda: defaultdict(set))
    written: set[Place] = field(default_factory=set)

    def add(self, each: Instruction) -> None:
        for slot in (*each.reads, each.result):
            self.slots[slot.place].add(slot)
        self.written.add(each.result.place)

    def takes(self, each: Instruction) -> bool:
        """Whether the op may join: the same shape, something in common, and no memory that one
        writes and the other sees through another slot."""
        if not self.open or self.parts[0].result.shape != each.result.shape:
            return False
        mine = (*each.reads, each.result)
        if len(self.parts) >= LONGEST or not any(x in self.slots[x.place] for x in mine):
            return False
        if len(set().union(*self.slots.values(), mine)) > ARRAYS:
            return False
        return all(
            self.slots[x.place] <= {x}
            for x in mine
            if x.place in self.written or x.place == each.result.place
        )


@says("join elementwise ops, which then go through memory once", needs="kernels")
def chains(program: Program) -> Program:
    """Join elementwise ops. An op joins the latest chain that it has something in common with and
    that comes after everything it depends on. Views compute nothing: they part no chain."""
    units: list[_Growing] = []
    views: dict[int, list[Instruction]] = defaultdict(list)  # by the unit that they come after
    filled: dict[Place, int] = {}
    read: dict[Place, int] = {}
    for each in program.ops:
        if each.is_view:
            views[filled.get(each.result.place, -1)].append(each)
            continue
        after = max((filled.get(x.place, 0) for x in each.reads), default=0)
        after = max(after, filled.get(each.result.place, 0), read.get(each.result.place, 0))
        target = None
        if joinable(each):
            for i in range(len(units) - 1, after - 1, -1):
                if units[i].takes(each):
                    target = i
                    break
                if len(units) - i > 64:  # far away, it is in no cache any more
                    break
        if target is None:
            units.append(_Growing([], joinable(each)))
            target = len(units) - 1
        units[target].parts.append(each)
        units[target].add(each)
        for x in each.reads:
            read[x.place] = max(read.get(x.place, 0), target)
        filled[each.result.place] = max(filled.get(each.result.place, 0), target)
    return replace(program, instructions=_steps(program, units, views))


def _steps(
    program: Program, units: list[_Growing], views: dict[int, list[Instruction]]
) -> tuple[Unit, ...]:
    """The units as steps. What is read in one chain alone need not be in memory."""
    users: dict[Place, set[int]] = defaultdict(set)
    for i, unit in enumerate(units):
        for each in unit.parts:
            for slot in (*each.reads, each.result):
                users[slot.place].add(i)
    seen = program.kept | {each.result.place for group in views.values() for each in group}
    steps: list[Unit] = [*views[-1]]
    for i, unit in enumerate(units):
        if not unit.open:
            steps += unit.parts + views[i]
            continue
        inner = {
            each.result
            for each in unit.parts
            if each.result.origin == "value"
            and each.result.place not in seen
            and len(users[each.result.place]) == 1
        }
        steps += [Group("chain", tuple(unit.parts), frozenset(inner)), *views[i]]
    return tuple(steps)
