"""Slots that stand in the place of others from some instruction on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from minigrad.compiler.program import Instruction, Slot


def replaced(ops: Sequence[Instruction], instead: dict[Slot, Slot]) -> Iterator[Instruction]:
    """The ops one by one, with operands replaced as the dictionary says by then. A view of what is
    replaced looks into other memory from then on."""
    for each in ops:
        operands = tuple(latest(x, instead) for x in each.operands)
        y, x = each.result, operands[0] if operands else None
        if each.is_view and isinstance(x, Slot) and x.place is not y.place:
            instead[y] = y = y.in_place(x.place)
        yield replace(each, operands=operands, result=y)


def latest(x: Any, instead: Mapping[Slot, Slot]) -> Any:
    """What stands in the place of an operand: a view may be moved first and then merged."""
    while isinstance(x, Slot) and x in instead:
        x = instead[x]
    return x


def alike(x: Slot, y: Slot) -> bool:
    """Whether one could stand for the other: they lie in memory in the same way."""
    return (x.shape, x.dtype, x.order) == (y.shape, y.dtype, y.order)
