"""The kernels in C that do an op of a program, wherever its arrays lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.compiler.program import Instruction
from minigrad.compiler.targets.cpu import folds, matrices, moves, picks  # noqa: F401  they lower
from minigrad.compiler.targets.cpu.lowered import LOWERINGS
from minigrad.compiler.targets.cpu.moves import move
from minigrad.device import Array
from minigrad.native.hook import dense
from minigrad.native.hook import described as kernels_of
from minigrad.native.library import Call
from minigrad.ops.indexing import put


class Spare:
    """Memory for copies, the same for each op: one of them is done at a time."""

    def __init__(self) -> None:
        self._memory: list[Array] = []

    def like(self, x: Array, i: int) -> Array:
        """An array of the same shape and type in one run of memory, in the i-th place."""
        while len(self._memory) <= i:
            self._memory.append(np.empty(0, np.uint8))
        if self._memory[i].size < x.nbytes:
            self._memory[i] = np.empty(x.nbytes, np.uint8)
        return self._memory[i][: x.nbytes].view(x.dtype).reshape(x.shape)


def lowered(each: Instruction, given: list[Any], out: Array, spare: Spare) -> Sequence[Call] | None:
    """The kernels that compute this; None where there are none. What a kernel does not take as it
    lies is copied to where it does."""
    if (each.into and each.op is not put) or not (each.op in LOWERINGS or each.op in kernels_of):
        return None
    calls = _asked(each, given, out)
    if calls is not None or each.into:
        return calls
    places = [x for x in (out, *given) if isinstance(x, np.ndarray)]
    if all(dense(x) for x in places):
        return None
    before: list[Call] = []
    copies: list[Any] = []
    for i, x in enumerate(given):
        copy = x
        if isinstance(x, np.ndarray) and not dense(x):
            copy = spare.like(x, i + 1)
            moved = move(copy, x)
            if moved is None:
                return None
            before += moved
        copies.append(copy)
    goal = out if dense(out) else spare.like(out, 0)
    calls = _asked(each, copies, goal)
    after = [] if goal is out else move(out, goal)
    return None if calls is None or after is None else [*before, *calls, *after]


def _asked(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    """The kernels for arrays as they lie."""
    lowering = LOWERINGS.get(each.op)
    calls = lowering(each, given, out) if lowering else None
    if calls is not None:
        return calls
    describe = kernels_of.get(each.op)
    if describe is None or not all(dense(x) for x in (out, *given) if isinstance(x, np.ndarray)):
        return None
    call = describe(*given, out=out, **each.params)
    return None if call is None else [call]
