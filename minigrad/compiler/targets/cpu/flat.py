"""Updates of many parameters in a few calls: what an optimizer keeps for them, and their gradients,
lie one after the other in one array.

This is for replays by NumPy, where a call on a small parameter is mostly overhead. Parameters stay
where they are; of an update p ← p - d only d is computed for all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from minigrad.compiler.passes.row import Pass
from minigrad.compiler.program import Instruction, Operand, Program, Slot
from minigrad.device import Array
from minigrad.op import Op
from minigrad.ops.arithmetic import add, div, mul, sqrt
from minigrad.ops.descent import descend, descend_scaled

FLAT = Pass("flat", "keep what an optimizer has for many small parameters in one array", "numpy")

Column = tuple[Slot, ...]
"""The slots of one kind, one for each parameter."""
FEW = 1 << 16
"""Numbers of all parameters together up to which calls cost more than numbers."""


@dataclass(frozen=True)
class Repeated:
    """The same op on each parameter.

    Attributes:
        columns: for each operand its slots, or the one operand that is the same for all.
    """

    members: tuple[Instruction, ...]
    columns: tuple[Column | Operand, ...]

    @property
    def op(self) -> Op:
        """What is done."""
        return self.members[0].op

    @property
    def results(self) -> Column:
        """The slots that are filled."""
        return tuple(each.result for each in self.members)


Block = tuple[Repeated, ...]
"""What is done one after the other."""


def blocks(program: Program) -> list[Block]:
    """The runs of updates that do the same to each of several parameters."""
    found: list[Block] = []
    steps = [each for each in program.ops if not each.is_view]
    for regular, run in groupby(steps, lambda each: each.phase == "update" and _regular(each)):
        block = _block(list(run)) if regular else None
        if block is not None:
            found.append(block)
    return found


def _regular(each: Instruction) -> bool:
    y = each.result
    return (
        each.op.elementwise
        and y.shape != ()
        and y.dense
        and y.dtype.kind == "f"
        and all(
            x.shape == () or (x.shape == y.shape and x.dtype == y.dtype and x.dense)
            for x in each.reads
        )
    )


def _block(run: list[Instruction]) -> Block | None:
    groups: dict[Any, list[Instruction]] = {}
    for each in run:
        shared = tuple("*" if _own(x) else x for x in each.operands)
        key = (each.op, shared, tuple(each.params.items()), each.into, each.result.dtype)
        groups.setdefault(key, []).append(each)
    count = len(next(iter(groups.values())))
    owners: dict[Slot, int] = {}
    for members in groups.values():
        if count < 2 or len(members) != count:
            return None
        for i, each in enumerate(members):
            mine = [x for x in (*each.operands, each.result) if isinstance(x, Slot) and _own(x)]
            if any(owners.setdefault(x, i) != i for x in mine):
                return None
    if sum(each.result.bytes for each in run) > FEW * run[0].result.dtype.itemsize * len(groups):
        return None
    places = {each: i for i, each in enumerate(run)}
    order = list(groups.values())
    for one, two in pairwise(order):
        if any(places[a] > places[b] for a, b in zip(one, two, strict=True)):
            return None
    return tuple(Repeated(tuple(members), _columns(members)) for members in order)


def _own(x: Operand) -> bool:
    return isinstance(x, Slot) and x.shape != ()


def _columns(members: Sequence[Instruction]) -> tuple[Column | Operand, ...]:
    operands = zip(*(each.operands for each in members), strict=True)
    return tuple(xs if _own(xs[0]) else xs[0] for xs in operands)


class Rows:
    """The arrays in which columns lie.

    Args:
        movable: the ids of the tensors whose numbers may be moved: an optimizer's state.

    Attributes:
        parts: for each slot of a row its part of it.
    """

    def __init__(self, found: list[Block], movable: set[int]) -> None:
        self.parts: dict[Slot, Array] = {}
        self._rows: dict[Column, Array] = {}
        self._spare: dict[Column, Array] = {}
        for block in found:
            for group in block:
                for column in (*group.columns, group.results):
                    if isinstance(column, tuple) and column not in self._rows:
                        self._lay(column, movable)

    def _lay(self, column: Column, movable: set[int]) -> None:
        states = [x for x in column if x.origin == "state"]
        if any(x.origin not in ("state", "value") or x in self.parts for x in column):
            return
        if states and not (
            len(states) == len(column) and movable >= {id(x.holder) for x in column}
        ):
            return
        row = _joined([x.holder.array for x in states]) if states else None
        if row is not None:  # another program has joined them before
            self._rows[column] = row
            self.parts |= {x: x.holder.array for x in column}
            return
        if any(x.holder.array.base is not None for x in states):
            return
        row = self._rows[column] = np.zeros(sum(map(_padded, column)), column[0].dtype)
        for x, part in zip(column, _parts(row, column), strict=True):
            self.parts[x] = part
            if states:
                part[...] = x.holder.array
                x.holder.array = part

    def row(self, column: Column | Operand) -> Array | None:
        """The whole row of a column; None where it has none."""
        return self._rows.get(column) if isinstance(column, tuple) else None

    def calls(self, block: Block, arrays: dict[Slot, Array]) -> Iterator[Callable[[], Any]]:
        """A block as calls, on whole rows where there are any."""
        for group in block:
            given = [
                self.row(x) if isinstance(x, tuple) else arrays[x] if isinstance(x, Slot) else x
                for x in group.columns
            ]
            out = self.row(group.results)
            params = group.members[0].params
            if _there([out, *given]):
                yield partial(group.op.plain, np, *given, out=out, **params)
            elif group.op in STEPS and group.members[0].into and _there(given[1:]):
                yield from self._step(group, given, arrays)
            else:
                for each in group.members:
                    own = [arrays[x] if isinstance(x, Slot) else x for x in each.operands]
                    yield partial(group.op.plain, np, *own, out=arrays[each.result], **params)

    def _step(
        self, group: Repeated, given: list[Any], arrays: dict[Slot, Array]
    ) -> Iterator[Callable[[], Any]]:
        """p ← p - d: d for all at once, then each p by itself."""
        column = group.columns[1]
        assert isinstance(column, tuple)
        spare = self._spare.setdefault(column, np.zeros_like(given[1]))
        yield from STEPS[group.op](spare, *given[1:])
        for p, part in zip(group.results, _parts(spare, column), strict=True):
            yield partial(np.subtract, arrays[p], part, out=arrays[p])


def _there(given: Sequence[Any]) -> bool:
    return all(x is not None for x in given)


def _descend(d: Array, y: Array, rate: Array) -> Iterator[Callable[[], Any]]:
    yield partial(mul.plain, np, y, rate, out=d)


def _descend_scaled(
    d: Array, y: Array, v: Array, rate: Array, eps: Array
) -> Iterator[Callable[[], Any]]:
    yield partial(sqrt.plain, np, v, out=d)
    yield partial(add.plain, np, d, eps, out=d)
    yield partial(div.plain, np, y, d, out=d)
    yield partial(mul.plain, np, d, rate, out=d)


STEPS: dict[Op, Callable[..., Iterator[Callable[[], Any]]]] = {
    descend: _descend,
    descend_scaled: _descend_scaled,
}
"""For each op that steps down, how its d is computed: in the order of its own forward."""


def _parts(row: Array, column: Column) -> Iterator[Array]:
    """The part of a row that belongs to each slot of a column."""
    start = 0
    for x in column:
        yield row[start : start + x.bytes // row.itemsize].reshape(x.shape)
        start += _padded(x)


def _padded(slot: Slot) -> int:
    """So many numbers that the next part begins at a cache line."""
    size = slot.dtype.itemsize
    return -(-slot.bytes // 64) * 64 // int(size)


def _joined(arrays: list[Array]) -> Array | None:
    """The row that these are the parts of already, if they are."""
    row = arrays[0].base
    if row is None or row.ndim != 1 or row.dtype != arrays[0].dtype:
        return None
    at = row.__array_interface__["data"][0]
    for x in arrays:
        if x.base is not row or x.__array_interface__["data"][0] != at:
            return None
        at += -(-x.nbytes // 64) * 64
    return row if at == row.__array_interface__["data"][0] + row.nbytes else None
