"""A program done op by op, each value in an array of its own: what a program means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds

from minigrad.compiler.plan.memory import empty, shaped
from minigrad.compiler.program import Instruction, Program, Slot
from minigrad.compute import quiet
from minigrad.device import Array


class Outcome(NamedTuple):
    """The arrays of what a program returns, of its gradients, and of its state afterwards, by the
    id of the state's tensor."""

    results: list[Array]
    gradients: list[Array]
    state: dict[int, Array]


def interpreted(program: Program, arguments: Sequence[Array]) -> Outcome:
    """Do a program on these arguments. They and the state stay as they are: the program works on
    copies. Random numbers come from the same streams as in a replay.

    Errors: AssertionError where an op gives another shape or type than its slot says.
    """
    arrays = _outside(program)
    for slot, given in zip(program.arguments, arguments, strict=True):
        arrays[slot] = _stored(slot, given)
    for each in program.ops:
        given = [arrays[x] if isinstance(x, Slot) else x for x in each.operands]
        y = np.asarray(quiet.context.run(each.op.forward, np, *given, **each.params))
        if each.into:
            np.copyto(arrays[each.result], y, casting="unsafe")
        else:
            arrays[each.result] = y if _looks(each, y, given) else _stored(each.result, y)
    return Outcome(
        [arrays[slot].copy() for slot in program.results],
        [arrays[slot].copy() for _, slot in program.gradients],
        {id(slot.holder): x for slot, x in arrays.items() if slot.origin == "state"},
    )


def _outside(program: Program) -> dict[Slot, Array]:
    """Copies of constants and state. State that shares memory shares it here too."""
    arrays: dict[Slot, Array] = {}
    states: dict[Any, list[Slot]] = defaultdict(list)
    for slot in dict.fromkeys(program.slots()):
        if slot.origin == "constant":
            arrays[slot] = slot.holder.copy()
        elif slot.origin == "state":
            states[slot.place].append(slot)
    for slots in states.values():
        bounds = [byte_bounds(slot.holder.array) for slot in slots]
        start = min(low for low, _ in bounds)
        memory = empty(max(high for _, high in bounds) - start)
        for slot in slots:
            x = slot.holder.array
            at = x.__array_interface__["data"][0] - start
            arrays[slot] = np.ndarray(x.shape, x.dtype, memory, at, x.strides)
            arrays[slot][...] = x
    return arrays


def _looks(each: Instruction, y: Array, given: list[Any]) -> bool:
    """Whether the result is a view, and stays one."""
    if not each.is_view:
        return False
    if y.size and not np.may_share_memory(y, given[0]):
        raise AssertionError(f"{each.op.name}: a view became a copy")
    return True


def _stored(slot: Slot, numbers: Array) -> Array:
    """The numbers in new memory, in the order of dimensions that the slot asks for."""
    if (numbers.shape, numbers.dtype) != (slot.shape, slot.dtype):
        raise AssertionError(f"{slot} is given {numbers.dtype}{list(numbers.shape)}")
    array = shaped(empty(numbers.nbytes), slot)
    np.copyto(array, numbers)
    return array
