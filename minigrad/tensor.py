"""Tensor: numbers that remember what they were computed from."""

from __future__ import annotations

from typing import Any

from minigrad import dtypes
from minigrad.arrays import spelled
from minigrad.device import Array
from minigrad.methods.families import Families
from minigrad.op import Op
from minigrad.recording import following, switch
from minigrad.tape import Memory, Node

_new = object.__new__


class Tensor(Families):
    """Numbers that remember what they were computed from.

    ``Tensor([[1, 2]])`` takes numbers, ``Tensor(2, 3)`` a shape (the numbers are then whatever was
    in memory); both are of the default type. `minigrad.tensor` keeps the type of its data.

    Args:
        data: lengths, one by one, or nested lists.
    """

    def __init__(self, *data: Any) -> None:
        self.array = spelled("Tensor", data, dtypes.DEFAULT)
        if following:
            self.inference = switch.inference
            switch.recorder.made(self)


def wrap(array: Array, node: Node | None = None, memory: Memory | None = None) -> Tensor:
    """A tensor around an array, without a copy."""
    tensor: Tensor = _new(Tensor)
    tensor.array = array
    if node is not None:
        tensor.node, tensor.tracked, tensor.memory = node, True, memory
    return tensor


def fresh(array: Array) -> Tensor:
    """A tensor around numbers that passed no door: of a constant, or of data."""
    tensor = wrap(array)
    if following:
        tensor.inference = switch.inference
        switch.recorder.made(tensor)
    return tensor


Op.wrap, Op.fresh = staticmethod(wrap), staticmethod(fresh)
