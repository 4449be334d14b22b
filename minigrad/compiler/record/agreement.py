"""Whether two recordings of a step are the same program."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.compiler.program import Instruction, Program, Slot
from minigrad.device import Array, device_of
from minigrad.lines import show_line


def difference(a: Program, b: Program) -> str | None:
    """The first place where two programs part, in words; None where they agree.

    The same tensors are closed over, and constants hold the same numbers: what is different at
    another call would be stale in a replay.
    """
    twins: dict[Slot, Slot] = dict(zip(a.arguments, b.arguments, strict=True))
    for x, y in zip(a.ops, b.ops, strict=False):
        if x.op is not y.op or x.into != y.into or len(x.operands) != len(y.operands):
            return f"{_at(y)}: {x.op.name} at one call, {y.op.name} at the next"
        if x.params.keys() != y.params.keys():
            return f"{_at(y)}: {x.op.name} with other parameters"
        for name, value in x.params.items():
            if not callable(value) and not _same(value, y.params[name]):
                return (
                    f"{_at(y)}: {x.op.name} with {name}={value} at one call and "
                    f"{y.params[name]} at the next"
                )
        for p, q in zip((*x.operands, x.result), (*y.operands, y.result), strict=True):
            told = _operands(p, q, twins)
            if told is not None:
                return f"{_at(y)}: {x.op.name} {told}"
    if len(a.ops) != len(b.ops):
        longer, shorter = sorted((a.ops, b.ops), key=len, reverse=True)
        return f"{_at(longer[len(shorter)])}: one call did more than the other"
    for p, q in zip(a.results, b.results, strict=True):
        told = _operands(p, q, twins)
        if told is not None:
            return f"what it returns {told}"
    if [id(leaf) for leaf, _ in a.gradients] != [id(leaf) for leaf, _ in b.gradients]:
        return "other gradients are there after the step"
    for (_, p), (_, q) in zip(a.gradients, b.gradients, strict=True):
        told = _operands(p, q, twins)
        if told is not None:
            return f"a gradient that it leaves {told}"
    return None


def _at(each: Instruction) -> str:
    return "an unknown line" if each.where is None else show_line(each.where)


def _operands(p: Any, q: Any, twins: dict[Slot, Slot]) -> str | None:
    if not isinstance(p, Slot) or not isinstance(q, Slot):
        if type(p) is type(q) and _same(p, q):
            return None
        return f"takes the number {p} at one call and {q} at the next; make it a tensor"
    if p in twins:
        return None if twins[p] is q else "takes another tensor"
    if (p.origin, p.shape, p.dtype) != (q.origin, q.shape, q.dtype):
        return f"takes {p} at one call and {q} at the next"
    # Also where their numbers are equal: zeros of a gradient or of a state do not stay it.
    if p.origin == "state" and p.holder.array is not q.holder.array:
        return (
            f"takes another tensor {list(p.shape)} at each call; pass what changes as an "
            "argument of the step"
        )
    if p.origin == "constant" and not _equal(p.holder, q.holder):
        return (
            f"takes numbers {list(p.shape)} that the step makes anew at each call; pass what "
            "changes as an argument of the step"
        )
    twins[p] = q
    return None


def _equal(a: Array, b: Array) -> bool:
    """Whether the arrays are on one device and hold the same numbers, nan where the other has."""
    where = device_of(a)
    if where != device_of(b):
        return False
    equal = where.call("array_equal", a, b, equal_nan=True)  # of CuPy an array, of NumPy a bool
    return bool(where.call("asarray", equal).item())


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, (np.ndarray, Slot)) or isinstance(b, (np.ndarray, Slot)):
        return a is b or (isinstance(a, np.ndarray) and np.array_equal(a, b))
    return bool(a == b) or (a != a and b != b)
