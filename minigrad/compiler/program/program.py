"""A step as a flat program: slots that hold arrays, and instructions that fill them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from minigrad.device import Array
from minigrad.op import Op
from minigrad.tape import Line
from minigrad.tensor import Tensor


class Place:
    """A piece of memory. Slots of one place may overlap."""

    __slots__ = ()


class Slot:
    """A place for an array of a known shape and type.

    Attributes:
        origin: "argument" (of the step), "state" (a tensor that the step closes over), "constant"
            (numbers that the step makes itself), "value" (the result of an instruction), "view"
            (the result of an instruction that aliases its first operand).
        holder: the argument's number, the state's tensor, or the constant's array.
        place: the memory that it lies in.
        order: the dimensions from the one with the longest steps in memory to the shortest.
        even: whether its numbers begin at multiples of their size, as kernels take them.
        name: what it is called in print; empty for values.
    """

    __slots__ = ("dtype", "even", "holder", "name", "order", "origin", "place", "shape")

    def __init__(
        self, origin: str, array: Array, place: Place, holder: Any = None, name: str = ""
    ) -> None:
        self.origin, self.place, self.holder, self.name = origin, place, holder, name
        self.shape, self.dtype = array.shape, array.dtype
        self.order = tuple(sorted(range(array.ndim), key=lambda i: (-abs(array.strides[i]), i)))
        # An argument is copied to where it is even; NumPy's arrays from outside need not be.
        self.even: bool = origin == "argument" or getattr(array.flags, "aligned", True)

    @property
    def bytes(self) -> int:
        """How long its numbers are."""
        size: int = math.prod(self.shape) * self.dtype.itemsize
        return size

    @classmethod
    def like(cls, other: Slot) -> Slot:
        """A new value of the same shape, type and order."""
        made = copy(other)
        made.origin, made.place, made.holder, made.name = "value", Place(), None, ""
        return made

    def in_order(self, order: tuple[int, ...]) -> Slot:
        """The same slot with its dimensions in another order in memory."""
        made = copy(self)
        made.order = order
        return made

    def in_place(self, place: Place) -> Slot:
        """The same slot in other memory."""
        made = copy(self)
        made.place = place
        return made

    @property
    def dense(self) -> bool:
        """Whether its numbers lie in memory in the order of its dimensions."""
        return self.order == tuple(range(len(self.shape)))

    def __repr__(self) -> str:
        return f"<{self.origin} {self.name} {self.dtype}{list(self.shape)}>"


Operand: TypeAlias = Slot | int | float | bool


@dataclass(frozen=True, eq=False)
class Instruction:
    """One op with its operands and the slot that takes the result.

    Attributes:
        into: the result is written into a slot that held something before.
        where: the user's line.
        phase: "forward", "backward" or "update".
    """

    op: Op
    operands: tuple[Operand, ...]
    params: dict[str, Any]
    result: Slot
    into: bool = False
    where: Line | None = None
    phase: str = "forward"

    @cached_property
    def reads(self) -> list[Slot]:
        """The slots whose numbers it needs."""
        return [x for x in self.operands if isinstance(x, Slot)]

    @property
    def writes(self) -> list[Slot]:
        """The slots that it fills."""
        return [self.result]

    @property
    def parts(self) -> tuple[Instruction, ...]:
        """The ops that it does: one."""
        return (self,)

    @property
    def is_view(self) -> bool:
        """Whether it computes nothing: the result is a look into its first operand."""
        return self.result.origin == "view" and not self.into


@dataclass(frozen=True, eq=False)
class Chain:
    """Elementwise ops of one shape that are done number by number, in one go.

    Attributes:
        parts: the ops in order.
        inner: results that nobody else reads: they never reach memory.
    """

    parts: tuple[Instruction, ...]
    inner: frozenset[Slot]

    @cached_property
    def reads(self) -> list[Slot]:
        """The slots whose numbers it needs from outside."""
        found: dict[Slot, None] = {}
        filled: set[Slot] = set()
        for each in self.parts:
            found.update((x, None) for x in each.reads if x not in filled)
            filled.add(each.result)
        return list(found)

    @cached_property
    def writes(self) -> list[Slot]:
        """The slots in memory that it fills."""
        return [x for x in dict.fromkeys(e.result for e in self.parts) if x not in self.inner]

    @property
    def is_view(self) -> bool:
        """It computes."""
        return False


@dataclass(frozen=True, eq=False)
class Bundle:
    """Steps that do not depend on each other and are done at once, by one kernel on a GPU.

    Attributes:
        members: the steps, no views among them.
    """

    members: tuple[Instruction | Chain, ...]

    @property
    def parts(self) -> tuple[Instruction, ...]:
        """The ops of all members."""
        return tuple(part for each in self.members for part in each.parts)

    @cached_property
    def reads(self) -> list[Slot]:
        """The slots whose numbers the members need."""
        return list(dict.fromkeys(x for each in self.members for x in each.reads))

    @cached_property
    def writes(self) -> list[Slot]:
        """The slots in memory that the members fill."""
        return list(dict.fromkeys(x for each in self.members for x in each.writes))

    @property
    def is_view(self) -> bool:
        """It computes."""
        return False


@dataclass(frozen=True, eq=False)
class Joint:
    """An op, and a chain that goes on with each number of its result while it is at hand; nobody
    else needs them, and they never reach memory.

    Attributes:
        head: the op, or a bundle of which it is the first member.
    """

    head: Instruction | Bundle
    chain: Chain

    @property
    def members(self) -> tuple[Instruction | Bundle | Chain, ...]:
        """Both, in their order."""
        return (self.head, self.chain)

    @property
    def made(self) -> Slot:
        """The op's result."""
        return self.head.parts[0].result

    @property
    def parts(self) -> tuple[Instruction, ...]:
        """The ops of both."""
        return (*self.head.parts, *self.chain.parts)

    @cached_property
    def reads(self) -> list[Slot]:
        """The slots whose numbers they need from outside."""
        others = (x for x in self.chain.reads if x is not self.made)
        return list(dict.fromkeys([*self.head.reads, *others]))

    @cached_property
    def writes(self) -> list[Slot]:
        """The slots in memory that they fill."""
        beside = (x for x in self.head.writes if x is not self.made)
        return list(dict.fromkeys([*self.chain.writes, *beside]))

    @property
    def is_view(self) -> bool:
        """It computes."""
        return False


@dataclass(frozen=True, eq=False)
class Series:
    """Steps one after the other, views among them, that see of what the others write only numbers
    of the channel that they are at: one kernel on a GPU does all of them, a block a channel.

    Attributes:
        members: the steps in their order.
        shape: of the images, whose second dimension the channels are.
    """

    members: tuple[Instruction | Chain, ...]
    shape: tuple[int, ...]

    @property
    def steps(self) -> list[Instruction | Chain]:
        """The members that compute something."""
        return [each for each in self.members if not each.is_view]

    @property
    def parts(self) -> tuple[Instruction, ...]:
        """The ops of all members."""
        return tuple(part for each in self.members for part in each.parts)

    @cached_property
    def reads(self) -> list[Slot]:
        """The slots whose numbers the members need."""
        return list(dict.fromkeys(x for each in self.steps for x in each.reads))

    @cached_property
    def writes(self) -> list[Slot]:
        """The slots in memory that the members fill."""
        return list(dict.fromkeys(x for each in self.steps for x in each.writes))

    @property
    def is_view(self) -> bool:
        """It computes."""
        return False


@dataclass(frozen=True, eq=False)
class Pooled:
    """A convolution, and the windows that go over its result while it is at hand; nobody else needs
    that, and it never reaches memory.

    Attributes:
        head: the convolution, maybe with the chain behind it.
        pool: what is done with the windows, maybe with a chain behind it.
    """

    head: Instruction | Joint
    pool: Instruction | Bundle | Joint

    @property
    def members(self) -> tuple[Instruction | Bundle | Joint, ...]:
        """Both, in their order."""
        return (self.head, self.pool)

    @property
    def made(self) -> Slot:
        """What the windows go over."""
        return self.pool.parts[0].reads[0]

    @property
    def parts(self) -> tuple[Instruction, ...]:
        """The ops of both."""
        return (*self.head.parts, *self.pool.parts)

    @cached_property
    def reads(self) -> list[Slot]:
        """The slots whose numbers they need from outside."""
        others = (x for x in self.pool.reads if x is not self.made)
        return list(dict.fromkeys([*self.head.reads, *others]))

    @cached_property
    def writes(self) -> list[Slot]:
        """The slots in memory that they fill."""
        own = (x for x in self.head.writes if x is not self.made)
        return list(dict.fromkeys([*own, *self.pool.writes]))

    @property
    def is_view(self) -> bool:
        """It computes."""
        return False


Step: TypeAlias = Instruction | Chain | Bundle | Joint | Series | Pooled


@dataclass(frozen=True)
class Program:
    """What a step does, in order.

    Attributes:
        arguments: the slots that the step's tensors are copied into.
        instructions: what is done.
        results: the slots of the tensors that the step returns.
        gradients: leaves and the slots that are their ``.grad`` afterwards.
    """

    arguments: tuple[Slot, ...]
    instructions: tuple[Step, ...]
    results: tuple[Slot, ...]
    gradients: tuple[tuple[Tensor, Slot], ...] = ()

    def __str__(self) -> str:
        from minigrad.compiler.program.printer import printed  # it stands above

        return printed(self)

    def kept(self) -> set[Place]:
        """The memory whose numbers somebody may look at after the step."""
        slots = [*self.results, *(slot for _, slot in self.gradients)]
        return {slot.place for slot in slots} | self.outside()

    def outside(self) -> set[Place]:
        """The memory that was there before the step and stays: arguments and state."""
        return {slot.place for slot in self.slots() if slot.origin in ("argument", "state")}

    @property
    def ops(self) -> list[Instruction]:
        """Every op in order, those in chains as well."""
        return [part for each in self.instructions for part in each.parts]

    def written(self) -> set[Place]:
        """The memory that something is written into after it was filled."""
        return {each.result.place for each in self.ops if each.into}

    def slots(self) -> Iterator[Slot]:
        """Every slot that is mentioned, many of them several times."""
        yield from self.arguments
        for each in self.instructions:
            yield from each.reads
            yield from each.writes
        yield from self.results
        for _, slot in self.gradients:
            yield slot
