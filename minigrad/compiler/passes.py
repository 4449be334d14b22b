"""Passes: a program goes in, a shorter one that gives the same numbers comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigrad.compiler.program import Instruction, Operand, Place, Program, Slot


@dataclass(frozen=True)
class Report:
    """What a pass did."""

    name: str
    before: int
    after: int

    def __str__(self) -> str:
        gained = self.before - self.after
        return f"{self.name:8} {self.after} instructions" + (f" ({gained} fewer)" if gained else "")


def dead(program: Program) -> Program:
    """Drop what nobody reads: instructions whose numbers reach neither what is returned, nor a
    gradient, nor memory that was there before the step."""
    wanted = set(program.kept())
    left: list[Instruction] = []
    for each in reversed(program.instructions):
        if each.operands and each.result.place not in wanted:
            continue
        left.append(each)
        wanted.update(slot.place for slot in each.reads)
    return replace(program, instructions=tuple(reversed(left)))


def merge(program: Program) -> Program:
    """Do once what is done twice: equal ops on equal operands, nothing written in between."""
    written = {each.result.place for each in program.instructions if each.into}
    kept = program.kept()
    times: dict[Place, int] = {}
    seen: dict[Any, Slot] = {}
    instead: dict[Slot, Slot] = {}
    left: list[Instruction] = []
    for each in program.instructions:
        operands = tuple(instead.get(x, x) if isinstance(x, Slot) else x for x in each.operands)
        each = replace(each, operands=operands)
        key = _key(each, times)
        if each.into:
            times[each.result.place] = times.get(each.result.place, 0) + 1
        elif key is not None and each.result.place not in written:
            twin = seen.setdefault(key, each.result)
            fits = (twin.shape, twin.dtype, twin.order) == (
                each.result.shape, each.result.dtype, each.result.order
            )  # fmt: skip
            if twin is not each.result and fits and each.result.place not in kept:
                instead[each.result] = twin
                continue
        left.append(each)
    return replace(program, instructions=tuple(left))


def _key(each: Instruction, times: dict[Place, int]) -> Any:
    """What makes two instructions equal; None where that cannot be told."""
    if not each.operands:  # it draws, or reads the outside in another way
        return None
    operands = tuple(
        (x, times.get(x.place, 0)) if isinstance(x, Slot) else (type(x), x) for x in each.operands
    )
    params = tuple(sorted((name, _frozen(value)) for name, value in each.params.items()))
    key = (each.op, operands, params)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _frozen(value: Any) -> Any:
    if isinstance(value, np.dtype):
        return ("dtype", str(value))
    return (type(value).__name__, repr(value)) if isinstance(value, (list, slice)) else value


PASSES: dict[str, str] = {
    "dead": "drop what nobody reads",
    "merge": "do equal things once",
    "in_place": "write a result over an operand that nobody needs any more",
    "arena": "let values that are not needed at the same time share memory",
}
"""Every pass by name, as ``disable=`` knows it."""

REWRITES: dict[str, Callable[[Program], Program]] = {"merge": merge, "dead": dead}


def improved(program: Program, disable: frozenset[str]) -> tuple[Program, list[Report]]:
    """The program after all passes that are not disabled, and what each did."""
    reports = []
    for name, rewrite in REWRITES.items():
        if name in disable:
            continue
        before = len(program.instructions)
        program = rewrite(program)
        reports.append(Report(name, before, len(program.instructions)))
    return program, reports
