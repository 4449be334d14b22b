"""The pass that does once what is done twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from minigrad.compiler.passes.renamed import alike, replaced
from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Instruction, Place, Program, Slot


@says("do equal things once")
def merge(program: Program) -> Program:
    """Do once what is done twice: equal ops on equal operands, nothing written in between."""
    written, kept = program.written, program.kept
    times: dict[Place, int] = {}
    seen: dict[Any, Slot] = {}
    instead: dict[Slot, Slot] = {}
    left: list[Instruction] = []
    for each in replaced(program.ops, instead):
        y = each.result
        key = _key(each, times)
        if each.into:
            times[y.place] = times.get(y.place, 0) + 1
        elif key is not None and not {y.place} & (written | kept):
            twin = seen.setdefault(key, y)
            if twin is not y and alike(twin, y):
                instead[y] = twin
                continue
        left.append(each)
    return replace(program, instructions=tuple(left))


def _key(each: Instruction, times: dict[Place, int]) -> Any:
    """What makes two instructions equal; None where that cannot be told."""
    if not each.operands:  # it draws, or reads the outside in another way
        return None
    operands = tuple(
        (x, times.get(x.place, 0)) if isinstance(x, Slot) else (type(x), repr(x))
        for x in each.operands  # 0 and -0 are equal, but no equal operands
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
