"""A step as a flat program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from minigrad.compiler.program.slots import Place, Slot
from minigrad.compiler.program.units import Instruction, Unit
from minigrad.tensor import Tensor


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
    instructions: tuple[Unit, ...]
    results: tuple[Slot, ...]
    gradients: tuple[tuple[Tensor, Slot], ...] = ()

    def __str__(self) -> str:
        from minigrad.compiler.program.printer import printed  # it stands above

        return printed(self)

    @cached_property
    def kept(self) -> frozenset[Place]:
        """The memory whose numbers somebody may look at after the step."""
        slots = (*self.results, *(slot for _, slot in self.gradients))
        return self.outside.union(slot.place for slot in slots)

    @cached_property
    def outside(self) -> frozenset[Place]:
        """The memory that was there before the step and stays: arguments and state."""
        slots = (slot for slot in self.slots() if slot.origin in ("argument", "state"))
        return frozenset(slot.place for slot in slots)

    @cached_property
    def ops(self) -> tuple[Instruction, ...]:
        """Every op in order, those in groups as well."""
        return tuple(part for each in self.instructions for part in each.parts)

    @cached_property
    def written(self) -> frozenset[Place]:
        """The memory that something is written into after it was filled."""
        return frozenset(each.result.place for each in self.ops if each.into)

    def slots(self) -> Iterator[Slot]:
        """Every slot that is mentioned, many of them several times."""
        yield from self.arguments
        for each in self.instructions:
            yield from each.reads
            yield from each.writes
        yield from self.results
        for _, slot in self.gradients:
            yield slot
