"""Which kernels do an op on arrays that lie in memory in any way.

What the kernels of ops need not know, a replay does: that a result lies with its dimensions in
another order, or in a part of a larger array. So this stands beside them, and is asked first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.compiler.program import Instruction
from minigrad.device import Array
from minigrad.native.library import Call
from minigrad.op import Op

Lowering = Callable[[Instruction, list[Any], Array], Sequence[Call] | None]

LOWERINGS: dict[Op, Lowering] = {}
"""For each op the calls that do it, given the instruction, its operands and where the result goes;
None where no kernel does."""


def lowers(*ops: Op) -> Callable[[Lowering], Lowering]:
    """Decorate what makes calls of these ops."""

    def hang(lowering: Lowering) -> Lowering:
        LOWERINGS.update(dict.fromkeys(ops, lowering))
        return lowering

    return hang


def steps_of(x: Array) -> list[int]:
    """How many numbers further the next one lies in each dimension."""
    return [step // x.itemsize for step in x.strides]


def whole(x: Array) -> bool:
    """Whether numbers lie at whole steps, at multiples of their size."""
    return bool(x.flags.aligned) and not any(step % x.itemsize for step in x.strides)


def as_floats(x: Array) -> Array | None:
    """An array of any type of four or eight bytes as floats: to be moved, not to be computed with.
    None for other types."""
    if x.dtype.char in "fd":
        return x
    kind = {4: np.float32, 8: np.float64}.get(x.itemsize)
    return None if kind is None or x.dtype.kind not in "iu" else x.view(kind)


def merged(
    shape: Sequence[int], steps: Sequence[Sequence[int]]
) -> tuple[list[int], list[list[int]]]:
    """Fewer loops, where all arrays run on from one into the next; none of one round."""
    lengths: list[int] = []
    found: list[list[int]] = [[] for _ in steps]
    for i, n in enumerate(shape):
        if n == 1:
            continue
        if lengths and all(own[-1] == each[i] * n for own, each in zip(found, steps, strict=True)):
            lengths[-1] *= n
            for own, each in zip(found, steps, strict=True):
                own[-1] = each[i]
            continue
        lengths.append(n)
        for own, each in zip(found, steps, strict=True):
            own.append(each[i])
    return lengths, found


def padded(numbers: Sequence[int], count: int, filling: int) -> list[int]:
    """So many numbers, with the filling in front."""
    return [filling] * (count - len(numbers)) + list(numbers)
