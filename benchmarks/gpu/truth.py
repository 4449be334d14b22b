"""What each step of a compiled program gives in float64, on the operands that it really meets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.case import Array
from minigrad.compiler.program import Instruction, Program, Slot, Unit
from minigrad.compute import quiet
from minigrad.ops.random import draw


@dataclass(frozen=True)
class Known:
    """A step with its operands, each in its slot's type, and its results in float64.

    Attributes:
        memory: what has to stand in memory for it: the operands, or what they are views of.
    """

    step: Unit
    memory: dict[Slot, Array]
    given: dict[Slot, Array]
    true: dict[Slot, Array]


def known(program: Program, fetched: Callable[[Any], Array]) -> Iterator[Known]:
    """The program from the state that it is in, step by step. What a step gives is rounded to its
    slot's type before the next one reads it, so that each is judged alone.

    ``fetched`` brings an array to the host.
    """
    values: dict[Slot, Array] = {}
    owners: dict[Slot, Slot] = {}
    for slot in dict.fromkeys(program.slots()):
        if slot.origin in ("state", "constant"):
            held = slot.holder.array if slot.origin == "state" else slot.holder
            values[slot] = fetched(held).copy()
    for step in program.instructions:
        if step.is_view:
            _seen(step.parts[0], values, owners)
            continue
        if step.parts[0].op is draw:
            part = step.parts[0]
            values[part.result] = np.asarray(part.params["make"]())
            continue
        given = {slot: values[slot].copy() for slot in step.reads}
        memory = {owner: values[owner].copy() for owner in (owners.get(x, x) for x in given)}
        found = results(step, {slot: wide(x) for slot, x in given.items()})
        true = {slot: found[slot] for slot in step.writes}
        for slot, y in true.items():
            if slot in values:  # something looks into this memory
                np.copyto(values[slot], y, casting="unsafe")
            else:
                values[slot] = y.astype(slot.dtype)
        for part in step.parts:
            if part.is_view:
                _seen(part, values, owners)
        yield Known(step, memory, given, true)


def _seen(part: Instruction, values: dict[Slot, Array], owners: dict[Slot, Slot]) -> None:
    """A view: it looks into memory that is there."""
    operands = [values[x] if isinstance(x, Slot) else x for x in part.operands]
    values[part.result] = np.asarray(part.op.plain(np, *operands, **part.params))
    owners[part.result] = owners.get(part.reads[0], part.reads[0])


def results(step: Unit, given: dict[Slot, Any], of: Callable[..., Any] | None = None) -> Any:
    """Every result of a step, by slot; ``of(part, operands)`` computes a part, by default NumPy."""
    local = dict(given)
    for part in step.parts:
        operands = [local[x] if isinstance(x, Slot) else x for x in part.operands]
        if of is not None:
            local[part.result] = of(part, operands)
            continue
        y = np.asarray(quiet.context.run(part.op.plain, np, *operands, **part.params))
        local[part.result] = np.broadcast_to(y, part.result.shape)
    return local


def wide(x: Array) -> Array:
    """Numbers with a fraction as float64."""
    return x.astype(np.float64) if x.dtype.kind == "f" else x


def relative(found: Array, true: Array) -> float:
    """max |found - true| / max |true|; nan where one is nan and the other is not."""
    if not true.size:
        return 0.0
    both = np.isnan(true) & np.isnan(wide(found))
    gap = float(np.max(np.where(both, 0.0, np.abs(wide(found) - wide(true)))))
    size = float(np.max(np.where(np.isnan(true), 0.0, np.abs(true))))
    return gap / size if size else gap
