"""Ops that only move numbers, as calls of kernels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from minigrad.compiler.program import Instruction
from minigrad.compiler.targets.cpu.lowered import as_floats, lowers, merged, padded, steps_of, whole
from minigrad.device import Array
from minigrad.native.hook import dense
from minigrad.native.library import Call
from minigrad.ops.diagonal import tril, triu, undiagonal
from minigrad.ops.indexing import unslice
from minigrad.ops.padding import narrowed, pad, within
from minigrad.ops.shape import cat, flip, reshape, roll

LOOPS = 6
"""That the kernel has."""


def move(out: Array, x: Array) -> list[Call] | None:
    """out = x, of one shape and type, wherever their numbers lie."""
    if not out.size:
        return []
    if x.dtype != out.dtype or not (whole(x) and whole(out)):
        return None
    y, given = as_floats(out), as_floats(x)
    if y is None or given is None:
        return None
    to, of = steps_of(y), steps_of(given)
    order = sorted(range(y.ndim), key=lambda i: -abs(to[i]))
    shape, (to, of) = merged(
        [y.shape[i] for i in order], ([to[i] for i in order], [of[i] for i in order])
    )
    if len(shape) > LOOPS:
        return None
    if shape and of[-1] not in (0, 1) and 1 in of:  # side by side in x: the last loop but one
        at = of.index(1)
        for each in (shape, to, of):
            each.insert(-1, each.pop(at))
    ints = (padded(shape, LOOPS, 1), padded(to, LOOPS, 0), padded(of, LOOPS, 0))
    return [Call("move", [y, given], [n for each in ints for n in each])]


def part_of(x: Array, key: tuple[Any, ...]) -> Array:
    """The view at that key: without dimensions, too, where NumPy gives a number in place of one."""
    return x[(*key, Ellipsis)]


def filled(out: Array, value: float = 0.0) -> list[Call] | None:
    """out = a number, for floats, or 0, for an array that is one run of memory in some order of its
    dimensions."""
    run = out.transpose(sorted(range(out.ndim), key=lambda i: -out.strides[i]))
    y = as_floats(run)
    if y is None or not y.flags.c_contiguous or (value and out.dtype.kind != "f"):
        return None
    return [Call("fill", [y], [y.size], [float(value)])]


def together(parts: Iterator[list[Call] | None]) -> list[Call] | None:
    """The calls of all parts; None where one has none."""
    found: list[Call] = []
    for part in parts:
        if part is None:
            return None
        found += part
    return found


@lowers(cat)
def _cat(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    dim = each.params["dim"]

    def parts() -> Iterator[list[Call] | None]:
        start = 0
        for x in given:
            stop = start + x.shape[dim]
            yield move(out[(np.s_[:],) * dim + (np.s_[start:stop],)], x)
            start = stop

    return together(parts())


@lowers(unslice)
def _unslice(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    part = out[(*each.params["key"], Ellipsis)]
    return together(iter(([] if part.size == out.size else filled(out), move(part, given[0]))))


@lowers(pad)
def _pad(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    x, widths, value = given[0], each.params["widths"], each.params["value"]
    part, rest = (
        part_of(out, within(widths, out.shape)),
        part_of(x, within(narrowed(widths), x.shape)),
    )
    return together(iter(([] if part.size == out.size else filled(out, value), move(part, rest))))


@lowers(undiagonal)
def _undiagonal(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    offset, dims = each.params["offset"], (each.params["dim1"], each.params["dim2"])
    return together(iter((filled(out), move(np.diagonal(out, offset, *dims), given[0]))))


@lowers(tril, triu)
def _band(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    y, x = as_floats(out), as_floats(given[0])
    if x is None or y is None or not (dense(x) and dense(y)) or not y.size:
        return None
    m, n = y.shape[-2:]
    at = each.params["diagonal"]
    ends = (-m, at) if each.op is tril else (at, n)
    return [Call("band", [y, x], [y.size // (m * n), m, n, *ends])]


@lowers(reshape)
def _reshape(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    x = given[0]
    return move(out.reshape(x.shape), x) if out.flags.c_contiguous else None


@lowers(flip)
def _flip(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    x, dims = given[0], each.params["dims"]
    turned = dims if isinstance(dims, tuple) else range(x.ndim) if dims is None else (dims,)
    dims = {i % x.ndim for i in turned} if x.ndim else set()
    return move(out, part_of(x, tuple(np.s_[:: -1 if i in dims else 1] for i in range(x.ndim))))


@lowers(roll)
def _roll(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    x, dims, shifts = given[0], each.params["dims"], each.params["shifts"]
    if dims is None or len(set(dims)) < len(dims) or not x.size:
        return None
    moved: list[Any] = [[(np.s_[:], np.s_[:])]] * x.ndim
    for dim, shift in zip(dims, shifts, strict=True):
        n = x.shape[dim]
        far = shift % n
        moved[dim] = [(np.s_[far:], np.s_[: n - far]), (np.s_[:far], np.s_[n - far :])]
    pieces = (tuple(zip(*piece, strict=True)) for piece in product(*moved))
    return together(move(part_of(out, to), part_of(x, of)) for to, of in pieces)
