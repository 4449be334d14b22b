"""Reductions as calls of kernels, over any dimensions of arrays that lie in any order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from minigrad.compiler.program import Instruction
from minigrad.compiler.targets.cpu.lowered import lowers, merged, padded, steps_of, whole
from minigrad.device import Array
from minigrad.native.hook import dense
from minigrad.native.library import Call
from minigrad.ops.axes import around
from minigrad.ops.reduction import amax, amin, vector_norm
from minigrad.ops.reduction import sum as sum_op
from minigrad.ops.shape import sum_to

SUM, NORM, LARGEST, SMALLEST = range(4)
LOOPS = 3
"""Of the kernel, over what is kept, and over what is folded."""


def folded(what: int, x: Array, axes: Collection[int], out: Array) -> Sequence[Call] | None:
    """What is folded over these dimensions of x, with the others in out, those of length 1 left out
    or not."""
    if x.dtype.char not in "fd" or out.dtype != x.dtype or not x.size:
        return None
    if not (whole(x) and whole(out)):
        return None
    own = [step for n, step in zip(out.shape, steps_of(out), strict=True) if n > 1]
    steps = steps_of(x)
    kept = [i for i, n in enumerate(x.shape) if n > 1 and i not in axes]
    if len(own) != len(kept):
        return None
    to = dict(zip(kept, own, strict=True))
    order = sorted(kept, key=lambda i: -abs(steps[i]))
    shape, (of, own) = merged(
        [x.shape[i] for i in order], ([steps[i] for i in order], [to[i] for i in order])
    )
    order = sorted((i for i in axes if x.shape[i] > 1), key=lambda i: -abs(steps[i]))
    less, (by,) = merged([x.shape[i] for i in order], ([steps[i] for i in order],))
    if len(shape) > LOOPS or len(less) > LOOPS:
        return None
    parts = ((shape, 1), (less, 1), (of, 0), (by, 0), (own, 0))
    ints = [n for each, filling in parts for n in padded(each, LOOPS, filling)]
    return [Call("fold", [out, x], [what, *ints])]


@lowers(sum_op)
def _sum(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    return _added(given[0], each.params["axis"], out)


@lowers(sum_to)
def _sum_to(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    x, shape = given[0], each.params["shape"]
    lead = x.ndim - len(shape)
    inner = [i for i, n in enumerate(shape, lead) if n == 1]
    return _added(x, (*range(lead), *inner), out)


def _added(x: Array, axes: Collection[int], out: Array) -> Sequence[Call] | None:
    """The kernel of sums where it serves: it shares one long sum among threads."""
    order = sorted(range(x.ndim), key=lambda i: -x.strides[i])
    run = x.transpose(order)
    if dense(run) and dense(out):
        facts = around(run, [order.index(i) for i in axes])
        kept = [i for i in order if x.shape[i] > 1 and i not in axes]
        if facts is not None and kept == sorted(kept) and out.dtype == x.dtype:
            return [Call("sum", [out, run], facts)]
    return folded(SUM, x, axes, out)


@lowers(amax)
def _amax(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    return folded(LARGEST, given[0], each.params["axis"], out)


@lowers(amin)
def _amin(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    return folded(SMALLEST, given[0], each.params["axis"], out)


@lowers(vector_norm)
def _norm(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    return folded(NORM, given[0], each.params["axis"], out) if each.params["p"] == 2 else None
