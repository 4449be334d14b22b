"""Many numbers become one: which kernel, with how many blocks, and whether in two launches."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.compiler.targets.cuda.kernels.places import (
    BLOCK,
    Scratch,
    index,
    offset,
    reach,
    served,
    steps,
    word,
)
from minigrad.compiler.targets.cuda.kernels.registry import lowers
from minigrad.compiler.targets.cuda.kernels.sources import Facts, kernel
from minigrad.compiler.targets.cuda.kernels.tail import Tail, args, stored
from minigrad.compiler.targets.cuda.launch import Kernel, Launch, Work
from minigrad.compiler.targets.cuda.tuning import limits
from minigrad.device import Array
from minigrad.ops import reduction as ops
from minigrad.ops.normalization import mean_square
from minigrad.ops.shape import sum_to

WARP = 32


@dataclass(frozen=True)
class Fold:
    """How two numbers become one.

    Attributes:
        combine: a struct of prelude.h.
        start: what changes nothing, in C.
        map, finish: what is done to each number and to the result; ``v`` and ``s`` stand for them.
    """

    combine: str = "mg_add"
    start: str = "0"
    map: str = "v"
    finish: str = "s"


SUM = Fold()


def fold(
    how: Fold,
    x: Array,
    axes: Collection[int],
    out: Array,
    scratch: Scratch,
    total: str = "",
    tail: Tail | None = None,
) -> list[Work] | None:
    """out = the numbers of x over ``axes`` folded, for any steps of x and ``out``; ``out`` has as
    many numbers as the kept axes, in their order. ``total`` is C's word for the type it is done in,
    by default that of x. With a tail ``out`` only says which type the results have."""
    if not served(x, out) or not x.size:
        return None
    total = total or word(x)
    kept = [i for i in range(x.ndim) if i not in axes]
    count, results = math.prod(x.shape[i] for i in axes), math.prod(x.shape[i] for i in kept)
    columns = _columns(x, axes, kept, results, count)
    groups = min(BLOCK // WARP, _power(count)) if columns else 1
    tiles = -(-results // WARP) if columns else results
    split = _split(tiles, count, groups * 64 if columns else limits().long)
    chunk = -(-count // split)
    split = -(-count // chunk)
    partial = scratch((results, split), _dtype(total)) if split > 1 else out
    facts = (
        ("source", word(x)),
        ("real", word(out)),
        ("target", total if split > 1 else word(out)),
        ("total", total),
        ("combine", how.combine),
        ("START", how.start),
        ("MAP(v)", how.map),
        ("FINISH(s)", how.finish if split == 1 else "s"),
        ("index", index(x.size, reach(x), reach(out))),
        ("COUNT", str(count)),
        ("CHUNK", str(chunk)),
        ("SPLIT", str(split)),
        ("RESULTS", str(results)),
        ("GROUPS", str(groups)),
        *_places(x, axes, kept),
        *(stored(None) if split > 1 else stored(tail, place=_place(out))),
    )
    name = "FOLD_COLUMNS" if columns else "FOLD_ROWS"
    block = WARP * groups if columns else threads(chunk)
    more = args(tail) if split == 1 else ()
    made = kernel("reductions", name, facts)
    works: list[Work] = [Launch(made, tiles * split, block, (x, partial, *more))]
    if split > 1:
        rest = Fold(how.combine, how.start, "v", how.finish)
        second = fold(rest, partial, (1,), out, scratch, "", tail)
        assert second is not None  # it is dense and of a type that was served
        works += second
    return works


def _find(x: Array, axis: int, out: Array, above: str) -> list[Work] | None:
    """out = the first place along ``axis`` of the number that is ``above`` (">" or "<") all
    others."""
    if not served(x, out) or not x.size or out.dtype != np.int64:
        return None
    kept = [i for i in range(x.ndim) if i != axis]
    facts = (
        ("source", word(x)),
        ("index", index(x.size, reach(x), reach(out))),
        ("COUNT", str(x.shape[axis])),
        ("ABOVE(a, b)", f"a {above} b"),
        *_places(x, (axis,), kept),
        ("OUT(o)", _place(out, "o")),
    )
    made: Kernel = kernel("reductions", "FIND", facts)
    return [Launch(made, x.size // x.shape[axis], threads(x.shape[axis]), (x, out))]


def _places(x: Array, axes: Collection[int], kept: Collection[int]) -> Facts:
    """Where the operands of a fold lie."""
    step, inner = steps(x), sorted(axes)
    return (
        ("KEPT(o)", offset("o", [x.shape[i] for i in kept], [step[i] for i in kept])),
        ("REDUCED(r)", offset("r", [x.shape[i] for i in inner], [step[i] for i in inner])),
    )


def _place(out: Array, number: str = "place") -> str:
    """Where a result lies."""
    return offset(number, out.shape, steps(out))


def _columns(
    x: Array, axes: Collection[int], kept: Collection[int], results: int, count: int
) -> bool:
    """Whether neighbours in memory belong to different results, of which there are many, or there
    is little to sum for each."""
    step = steps(x)
    inside = min((abs(step[i]) for i in axes if x.shape[i] > 1), default=1 << 62)
    between = min((abs(step[i]) for i in kept if x.shape[i] > 1), default=1 << 62)
    return results > 1 and (count < WARP or (between < inside and results >= WARP // 2))


def _split(tiles: int, count: int, long: int) -> int:
    """Into how many parts a sum is cut: none as long as one part is short or the GPU is busy."""
    enough = limits().enough
    if count <= long or tiles >= enough:
        return 1
    return min(-(-enough // tiles), -(-count * 4 // long))


def threads(count: int) -> int:
    """A block for so many numbers: whole warps, a power of two of them."""
    return min(BLOCK, max(WARP, _power(count)))


def _power(n: int) -> int:
    """The least power of two that is at least n."""
    return 1 << max(0, n - 1).bit_length()


def _dtype(total: str) -> np.dtype[Any]:
    return np.dtype({"float": "f", "double": "d"}.get(total, "q"))


def _extreme(x: Array, largest: bool) -> Fold:
    """The fold for the largest or the smallest number of x."""
    if x.dtype.kind == "f":
        start = "-INFINITY" if largest else "INFINITY"
    else:
        facts = np.iinfo(np.uint8 if x.dtype.kind == "b" else x.dtype)
        start = f"({facts.min + 1}ll - 1)" if largest else f"{facts.max}ll"
    return Fold("mg_max" if largest else "mg_min", f"({word(x)})({start})")


def summed(whole: tuple[int, ...], shape: tuple[int, ...]) -> list[int]:
    """Over which dimensions of ``whole`` a sum to that shape goes."""
    lead = len(whole) - len(shape)
    inner = [i for i, n in enumerate(shape, lead) if n == 1 and whole[i] != 1]
    return [*range(lead), *inner]


Axis = tuple[int, ...]


@lowers(ops.sum, tail=True)
def _sum(
    out: Array,
    scratch: Scratch,
    x: Array,
    *,
    axis: Axis,
    keepdim: bool = False,
    tail: Tail | None = None,
) -> list[Work] | None:
    return fold(SUM, x, axis, out, scratch, word(out), tail)


@lowers(sum_to, tail=True)
def _sum_to(
    out: Array, scratch: Scratch, x: Array, *, shape: Axis, tail: Tail | None = None
) -> list[Work] | None:
    return fold(SUM, x, summed(x.shape, shape), out, scratch, tail=tail)


@lowers(mean_square, tail=True)
def _mean_square(
    out: Array, scratch: Scratch, x: Array, *, axes: Axis, tail: Tail | None = None
) -> list[Work] | None:
    how = Fold(map="v * v", finish=f"s / {math.prod(x.shape[i] for i in axes)}")
    return fold(how, x, axes, out, scratch, tail=tail)


@lowers(ops.prod)
def _prod(
    out: Array, scratch: Scratch, x: Array, *, axis: int, keepdim: bool = False
) -> list[Work] | None:
    return fold(Fold("mg_mul", "1"), x, (axis,), out, scratch, word(out))


@lowers(ops.all)
def _all(
    out: Array, scratch: Scratch, x: Array, *, axis: Axis, keepdim: bool = False
) -> list[Work] | None:
    return fold(Fold("mg_min", "1", "v != 0"), x, axis, out, scratch, "int64_t")


@lowers(ops.any)
def _any(
    out: Array, scratch: Scratch, x: Array, *, axis: Axis, keepdim: bool = False
) -> list[Work] | None:
    return fold(Fold("mg_max", "0", "v != 0"), x, axis, out, scratch, "int64_t")


@lowers(ops.amax)
def _amax(
    out: Array, scratch: Scratch, x: Array, *, axis: Axis, keepdim: bool = False, nan: bool = False
) -> list[Work] | None:
    return fold(_extreme(x, largest=True), x, axis, out, scratch)


@lowers(ops.amin)
def _amin(
    out: Array, scratch: Scratch, x: Array, *, axis: Axis, keepdim: bool = False, nan: bool = False
) -> list[Work] | None:
    return fold(_extreme(x, largest=False), x, axis, out, scratch)


@lowers(ops.argmax)
def _argmax(
    out: Array, scratch: Scratch, x: Array, *, axis: int, keepdim: bool = False
) -> list[Work] | None:
    return _find(x, axis, out, ">")


@lowers(ops.argmin)
def _argmin(
    out: Array, scratch: Scratch, x: Array, *, axis: int, keepdim: bool = False
) -> list[Work] | None:
    return _find(x, axis, out, "<")


@lowers(ops.vector_norm)
def _norm(
    out: Array, scratch: Scratch, x: Array, *, p: float, axis: Axis, keepdim: bool = False
) -> list[Work] | None:
    """For those p that need no power."""
    how = {
        2: Fold(map="v * v", finish="mg_sqrt(s)"),
        1: Fold(map="mg_abs(v)"),
        0: Fold(map="v != 0"),
        math.inf: Fold("mg_max", "0", "mg_abs(v)"),
        -math.inf: Fold("mg_min", "INFINITY", "mg_abs(v)"),
    }.get(p)
    return None if how is None or x.dtype.kind != "f" else fold(how, x, axis, out, scratch)
