"""The pass that makes one kernel of what batch normalisation asks for: sums over the channels of
images, and what is computed from them for each channel and for each number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Group, Instruction, Place, Program, Slot, Unit
from minigrad.compiler.targets.cuda.kernels.series import summed_by, sums
from minigrad.ops.shape import reshape

REACH = 8192
"""Numbers of a channel that a block goes through, several times, in less time than the launches of
kernels for each unit take: an estimate."""
MANY = 256
"""From so many channels on their blocks keep a GPU busy with any numbers: two on each of the 132
multiprocessors of an H100, nearly."""
SECTOR = 8
"""Numbers that lie side by side in a channel: fewer would not be read at the speed of memory."""
FAR = 64
"""Units that another one may be moved over."""


@says("sum over a channel and go on with it by one kernel", needs="kernels")
def channels(program: Program) -> Program:
    """Do sums over channels, and chains before and behind them, by one kernel: each block goes
    through one channel several times, which no other block needs."""
    views = {each.result: each for each in program.ops if each.is_view}
    units = list(program.instructions)
    for i, first in enumerate(units):
        shape = _images(first)
        if shape is None:
            continue
        found = _Found(shape, views)
        found.add(first)
        left: list[Unit] = []
        for j, unit in enumerate(units[i + 1 :], i + 1):
            if unit.kind in ("op", "chain") and found.takes(unit):
                found.add(unit)
            else:
                left.append(unit)
                found.skip(unit)
            if found.far:
                left += units[j + 1 :]
                break
        series = Group("series", tuple(found.members))
        if len(series.computing) > 1 and any(sums(each, shape) for each in series.computing):
            units[i:] = [series, *left]
    return replace(program, instructions=tuple(units))


def _images(unit: Unit) -> tuple[int, ...] | None:
    """The shape of the images that a series beginning here would be of; None for none."""
    x = summed_by(unit)
    if unit.kind == "chain" and unit.parts[-1].phase != "update":
        x = unit.parts[0].result
    if x is None or len(x.shape) < 3 or x.dtype.char not in "fd":
        return None
    n, many, *size = x.shape
    count = n * math.prod(size)
    fits = count <= REACH or many >= MANY
    if many < 2 or math.prod(size) < SECTOR or not fits or many * count >= 1 << 30:
        return None
    return x.shape if _of(unit, x.shape) else None


def _of(unit: Unit, shape: tuple[int, ...]) -> bool:
    """Whether it goes through these images, or has one number for each of their channels."""
    if unit.kind == "chain":
        made = unit.parts[0].result
        if unit.parts[-1].phase == "update":
            return False
        return _alone(made, shape) or (made.shape == shape and all(x.dense for x in unit.writes))
    x = summed_by(unit)
    return (
        x is not None and (x.shape == shape or _alone(x, shape)) and _alone(unit.writes[0], shape)
    )


def _alone(x: Slot, shape: tuple[int, ...]) -> bool:
    """Whether it holds one number for each channel."""
    return [n for n in x.shape if n > 1] == [shape[1]]


@dataclass
class _Found:
    """A series in the making, and the units that it leaves behind itself."""

    shape: tuple[int, ...]
    views: Mapping[Slot, Instruction]
    members: list[Unit] = field(default_factory=list)
    far: bool = False
    _seen: dict[Place, list[tuple[Unit, Slot]]] = field(default_factory=dict)
    _written: set[Place] = field(default_factory=set)
    _left: int = 0
    _left_reads: set[Place] = field(default_factory=set)
    _left_writes: set[Place] = field(default_factory=set)
    _left_views: set[Slot] = field(default_factory=set)

    def add(self, unit: Unit) -> None:
        self.members.append(unit)
        if unit.is_view:
            return
        for x in (*unit.reads, *unit.writes):
            self._seen.setdefault(x.place, []).append((unit, x))
        self._written |= {x.place for x in unit.writes}

    def skip(self, unit: Unit) -> None:
        if unit.is_view:
            self._left_views.add(unit.writes[0])
            return
        self._left += 1
        self.far = self._left > FAR
        self._left_reads |= {x.place for x in unit.reads}
        self._left_writes |= {x.place for x in unit.writes}

    def takes(self, unit: Unit) -> bool:
        """Whether a unit that comes later may be done here."""
        slots = [*unit.reads, *unit.writes]
        if self._left_views & set(slots):
            return False
        if unit.is_view:
            # Where nothing is between, others may read what it looks at by it.
            return self._root(unit.writes[0]) is not None and unit.reads[0].place in self._written
        if not _of(unit, self.shape) or not any(x.place in self._seen for x in slots):
            return False
        writes = {x.place for x in unit.writes}
        if {x.place for x in slots} & self._left_writes or writes & self._left_reads:
            return False
        return all(self._apart(place, unit, slots) for place in self._written | writes)

    def _apart(self, place: Place, unit: Unit, slots: Iterable[Slot]) -> bool:
        """Whether a unit, and all members, see of a place that is written only numbers of the
        channel that they are at."""
        mentions = [*self._seen.get(place, ()), *((unit, x) for x in slots if x.place is place)]
        roots = {self._root(x) for _, x in mentions}
        return (
            len(roots) <= 1
            and None not in roots
            and all(self._own(each, x) for each, x in mentions)
        )

    def _own(self, unit: Unit, x: Slot) -> bool:
        """Whether the unit sees of x only numbers of the channel that it is at."""
        if x.shape == self.shape:
            return x.dense and x.origin != "view"
        # Behind a channel stand the dimensions of images, where a chain goes through these.
        images = unit.parts[0].result.shape == self.shape
        whole = (1,) * (len(self.shape) - len(x.shape)) + x.shape
        return _alone(x, self.shape) and (not images or whole[1] == self.shape[1])

    def _root(self, x: Slot) -> Slot | None:
        """What a slot is another shape of; None where it is a look at a part or in another
        order."""
        while x.origin == "view":
            maker = self.views.get(x)
            if maker is None or maker.op is not reshape:
                return None
            x = maker.reads[0]
        return x
