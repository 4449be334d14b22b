"""Where in memory a program's values lie: lifetimes, and one arena for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.compiler.passes.row import Pass
from minigrad.compiler.program import Place, Program, Slot, Unit
from minigrad.device import Array
from minigrad.errors import CompileError
from minigrad.writing import writeable

ALIGNMENT = 64
"""Bytes: a cache line of a CPU, and the widest vector register."""


IN_PLACE = Pass("in_place", "write a result over an operand that nobody needs any more")
ARENA = Pass("arena", "let values that are not needed at the same time share memory")


@dataclass(frozen=True)
class Plan:
    """For each place of values where in the arena it begins, how long the arena is, and how long
    it would be if nothing was shared."""

    offsets: dict[Place, int]
    size: int
    asked: int


def last_uses(program: Program) -> dict[Place, int]:
    """For each place the number of the last instruction that reads or writes it."""
    found: dict[Place, int] = {}
    for i, each in enumerate(program.instructions):
        for slot in (*each.reads, *each.writes):
            found[slot.place] = i
    return found


def over(each: Unit, y: Slot, over_there: set[Place]) -> Slot | None:
    """The operand in whose memory a result may be computed: an elementwise op's, of the same shape
    and type, whose memory (``over_there``) nobody needs any more, and which a chain does not write
    as well. None where there is none."""
    if each.kind != "chain" and not (each.kind == "op" and each.op.elementwise):
        return None  # others of a group still read what one has written over
    reads, writes = each.reads, each.writes
    for x in reads:
        if (
            x.origin == "value"
            and x.place in over_there
            and x not in writes
            and (x.shape, x.dtype, x.order) == (y.shape, y.dtype, y.order)
            and all(other is x or other.place is not x.place for other in reads)
        ):
            return x
    return None


def laid_out(
    program: Program, in_place: bool = True, reuse: bool = True, alignment: int = ALIGNMENT
) -> Plan:
    """Give every value that is not kept a piece of the arena.

    Freed pieces are taken again: the smallest that fits. ``in_place``: an elementwise op may write
    over an operand; ``reuse``: pieces are taken again at all; ``alignment``: a piece begins at
    a multiple of so many bytes.
    """
    kept, last = program.kept, last_uses(program)
    arena = _Arena()
    offsets: dict[Place, int] = {}
    sizes: dict[Place, int] = {}
    for i, each in enumerate(program.instructions):
        places = dict.fromkeys(slot.place for slot in (*each.reads, *each.writes))
        over_now = {place for place in places if place in offsets and last[place] == i}
        for y in each.writes:
            if y.origin != "value" or y.place in kept or y.place in offsets:
                continue
            moved = over(each, y, over_now) if in_place and reuse else None
            if moved is not None:
                over_now.remove(moved.place)
                offsets[y.place], sizes[y.place] = offsets[moved.place], sizes[moved.place]
            else:
                sizes[y.place] = _bytes(y, alignment)
                offsets[y.place] = arena.take(sizes[y.place])
            if last[y.place] == i:
                over_now.add(y.place)
        if reuse:
            for place in over_now:
                arena.give(offsets[place], sizes[place])
    return Plan(offsets, arena.size, sum(sizes.values()))


def _bytes(slot: Slot, alignment: int = ALIGNMENT) -> int:
    return max(alignment, -(-slot.bytes // alignment) * alignment)


class _Arena:
    """A line of bytes, of which pieces are taken and given back."""

    def __init__(self) -> None:
        self.size = 0
        self.free: dict[int, int] = {}  # where a free piece begins: how long it is

    def take(self, size: int) -> int:
        fitting = [(n, at) for at, n in self.free.items() if n >= size]
        if fitting:
            length, start = min(fitting)
            del self.free[start]
            if length > size:
                self.free[start + size] = length - size
            return start
        tail = next((s for s, length in self.free.items() if s + length == self.size), self.size)
        self.free.pop(tail, None)
        self.size = tail + size
        return tail

    def give(self, start: int, size: int) -> None:
        for other, length in list(self.free.items()):
            if other + length == start or start + size == other:
                del self.free[other]
                start, size = min(start, other), size + length
        self.free[start] = size


def shaped(memory: Array, slot: Slot) -> Array:
    """The slot's array in these bytes, its dimensions in the order that the slot asks for."""
    array = memory[: slot.bytes].view(slot.dtype).reshape([slot.shape[i] for i in slot.order])
    return array.transpose([slot.order.index(i) for i in range(len(slot.order))])


def check_written(inputs: Sequence[Array], written: Iterable[int], xp: Any = np) -> None:
    """That the arguments which a program writes into take it. Errors: CompileError."""
    for i in written:
        mine = inputs[i]
        if any(xp.may_share_memory(mine, x) for j, x in enumerate(inputs) if j != i):
            raise CompileError(
                "compile: the step writes into an argument that shares memory with another one; "
                "clone() one of them"
            )
        if not writeable(mine):
            raise CompileError(
                "compile: the step writes into an argument that is read-only, or of which several "
                "numbers are one in memory; clone() it"
            )


def empty(size: int) -> Array:
    """So many bytes, beginning at the start of a cache line."""
    raw = np.empty(size + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size]


def arrays_of(
    program: Program,
    plan: Plan,
    given: Mapping[Slot, Array] | None = None,
    arena: Array | None = None,
    empty: Callable[[int], Array] = empty,
    xp: Any = np,
) -> dict[Slot, Array]:
    """The array of every slot; some may be ``given``. Views are made here, once. ``empty`` gives
    so many bytes of memory, which are arrays of the library ``xp``; ``arena`` is what it gave for
    the plan."""
    given = given or {}
    arena = empty(plan.size) if arena is None else arena
    found: dict[Slot, Array] = {}
    for slot in _once(program.slots()):
        if slot in given:
            found[slot] = given[slot]
        elif slot.origin == "state":
            found[slot] = slot.holder.array
        elif slot.origin == "constant":
            found[slot] = slot.holder
        elif slot.origin == "argument" or slot.place not in plan.offsets:
            if slot.origin != "view":
                found[slot] = shaped(empty(_bytes(slot)), slot)
        elif slot.origin == "value":
            found[slot] = shaped(arena[plan.offsets[slot.place] :], slot)
    for each in program.ops:
        if each.is_view:
            operands = [found[x] if isinstance(x, Slot) else x for x in each.operands]
            y = each.op.forward(xp, *operands, **each.params)
            if y.shape != each.result.shape or not xp.may_share_memory(y, operands[0]):
                if y.size:
                    raise AssertionError(f"{each.op.name}: a view became a copy in the arena")
            found[each.result] = y
    return found


def _once(slots: Iterable[Slot]) -> list[Slot]:
    return list(dict.fromkeys(slots))
