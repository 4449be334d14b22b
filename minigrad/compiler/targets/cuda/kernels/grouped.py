"""Convolutions in groups: by one kernel where all of them are few channels, else group by group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.compiler.program import Instruction
from minigrad.compiler.targets.cuda.kernels import convolutions
from minigrad.compiler.targets.cuda.kernels.places import Scratch, copied
from minigrad.compiler.targets.cuda.kernels.registry import lowers, lowers_pair
from minigrad.compiler.targets.cuda.kernels.tail import Tail
from minigrad.compiler.targets.cuda.launch import Work
from minigrad.device import Array
from minigrad.ops import convolution as ops
from minigrad.ops.patches import Sizes, Window
from minigrad.ops.reduction import sum as total


@lowers(ops.conv, tail=True)
def conv(
    out: Array,
    scratch: Scratch,
    x: Array,
    w: Array,
    *biases: Array,
    window: Window,
    groups: int = 1,
    tail: Tail | None = None,
) -> list[Work] | None:
    """No tail where it is done group by group."""
    bias = biases[0] if biases else None
    found = convolutions.conv(x, w, bias, window, out, scratch, tail, groups)
    if found is not None or groups == 1 or tail is not None:
        return found

    def one(part: int, made: Array, again: Scratch) -> list[Work] | None:
        b = None if bias is None else _part(bias, 0, part, groups)
        own, filters = _part(x, 1, part, groups), _part(w, 0, part, groups)
        return convolutions.conv(own, filters, b, window, made, again)

    return _images(groups, out, scratch, one)


@lowers(ops.conv_input, tail=True)
def conv_input(
    out: Array,
    scratch: Scratch,
    y: Array,
    w: Array,
    *,
    window: Window,
    size: Sizes,
    groups: int = 1,
    tail: Tail | None = None,
) -> list[Work] | None:
    """No tail where it is done group by group."""
    found = convolutions.conv_input(y, w, window, out, scratch, tail, groups)
    if found is not None or groups == 1 or tail is not None:
        return found

    def one(part: int, made: Array, again: Scratch) -> list[Work] | None:
        own, filters = _part(y, 1, part, groups), _part(w, 0, part, groups)
        return convolutions.conv_input(own, filters, window, made, again)

    return _images(groups, out, scratch, one)


@lowers(ops.conv_weight)
def conv_weight(
    out: Array, scratch: Scratch, x: Array, y: Array, *, window: Window, groups: int = 1
) -> list[Work] | None:
    """Its parts are those of the groups."""
    found = convolutions.conv_weight(x, y, window, out, scratch, None, groups)
    if found is not None or groups == 1:
        return found
    again = _Again(scratch)
    works: list[Work] = []
    for part in range(groups):
        again.begin()
        own, results = _part(x, 1, part, groups), _part(y, 1, part, groups)
        filters = _part(out, 0, part, groups)
        found = convolutions.conv_weight(own, results, window, filters, again)
        if found is None:
            return None
        works += found
    return works


def _of_bias(weight: Instruction, other: Instruction) -> bool:
    """Whether the other one is the gradient of the same convolution's bias."""
    kept = {"axis": (0, 2, 3), "keepdim": False}
    return other.operands == weight.operands[1:] and other.params == kept


@lowers_pair(ops.conv_weight, total, _of_bias)
def weight_and_bias(
    weight: Array,
    bias: Array,
    scratch: Scratch,
    x: Array,
    y: Array,
    *,
    window: Window,
    groups: int = 1,
) -> list[Work] | None:
    """None for many channels, where nothing is saved."""
    return convolutions.conv_weight(x, y, window, weight, scratch, bias, groups)


def _images(
    groups: int,
    out: Array,
    scratch: Scratch,
    one: Callable[[int, Array, Scratch], list[Work] | None],
) -> list[Work] | None:
    """``one(part, made, scratch)`` makes the images of a group; they are copied into ``out``."""
    again = _Again(scratch)
    works: list[Work] = []
    for part in range(groups):
        again.begin()
        made = again((out.shape[0], out.shape[1] // groups, *out.shape[2:]), out.dtype)
        found = one(part, made, again)
        if found is None:
            return None
        works += [*found, *copied(made, _part(out, 1, part, groups))]
    return works


class _Again:
    """The same memory for each group: what they need is of equal shapes."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._taken: list[Array] = []
        self._next = 0

    def begin(self) -> None:
        self._next = 0

    def __call__(self, shape: tuple[int, ...], dtype: Any) -> Array:
        if self._next == len(self._taken):
            self._taken.append(self._scratch(shape, dtype))
        self._next += 1
        return self._taken[self._next - 1]


def _part(x: Array, axis: int, part: int, groups: int) -> Array:
    """What belongs to a group."""
    own = x.shape[axis] // groups
    return x[(slice(None),) * axis + (slice(part * own, (part + 1) * own),)]
