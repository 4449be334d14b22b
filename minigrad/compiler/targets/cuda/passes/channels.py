"""The pass that makes one kernel of what batch normalisation asks for: sums over the channels of
images, and what is computed from them for each channel and for each number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Chain, Instruction, Place, Program, Series, Slot, Step
from minigrad.compiler.targets.cuda.kernels.series import summed_by, sums
from minigrad.ops.shape import reshape

REACH = 8192
"""Numbers of a channel that a block goes through, several times, in less time than the launches of
kernels for each step take: an estimate."""
MANY = 256
"""From so many channels on their blocks keep a GPU busy with any numbers: two on each of the 132
multiprocessors of an H100, nearly."""
SECTOR = 8
"""Numbers that lie side by side in a channel: fewer would not be read at the speed of memory."""
FAR = 64
"""Steps that another one may be moved over."""


@says("sum over a channel and go on with it by one kernel", needs="kernels")
def channels(program: Program) -> Program:
    """Do sums over channels, and chains before and behind them, by one kernel: each block goes
    through one channel several times, which no other block needs."""
    views = {each.result: each for each in program.ops if each.is_view}
    steps = list(program.instructions)
    for i, first in enumerate(steps):
        shape = _images(first)
        if shape is None or not isinstance(first, (Instruction, Chain)):
            continue
        found = _Found(shape, views)
        found.add(first)
        left: list[Step] = []
        for j, step in enumerate(steps[i + 1 :], i + 1):
            if isinstance(step, (Instruction, Chain)) and found.takes(step):
                found.add(step)
            else:
                left.append(step)
                found.skip(step)
            if found.far:
                left += steps[j + 1 :]
                break
        series = Series(tuple(found.members), shape)
        if len(series.steps) > 1 and any(sums(each, shape) for each in series.steps):
            steps[i:] = [series, *left]
    return replace(program, instructions=tuple(steps))


def _images(step: Step) -> tuple[int, ...] | None:
    """The shape of the images that a series beginning here would be of; None for none."""
    x = summed_by(step)
    if isinstance(step, Chain) and step.parts[-1].phase != "update":
        x = step.parts[0].result
    if x is None or len(x.shape) < 3 or x.dtype.char not in "fd":
        return None
    n, many, *size = x.shape
    count = n * math.prod(size)
    fits = count <= REACH or many >= MANY
    if many < 2 or math.prod(size) < SECTOR or not fits or many * count >= 1 << 30:
        return None
    return x.shape if _of(step, x.shape) else None


def _of(step: Step, shape: tuple[int, ...]) -> bool:
    """Whether it goes through these images, or has one number for each of their channels."""
    if isinstance(step, Chain):
        made = step.parts[0].result
        if step.parts[-1].phase == "update":
            return False
        return _alone(made, shape) or (made.shape == shape and all(x.dense for x in step.writes))
    x = summed_by(step)
    return (
        x is not None and (x.shape == shape or _alone(x, shape)) and _alone(step.writes[0], shape)
    )


def _alone(x: Slot, shape: tuple[int, ...]) -> bool:
    """Whether it holds one number for each channel."""
    return [n for n in x.shape if n > 1] == [shape[1]]


@dataclass
class _Found:
    """A series in the making, and the steps that it leaves behind itself."""

    shape: tuple[int, ...]
    views: Mapping[Slot, Instruction]
    members: list[Instruction | Chain] = field(default_factory=list)
    far: bool = False
    _seen: dict[Place, list[tuple[Step, Slot]]] = field(default_factory=dict)
    _written: set[Place] = field(default_factory=set)
    _left: int = 0
    _left_reads: set[Place] = field(default_factory=set)
    _left_writes: set[Place] = field(default_factory=set)
    _left_views: set[Slot] = field(default_factory=set)

    def add(self, step: Instruction | Chain) -> None:
        self.members.append(step)
        if step.is_view:
            return
        for x in (*step.reads, *step.writes):
            self._seen.setdefault(x.place, []).append((step, x))
        self._written |= {x.place for x in step.writes}

    def skip(self, step: Step) -> None:
        if step.is_view:
            self._left_views.add(step.writes[0])
            return
        self._left += 1
        self.far = self._left > FAR
        self._left_reads |= {x.place for x in step.reads}
        self._left_writes |= {x.place for x in step.writes}

    def takes(self, step: Instruction | Chain) -> bool:
        """Whether a step that comes later may be done here."""
        slots = [*step.reads, *step.writes]
        if self._left_views & set(slots):
            return False
        if step.is_view:
            # Where nothing is between, others may read what it looks at by it.
            return self._root(step.writes[0]) is not None and step.reads[0].place in self._written
        if not _of(step, self.shape) or not any(x.place in self._seen for x in slots):
            return False
        writes = {x.place for x in step.writes}
        if {x.place for x in slots} & self._left_writes or writes & self._left_reads:
            return False
        return all(self._apart(place, step, slots) for place in self._written | writes)

    def _apart(self, place: Place, step: Step, slots: Iterable[Slot]) -> bool:
        """Whether a step, and all members, see of a place that is written only numbers of the
        channel that they are at."""
        mentions = [*self._seen.get(place, ()), *((step, x) for x in slots if x.place is place)]
        roots = {self._root(x) for _, x in mentions}
        return (
            len(roots) <= 1
            and None not in roots
            and all(self._own(each, x) for each, x in mentions)
        )

    def _own(self, step: Step, x: Slot) -> bool:
        """Whether the step sees of x only numbers of the channel that it is at."""
        if x.shape == self.shape:
            return x.dense and x.origin != "view"
        # Behind a channel stand the dimensions of images, where a chain goes through these.
        images = step.parts[0].result.shape == self.shape
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
