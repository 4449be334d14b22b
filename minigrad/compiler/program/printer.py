"""A program in print."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from minigrad.compiler.program import Instruction, Operand, Program, Slot
from minigrad.lines import show_line


def printed(program: Program) -> str:
    """The program as text, see `lines`."""
    return "\n".join(line.rstrip() for line in lines(program))


def lines(program: Program) -> Iterator[str]:
    """The program in print, a line an op, with the user's line behind it. Ops that are done
    together stand in a bracket; what is written in place has an arrow."""
    names: dict[Slot, str] = {}

    def name(x: Operand) -> str:
        if not isinstance(x, Slot):
            return f"{x:g}" if isinstance(x, float) else str(x)
        if x not in names:
            number = sum(not each.name for each in names)
            names[x] = x.name or f"%{number}"
        return names[x]

    def typed(x: Slot) -> str:
        return f"{name(x)}: {x.dtype}{list(x.shape)}"

    yield f"step({', '.join(map(typed, program.arguments))})"
    joined = any(unit.kind != "op" for unit in program.instructions)
    phase = None
    for unit in program.instructions:
        for each, mark in zip(unit.parts, _bracket(len(unit.parts)), strict=True):
            if not joined and each.phase != phase:
                phase = each.phase
                yield f"{phase}:"
            told = f"{each.phase:9}" if joined else ""  # what is joined may be of several phases
            yield f"{_line(each, mark, name, typed)}  # {told}{_place(each)}"
    if program.gradients:
        yield "gradients: " + ", ".join(name(slot) for _, slot in program.gradients)
    yield f"return {', '.join(map(name, program.results)) or 'nothing'}"


def _bracket(count: int) -> str:
    """What stands before the lines of a chain of so many ops."""
    return " " if count == 1 else "┌" + "│" * (count - 2) + "└"


def _line(
    each: Instruction, mark: str, name: Callable[[Operand], str], typed: Callable[[Slot], str]
) -> str:
    given = [name(x) for x in each.operands]
    given += [
        f"{key}={_short(value)}"
        for key, value in each.params.items()
        if key not in each.op.defaults or each.op.defaults[key] is not value
    ]
    call = f"{each.op.name}({', '.join(given)})"
    text = f"{name(each.result)} <- {call}" if each.into else f"{typed(each.result)} = {call}"
    return f"  {mark} {text:70}"


def _place(each: Instruction) -> str:
    return "" if each.where is None else show_line(each.where).rpartition("/")[2]


def _short(value: Any) -> str:
    if isinstance(value, Callable):  # type: ignore[arg-type]
        return getattr(value, "__name__", "...")
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."
