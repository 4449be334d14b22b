"""Whether a program is well formed, which every pass has to leave it."""

from __future__ import annotations

from minigrad.compiler.expressions import TYPES
from minigrad.compiler.program import Chain, Instruction, Place, Program, Slot, Step
from minigrad.tape import show_line


def verify(program: Program) -> None:
    """Every slot is filled before it is read, once, and in memory of its own or in that of the
    operand that it is a view of; chains are of one shape, and nothing of theirs that is not in
    memory is read elsewhere.

    Errors: AssertionError, with the number of the instruction.
    """
    filled = set(program.arguments)
    places: set[Place] = {slot.place for slot in program.arguments}
    hidden: set[Slot] = set()
    for i, step in enumerate(program.instructions):
        if isinstance(step, Chain):
            _chain(i, step)
        for each in step.parts:
            for x in each.reads:
                _ensure(_known(x, filled), i, each, f"{x} is read before it is filled")
                _ensure(x not in hidden, i, each, f"{x} was part of another chain alone")
            _result(i, each, filled, places)
            filled.add(each.result)
            places.add(each.result.place)
        if isinstance(step, Chain):
            hidden |= step.inner
    for slot in (*program.results, *(slot for _, slot in program.gradients)):
        if not _known(slot, filled) or slot in hidden:
            raise AssertionError(f"{slot} is given away, but never filled")


def _known(x: Slot, filled: set[Slot]) -> bool:
    return x in filled or x.origin in ("state", "constant")


def _result(i: int, each: Instruction, filled: set[Slot], places: set[Place]) -> None:
    y = each.result
    if each.into:
        _ensure(_known(y, filled), i, each, f"it writes into {y}, which was never filled")
        return
    _ensure(y.origin in ("value", "view"), i, each, f"it fills {y}, which was there before")
    _ensure(y not in filled, i, each, f"{y} is filled a second time")
    if y.origin == "view":
        x = each.operands[0] if each.operands else None
        mine = isinstance(x, Slot) and x.place is y.place
        _ensure(each.op.view and mine, i, each, f"{y} is in other memory than what it looks into")
    else:
        _ensure(y.place not in places, i, each, f"{y} is in memory that is taken")


def _chain(i: int, chain: Chain) -> None:
    """The ops of a chain are done number by number: what one writes, the others may only see at
    the same place."""
    shape = chain.parts[0].result.shape
    slots: dict[Place, set[Slot]] = {}
    for each in chain.parts:
        y = each.result
        _ensure(y.shape == shape, i, each, f"a chain of shape {shape} fills {y}")
        for x in (*each.reads, y):
            slots.setdefault(x.place, set()).add(x)
            pairs = zip(x.shape[::-1], shape[::-1], strict=False)
            fits = len(x.shape) <= len(shape) and all(n in (1, m) for n, m in pairs)
            _ensure(fits, i, each, f"a chain of shape {shape} reads {x}")
            _ensure(x.dtype.char in TYPES, i, each, f"a chain has no numbers of type {x.dtype}")
    for each in chain.parts:
        one = slots[each.result.place] == {each.result}
        _ensure(one, i, each, f"a chain writes into {each.result} and sees it through another slot")
    strange = chain.inner - {each.result for each in chain.parts if not each.into}
    _ensure(not strange, i, chain, f"{strange} is no result of the chain")


def _ensure(holds: bool, i: int, step: Step, what: str) -> None:
    if not holds:
        each = step.parts[-1]
        raise AssertionError(f"instruction {i}, {each.op.name} ({show_line(each.where)}): {what}")
