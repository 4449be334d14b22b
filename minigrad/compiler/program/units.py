"""What a program does, one after the other: ops, and groups of them that are done in one go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, TypeAlias

from minigrad.compiler.program.slots import Operand, Slot
from minigrad.lines import Line
from minigrad.op import Op

Kind: TypeAlias = Literal["chain", "bundle", "joint", "series", "pooled"]


@dataclass(frozen=True, eq=False)
class Instruction:
    """One op with its operands and the slot that takes the result.

    Attributes:
        into: the result is written into a slot that held something before.
        where: the user's line.
        phase: "forward", "backward" or "update".
    """

    kind: ClassVar[Literal["op"]] = "op"
    hidden: ClassVar[frozenset[Slot]] = frozenset()

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
    def inside(self) -> tuple[Unit, ...]:
        """It, and nothing within it."""
        return (self,)

    @property
    def is_view(self) -> bool:
        """Whether it computes nothing: the result is a look into its first operand."""
        return self.result.origin == "view" and not self.into


@dataclass(frozen=True, eq=False)
class Group:
    """Units that are done in one go.

    Attributes:
        kind: how they hang together.
            "chain": elementwise ops of one shape, done number by number.
            "bundle": they do not depend on each other, and are done side by side.
            "joint": an op, or a bundle of which it is the first, and a chain that goes on with each
            number of its result while it is at hand.
            "series": one after the other; each sees of what others write only numbers of the
            channel of images that it is at.
            "pooled": a convolution, maybe with the chain behind it, and the windows that go over
            its result while it is at hand, maybe with theirs.
        members: in their order; only in a series there are views among them.
        hidden: what nobody else reads: it never reaches memory.
    """

    kind: Kind
    members: tuple[Unit, ...]
    hidden: frozenset[Slot] = frozenset()

    @cached_property
    def parts(self) -> tuple[Instruction, ...]:
        """The ops of all members."""
        return tuple(part for each in self.members for part in each.parts)

    @cached_property
    def inside(self) -> tuple[Unit, ...]:
        """It, its members, and what is within these."""
        return (self, *(unit for each in self.members for unit in each.inside))

    @cached_property
    def computing(self) -> tuple[Unit, ...]:
        """The members that compute something."""
        return tuple(each for each in self.members if not each.is_view)

    @cached_property
    def reads(self) -> list[Slot]:
        """The slots whose numbers it needs from outside."""
        found: dict[Slot, None] = {}
        made: set[Slot] = set()
        for each in self.parts:
            found.update((x, None) for x in each.reads if x not in made)
            made.add(each.result)
        return list(found)

    @cached_property
    def writes(self) -> list[Slot]:
        """The slots in memory that it fills."""
        made = dict.fromkeys(x for each in self.computing for x in each.writes)
        return [x for x in made if x not in self.hidden]

    @property
    def is_view(self) -> bool:
        """It computes."""
        return False


Unit: TypeAlias = Instruction | Group
