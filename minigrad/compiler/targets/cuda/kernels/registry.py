"""Which op has a kernel: each file of this folder says it where the kernel is, by the op.

::

    @lowers(softmax)
    def _softmax(out, scratch, x, dim): ...

A kernel that can go on with its numbers takes a ``tail``; one that makes the results of two ops at
once stands under both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeAlias

from minigrad.compiler.program import Instruction
from minigrad.compiler.targets.cuda import kernels
from minigrad.compiler.targets.cuda.kernels.places import Scratch, served
from minigrad.compiler.targets.cuda.kernels.tail import Tail
from minigrad.compiler.targets.cuda.launch import Work
from minigrad.device import Array
from minigrad.op import Op

Lowering: TypeAlias = Callable[..., list[Work] | None]
"""From the result (of a pair both), memory for the way, the operands, and the params by name to
what is to be done; None where no kernel serves these arrays. With a tail the numbers go on there,
and the result only says what they are like."""
Fits: TypeAlias = Callable[[Instruction, Instruction], bool]


@dataclass(frozen=True)
class Pair:
    """Two ops that go through the same numbers, and what does both at once.

    Attributes:
        other: the op that stands beside.
        fits: whether two instructions of these ops are such a pair.
    """

    other: Op
    fits: Fits
    lowering: Lowering


_lowerings: dict[Op, Lowering] = {}
_pairs: dict[Op, Pair] = {}
_tailed: set[Op] = set()


def lowers(op: Op, tail: bool = False) -> Callable[[Lowering], Lowering]:
    """The decorator of what does an op; with ``tail`` it may go on with each number."""

    def registered(lowering: Lowering) -> Lowering:
        assert op not in _lowerings, f"{op.name} has two kernels"
        _lowerings[op] = lowering
        if tail:
            _tailed.add(op)
        return lowering

    return registered


def alike(one: Instruction, other: Instruction) -> bool:
    """Whether both are of the same operands and params."""
    return other.operands == one.operands and other.params == one.params


def lowers_pair(op: Op, other: Op, fits: Fits = alike) -> Callable[[Lowering], Lowering]:
    """The decorator of what does an op and another one at once."""

    def registered(lowering: Lowering) -> Lowering:
        assert op not in _pairs, f"{op.name} has two pairs"
        _pairs[op] = Pair(other, fits, lowering)
        return lowering

    return registered


@cache
def _loaded() -> None:
    """Every kernel has registered itself."""
    for each in iter_modules(kernels.__path__, f"{kernels.__name__}."):
        import_module(each.name)


def ops() -> list[Op]:
    """Those that have a kernel."""
    _loaded()
    return list(_lowerings)


def tailed(op: Op) -> bool:
    """Whether its kernel may go on with its numbers."""
    _loaded()
    return op in _tailed


def pair(op: Op) -> Pair | None:
    """What makes its result and another op's at once, if anything does."""
    _loaded()
    return _pairs.get(op)


def lowered(
    instruction: Instruction,
    operands: Sequence[Any],
    out: Array,
    scratch: Scratch,
    tail: Tail | None = None,
) -> list[Work] | None:
    """What makes ``out`` from the operands, arrays or numbers in the order of the instruction's;
    None where no kernel serves these. What ``scratch`` gave is free once all of it is done."""
    _loaded()
    op = instruction.op
    if op not in _lowerings or not served(out):
        return None
    if any(isinstance(x, (bool, int, float)) for x in operands):
        return None
    if tail is None:
        return _lowerings[op](out, scratch, *operands, **instruction.params)
    if op not in _tailed:
        return None
    return _lowerings[op](out, scratch, *operands, **instruction.params, tail=tail)


def lowered_pair(
    instruction: Instruction,
    operands: Sequence[Any],
    out: Array,
    beside: Array,
    scratch: Scratch,
    tail: Tail | None = None,
) -> list[Work] | None:
    """What makes the result of an instruction, and ``beside`` that of the one beside it; None where
    no kernel does both. A tail goes on with the former."""
    found = pair(instruction.op)
    assert found is not None
    more = {} if tail is None else {"tail": tail}
    return found.lowering(out, beside, scratch, *operands, **instruction.params, **more)
