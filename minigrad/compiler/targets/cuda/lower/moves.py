"""Ops that move numbers and compute none, as copies of views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from minigrad.compiler.program import Instruction
from minigrad.compiler.targets.cuda.kernels.bundles import Table, copies
from minigrad.compiler.targets.cuda.kernels.generated import filled
from minigrad.compiler.targets.cuda.launch import Launch
from minigrad.device import Array
from minigrad.notation.c import TYPES
from minigrad.op import Op
from minigrad.ops.indexing import unslice
from minigrad.ops.padding import pad
from minigrad.ops.shape import cat, clone, expand, flip, permute, reshape, transfer

Move: TypeAlias = Callable[..., list[Launch] | None]
"""From the result, the array library, a maker of tables, the operands, and the params by name to
the launches that move the numbers; None where that cannot be."""
_moves: dict[Op, Move] = {}


def moves(*ops: Op) -> Callable[[Move], Move]:
    """The decorator of what does ops that move numbers."""

    def registered(move: Move) -> Move:
        _moves.update(dict.fromkeys(ops, move))
        return move

    return registered


def moved(
    each: Instruction, given: list[Any], out: Array, xp: Any, table: Table
) -> list[Launch] | None:
    """The launches that do an op which moves numbers; None for other ops."""
    if each.op not in _moves or any(
        x.dtype.char not in TYPES or x.dtype != out.dtype for x in given
    ):
        return None
    return _moves[each.op](out, xp, table, *given, **each.params)


@moves(clone, transfer)
def _copied(out: Array, xp: Any, table: Table, x: Array, **params: Any) -> list[Launch]:
    return copies([(out, x)], table)


@moves(expand)
def _expanded(out: Array, xp: Any, table: Table, x: Array, **params: Any) -> list[Launch]:
    return copies([(out, expand.forward(xp, x, **params))], table)


@moves(permute)
def _permuted(out: Array, xp: Any, table: Table, x: Array, **params: Any) -> list[Launch]:
    return copies([(out, permute.forward(xp, x, **params))], table)


@moves(flip)
def _flipped(out: Array, xp: Any, table: Table, x: Array, *, dims: tuple[int, ...]) -> list[Launch]:
    return copies([(out, xp.flip(x, dims) if dims else x)], table)  # along none it is no array


@moves(reshape)
def _reshaped(out: Array, xp: Any, table: Table, x: Array, **params: Any) -> list[Launch] | None:
    return copies([(out.reshape(x.shape), x)], table) if out.flags.c_contiguous else None


@moves(unslice)
def _put(out: Array, xp: Any, table: Table, x: Array, *, shape: Any, key: Any) -> list[Launch]:
    part = out[(*key, Ellipsis)]  # a view even of a single number
    return [*filled(out, 0), *copies([(part, x)], table)]


@moves(cat)
def _joined(out: Array, xp: Any, table: Table, *given: Array, dim: int) -> list[Launch]:
    pieces, start = [], 0
    along = out.swapaxes(0, dim)
    for x in given:
        stop = start + x.shape[dim]
        pieces.append((along[start:stop].swapaxes(0, dim), x))
        start = stop
    return copies(pieces, table)


@moves(pad)
def _padded(
    out: Array, xp: Any, table: Table, x: Array, *, widths: Any, value: float
) -> list[Launch]:
    """What is left of x in the middle of a margin; a negative width cuts off."""
    middle = tuple(
        slice(max(before, 0), n - max(behind, 0))
        for (before, behind), n in zip(widths, out.shape, strict=True)
    )
    left = tuple(
        slice(max(-before, 0), n - max(-behind, 0))
        for (before, behind), n in zip(widths, x.shape, strict=True)
    )
    return [*filled(out, value), *copies([(out[middle], x[left])], table)]
