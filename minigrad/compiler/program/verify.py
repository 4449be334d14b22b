"""Whether a program is well formed, which every pass has to leave it."""

from __future__ import annotations

from minigrad.compiler.program import Group, Instruction, Place, Program, Slot
from minigrad.lines import show_line
from minigrad.notation.c import TYPES


def verify(program: Program) -> None:
    """Every slot is filled before it is read, once, and in memory of its own or in that of the
    operand that it is a view of; chains are of one shape, and nothing of theirs that is not in
    memory is read elsewhere; what the members of a bundle write, no other member sees.

    Errors: AssertionError, with the number of the instruction.
    """
    filled = {slot for slot in program.slots() if slot.origin in ("state", "constant")}
    filled.update(program.arguments)
    taken = {slot.place for slot in filled}
    hidden: set[Slot] = set()
    for i, whole in enumerate(program.instructions):
        each, wrong = whole.parts[0], ""
        for unit in whole.inside:
            if unit.kind == "chain" and not wrong:
                each, wrong = _chain(unit)
            if unit.kind == "bundle" and not wrong:
                each, wrong = _bundle(unit)
            if unit.hidden - {part.result for part in unit.parts if not part.into} and not wrong:
                wrong = f"a {unit.kind} hides what it does not fill"
        for part in whole.parts:
            if not wrong:
                each, wrong = part, _reads(part, filled, hidden) or _result(part, filled, taken)
            filled.add(part.result)
            taken.add(part.result.place)
        if wrong:
            raise AssertionError(
                f"instruction {i}, {each.op.name} ({show_line(each.where)}): {wrong}"
            )
        for unit in whole.inside:
            hidden |= unit.hidden
    for slot in (*program.results, *(slot for _, slot in program.gradients)):
        if slot not in filled or slot in hidden:
            raise AssertionError(f"{slot} is given away, but never filled")


def _reads(each: Instruction, filled: set[Slot], hidden: set[Slot]) -> str:
    for x in each.reads:
        if x not in filled:
            return f"{x} is read before it is filled"
        if x in hidden:
            return f"{x} is read, which stays within another chain"
    return ""


def _result(each: Instruction, filled: set[Slot], taken: set[Place]) -> str:
    y = each.result
    if each.into:
        return "" if y in filled else f"it writes into {y}, which was never filled"
    if y in filled:
        return f"{y} is filled a second time"
    if y.origin == "view":
        x = each.operands[0] if each.operands else None
        mine = each.op.view and isinstance(x, Slot) and x.place is y.place
        return "" if mine else f"{y} is in other memory than what it looks into"
    return f"{y} is in memory that is taken" if y.place in taken else ""


def _bundle(bundle: Group) -> tuple[Instruction, str]:
    """What is wrong with a bundle, and where."""
    for one in bundle.members:
        written = {x.place for x in one.writes}
        for other in bundle.members:
            if other is not one and written & {x.place for x in (*other.reads, *other.writes)}:
                return other.parts[0], "a member of a bundle sees what another one writes"
    return bundle.parts[0], ""


def _chain(chain: Group) -> tuple[Instruction, str]:
    """What is wrong with a chain, and where. Its ops are done number by number: what one writes,
    the others may only see at the same place."""
    shape = chain.parts[0].result.shape
    slots: dict[Place, set[Slot]] = {}
    for each in chain.parts:
        for x in (*each.reads, each.result):
            slots.setdefault(x.place, set()).add(x)
    for each in chain.parts:
        y = each.result
        if y.shape != shape:
            return each, f"a chain of shape {shape} fills {y}"
        for x in (*each.reads, y):
            dims = zip(x.shape[::-1], shape[::-1], strict=False)
            if len(x.shape) > len(shape) or any(n not in (1, m) for n, m in dims):
                return each, f"a chain of shape {shape} reads {x}"
            if x.dtype.char not in TYPES:
                return each, f"a chain has no numbers of the type of {x}"
        if slots[y.place] != {y}:
            return each, f"a chain writes into {y} and sees it through another slot"
    return chain.parts[0], ""
