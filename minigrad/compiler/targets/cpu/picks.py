"""Ops that pick numbers out by indices, or put them back, as calls of kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.compiler.program import Instruction
from minigrad.compiler.targets.cpu.lowered import as_floats, lowers, merged, padded, steps_of, whole
from minigrad.compiler.targets.cpu.moves import filled, move
from minigrad.device import Array
from minigrad.native.kernels import INT64
from minigrad.native.library import Call
from minigrad.ops.indexing import HOLE, WHOLE, Key, put, put_add, take

PLACES = 4
"""Loops of the kernels over indices, and the most indices side by side."""


def picked(
    x: Array, y: Array, key: Key, indices: Sequence[Array]
) -> tuple[list[int], list[Array]] | None:
    """What the kernels want to know to pick y out of x, and the indices as they go through them.
    None for keys that are no indices side by side, and for what lies otherwise than in three steps:
    what stands before the indices, they, and what stands behind."""
    holes = [i for i, part in enumerate(key) if part is HOLE]
    if not all(part is HOLE or part == WHOLE for part in key) or not 0 < len(holes) <= PLACES:
        return None
    if holes[-1] - holes[0] >= len(holes) or any(k.dtype.char not in INT64 for k in indices):
        return None
    first, behind = holes[0], holes[-1] + 1
    shape = np.broadcast_shapes(*(k.shape for k in indices))
    wide = [np.broadcast_to(k, shape) for k in indices]
    ends = [_one(each, *part) for each, part in (
        (y, (0, first)), (y, (first + len(shape), y.ndim)), (x, (0, first)), (x, (behind, x.ndim))
    )]  # fmt: skip
    if len(shape) > PLACES or None in ends or not all(whole(each) for each in (x, y, *wide)):
        return None
    (outer, y_outer), (inner, y_inner), (_, x_outer), (_, x_inner) = filter(None, ends)
    own, steps = steps_of(x), steps_of(y)[first : first + len(shape)]
    facts = [outer, inner, len(holes), *padded(shape, PLACES, 1)]
    facts += [y_outer, *padded(steps, PLACES, 0), y_inner, x_outer, x_inner]
    for hole, k in zip(holes, wide, strict=True):
        facts += [x.shape[hole], own[hole], *padded(steps_of(k), PLACES, 0)]
    return facts, wide


def _one(x: Array, start: int, stop: int) -> tuple[int, int] | None:
    """Some dimensions as one loop: its length and step; None where they are not one."""
    shape, (steps,) = merged(x.shape[start:stop], (steps_of(x)[start:stop],))
    if len(shape) > 1:
        return None
    return (shape[0], steps[0]) if shape else (1, 1)


@lowers(take)
def _take(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    if not out.size:
        return []
    x, y = as_floats(given[0]), as_floats(out)
    if x is None or y is None or not x.size:
        return None
    found = picked(x, y, each.params["key"], given[1:])
    return None if found is None else [Call("gather", [y, x, *found[1]], found[0])]


@lowers(put_add)
def _put_add(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    first = filled(out)
    added = _back("add_at", given[0], given[1:], each.params["key"], out)
    return None if first is None or added is None else [*first, *added]


@lowers(put)
def _put(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    x, y, *indices = given
    if not indices or not isinstance(y, np.ndarray):
        return None
    key, add = each.params["key"], each.params.get("accumulate", False)
    shape = _shape(out.shape, key, indices)
    if shape is None or y.ndim > len(shape):
        return None
    wide = np.broadcast_to(y, shape)
    calls = _back("add_at" if add else "put_at", wide, indices, key, out)
    if calls is None or x is out:
        return calls
    first = move(out, x)
    return None if first is None else [*first, *calls]


def _back(
    name: str, y: Array, indices: Sequence[Array], key: Key, out: Array
) -> Sequence[Call] | None:
    if out.dtype.char not in "fd" or y.dtype != out.dtype:
        return None
    if not y.size:
        return []
    if not out.size or any(np.may_share_memory(out, x) for x in (y, *indices)):
        return None
    found = picked(out, y, key, indices)
    return None if found is None else [Call(name, [out, y, *found[1]], found[0])]


def _shape(x: Sequence[int], key: Key, indices: Sequence[Array]) -> tuple[int, ...] | None:
    """That of what a key of indices side by side picks."""
    holes = [i for i, part in enumerate(key) if part is HOLE]
    if not holes or holes[-1] - holes[0] >= len(holes):
        return None
    between = np.broadcast_shapes(*(k.shape for k in indices))
    return (*x[: holes[0]], *between, *x[holes[-1] + 1 :])
