"""Where a program's arrays are: slots in places of memory."""

from __future__ import annotations

import math
from copy import copy
from typing import Any, TypeAlias

from minigrad.device import Array


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
        self.shape: tuple[int, ...] = array.shape
        self.dtype = array.dtype
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
