"""Ops that move numbers and compute none, as copies of views."""

from __future__ import annotations

from typing import Any

from minigrad.compiler.program import Instruction
from minigrad.compiler.targets.cuda.kernels.bundles import Table, copies
from minigrad.compiler.targets.cuda.kernels.generated import filled
from minigrad.compiler.targets.cuda.launch import Launch
from minigrad.device import Array
from minigrad.notation.c import TYPES
from minigrad.ops.indexing import unslice
from minigrad.ops.padding import pad
from minigrad.ops.shape import cat, clone, expand, flip, permute, reshape, transfer

MOVES = {cat, clone, expand, flip, pad, permute, reshape, transfer, unslice}


def moved(
    each: Instruction, given: list[Any], out: Array, xp: Any, table: Table
) -> list[Launch] | None:
    """The launches that do an op which moves numbers; None for other ops."""
    if each.op not in MOVES or any(
        x.dtype.char not in TYPES or x.dtype != out.dtype for x in given
    ):
        return None
    if each.op in (clone, transfer):
        return copies([(out, given[0])], table)
    if each.op in (expand, permute):
        return copies([(out, each.op.forward(xp, given[0], **each.params))], table)
    if each.op is flip:
        dims = each.params["dims"]  # along none NumPy's would be no array
        return copies([(out, xp.flip(given[0], dims) if dims else given[0])], table)
    if each.op is reshape and out.flags.c_contiguous:
        return copies([(out.reshape(given[0].shape), given[0])], table)
    if each.op is cat:
        return _joined(given, out, each.params["dim"], table)
    if each.op is unslice:
        part = out[(*each.params["key"], Ellipsis)]  # a view even of a single number
        return [*filled(out, 0), *copies([(part, given[0])], table)]
    if each.op is pad:
        return _padded(given[0], out, each.params["widths"], each.params["value"], table)
    return None


def _joined(given: list[Array], out: Array, dim: int, table: Table) -> list[Launch]:
    pieces, start = [], 0
    along = out.swapaxes(0, dim)
    for x in given:
        stop = start + x.shape[dim]
        pieces.append((along[start:stop].swapaxes(0, dim), x))
        start = stop
    return copies(pieces, table)


def _padded(x: Array, out: Array, widths: Any, value: float, table: Table) -> list[Launch]:
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
