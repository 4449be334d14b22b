"""CUDA C for series: a block does all units of them for one channel.

It goes through the channel's numbers as often as a unit needs a sum over all of them first. What
there is one of in a channel is computed by its first thread; the others read it from memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from minigrad.compiler.program import Group, Instruction, Place, Slot, Unit
from minigrad.compiler.targets.cpu.generated import word
from minigrad.compiler.targets.cuda.kernels.generated import loops_of, named
from minigrad.compiler.targets.cuda.kernels.reductions import summed, threads
from minigrad.compiler.targets.cuda.launch import Launch
from minigrad.device import Array
from minigrad.ops.normalization import mean_square
from minigrad.ops.reduction import sum as total
from minigrad.ops.shape import sum_to


def sums(unit: Unit, shape: tuple[int, ...]) -> TypeGuard[Instruction]:
    """Whether it makes one number of each channel of these images."""
    x = summed_by(unit)
    return x is not None and x.shape == shape


def summed_by(unit: Unit) -> Slot | None:
    """What it sums up for each channel; None for other units. What has one number for each channel
    is its own sum."""
    if unit.kind != "op" or unit.into or len(unit.reads) != 1:
        return None
    (x,), y = unit.reads, unit.result
    if x.dtype != y.dtype or x.dtype.char not in "fd" or not (x.dense and y.dense):
        return None
    if unit.op is sum_to:
        axes = summed(x.shape, y.shape)
    elif unit.op in (total, mean_square):
        axes = [*unit.params["axis" if unit.op is total else "axes"]]
    else:
        return None
    long = [i for i, n in enumerate(x.shape) if n > 1]
    kept = [i for i in long if i not in axes]
    same = kept == long and len(long) == 1 and unit.op is not mean_square
    return x if kept == [1] or same else None


def images_of(first: Unit) -> tuple[int, ...]:
    """The shape of the images whose channels a series goes through that begins with this unit."""
    x = summed_by(first)
    return (first.parts[0].result if x is None else x).shape


@dataclass
class _Round:
    """What is done in one go through the numbers, and behind it once."""

    numbers: list[Unit] = field(default_factory=list)
    once: list[Unit] = field(default_factory=list)


def series(each: Group, arrays: Mapping[Slot, Array]) -> list[Launch] | None:
    """The launch that does a series on these arrays; None where images have gaps."""
    slots = list(dict.fromkeys(x for unit in each.computing for x in (*unit.writes, *unit.reads)))
    named_here = {x: f"a{i}" for i, x in enumerate(slots)}
    if not all(arrays[x].flags.c_contiguous for unit in each.computing for x in _even(unit)):
        return None
    shape = images_of(each.members[0])
    n, many, *size = shape
    inner = math.prod(size)
    count = n * inner
    place = f"r / {inner} * {many * inner} + channel * {inner} + r % {inner}"
    text = ""
    for stage in _rounds(each.computing, shape):
        found = [x for x in stage.numbers if sums(x, shape)]
        totals = {x: f"s{i}" for i, x in enumerate(found)}
        text += "{\n" + "".join(f"{word(x.result)} {s} = 0;\n" for x, s in totals.items())
        if stage.numbers:
            text += (
                f"for (int r = threadIdx.x; r < {count}; r += blockDim.x) {{\n"
                f"const int i = {place};\n"
            )
            text += "".join(_number(x, totals, named_here, arrays) for x in stage.numbers) + "}\n"
        text += "".join(f"{s} = mg_block_fold(mg_add(), {s});\n" for s in totals.values())
        if found or stage.once:
            text += "if (threadIdx.x == 0) {\nconst int i = channel;\n"
            for x, s in totals.items():
                mean = f" / {count}" if x.op is mean_square else ""
                text += f"{named_here[x.result]}[i] = {s}{mean};\n"
            text += "".join(_number(x, {}, named_here, arrays) for x in stage.once)
            text += "}\n__syncthreads();\n"
        text += "}\n"
    written = set(each.writes)
    even = {x for unit in each.computing for x in _even(unit)}
    pointers = ", ".join(
        f"{'' if x in written else 'const '}{word(x)} *{a} {_way(x, even)}"
        for x, a in named_here.items()
    )
    whole = (
        f'extern "C" __global__ void NAME({pointers}) {{\n'
        f"const int channel = blockIdx.x;\n{text}}}\n"
    )
    args = tuple(arrays[x] for x in slots)
    return [Launch(named("series", whole), many, threads(count), args)]


def _even(unit: Unit) -> list[Slot]:
    """What a unit counts on to lie without gaps."""
    return [*unit.reads, *unit.writes] if unit.kind == "op" else unit.writes


def _way(x: Slot, even: set[Slot]) -> str:
    """How the kernel goes through it, in prelude.h's words."""
    return f"MG_DENSE({math.prod(x.shape)})" if x in even else "MG_STRIDED"


def _rounds(units: Sequence[Unit], shape: tuple[int, ...]) -> list[_Round]:
    """As few as can be."""
    rounds = [_Round()]
    for unit in units:
        last = rounds[-1]
        if not (sums(unit, shape) or unit.parts[0].result.shape == shape):
            last.once.append(unit)
            continue
        behind = [*last.once, *(x for x in last.numbers if sums(x, shape))]
        made, seen = _places(behind, writes=True), _places(last.once, writes=False)
        mine = {x.place for x in (*unit.reads, *unit.writes)}
        if mine & made or {x.place for x in unit.writes} & seen:
            rounds.append(_Round())
        rounds[-1].numbers.append(unit)
    return rounds


def _places(units: Sequence[Unit], writes: bool) -> set[Place]:
    return {x.place for unit in units for x in (unit.writes if writes else unit.reads)}


def _number(
    unit: Unit,
    totals: Mapping[Instruction, str],
    pointers: Mapping[Slot, str],
    arrays: Mapping[Slot, Array],
) -> str:
    """What a unit does with the number with the index i."""
    if unit.kind != "op":
        loops, _, _ = loops_of(unit, arrays)
        own = list(dict.fromkeys([*unit.writes, *unit.reads]))
        given = zip(loops.words, own, strict=True)
        named_there = "".join(
            f"{kind} *p{j} = {pointers[x]};\n" for j, (kind, x) in enumerate(given)
        )
        return f"{{\n{named_there}{loops.text}}}\n"
    (x,) = unit.reads
    if unit not in totals:  # it has one number in each channel
        return f"{pointers[unit.result]}[i] = {pointers[x]}[i];\n"
    v = f"{pointers[x]}[i]"
    return f"{totals[unit]} += {f'{v} * {v}' if unit.op is mean_square else v};\n"
