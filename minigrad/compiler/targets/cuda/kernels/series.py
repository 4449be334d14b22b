"""CUDA C for series: a block does all steps of them for one channel.

It goes through the channel's numbers as often as a step needs a sum over all of them first. What
there is one of in a channel is computed by its first thread; the others read it from memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from minigrad.compiler.program import Chain, Instruction, Place, Series, Slot, Step
from minigrad.compiler.targets.cpu.generated import word
from minigrad.compiler.targets.cuda.kernels.generated import loops_of, named
from minigrad.compiler.targets.cuda.kernels.reductions import summed, threads
from minigrad.compiler.targets.cuda.launch import Launch
from minigrad.device import Array
from minigrad.ops.normalization import mean_square
from minigrad.ops.reduction import sum as total
from minigrad.ops.shape import sum_to

Member = Instruction | Chain


def sums(step: Step, shape: tuple[int, ...]) -> TypeGuard[Instruction]:
    """Whether it makes one number of each channel of these images."""
    x = summed_by(step)
    return x is not None and x.shape == shape


def summed_by(step: Step) -> Slot | None:
    """What it sums up for each channel; None for other steps. What has one number for each channel
    is its own sum."""
    if not isinstance(step, Instruction) or step.into or len(step.reads) != 1:
        return None
    (x,), y = step.reads, step.result
    if x.dtype != y.dtype or x.dtype.char not in "fd" or not (x.dense and y.dense):
        return None
    if step.op is sum_to:
        axes = summed(x.shape, y.shape)
    elif step.op in (total, mean_square):
        axes = [*step.params["axis" if step.op is total else "axes"]]
    else:
        return None
    long = [i for i, n in enumerate(x.shape) if n > 1]
    kept = [i for i in long if i not in axes]
    same = kept == long and len(long) == 1 and step.op is not mean_square
    return x if kept == [1] or same else None


@dataclass
class _Round:
    """What is done in one go through the numbers, and behind it once."""

    numbers: list[Member] = field(default_factory=list)
    once: list[Member] = field(default_factory=list)


def series(each: Series, arrays: Mapping[Slot, Array]) -> list[Launch] | None:
    """The launch that does a series on these arrays; None where images have gaps."""
    slots = list(dict.fromkeys([*each.writes, *each.reads]))
    named_here = {x: f"a{i}" for i, x in enumerate(slots)}
    if not all(arrays[x].flags.c_contiguous for step in each.steps for x in _even(step)):
        return None
    n, many, *size = each.shape
    inner = math.prod(size)
    count = n * inner
    place = f"r / {inner} * {many * inner} + channel * {inner} + r % {inner}"
    text = ""
    for stage in _rounds(each):
        found = [x for x in stage.numbers if sums(x, each.shape)]
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
    even = {x for step in each.steps for x in _even(step)}
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


def _even(step: Member) -> list[Slot]:
    """What a step counts on to lie without gaps."""
    return step.writes if isinstance(step, Chain) else [*step.reads, step.result]


def _way(x: Slot, even: set[Slot]) -> str:
    """How the kernel goes through it, in prelude.h's words."""
    return f"MG_DENSE({math.prod(x.shape)})" if x in even else "MG_STRIDED"


def _rounds(each: Series) -> list[_Round]:
    """As few as can be."""
    rounds = [_Round()]
    for step in each.steps:
        last = rounds[-1]
        if not (sums(step, each.shape) or step.parts[0].result.shape == each.shape):
            last.once.append(step)
            continue
        behind = [*last.once, *(x for x in last.numbers if sums(x, each.shape))]
        made, seen = _places(behind, writes=True), _places(last.once, writes=False)
        mine = {x.place for x in (*step.reads, *step.writes)}
        if mine & made or {x.place for x in step.writes} & seen:
            rounds.append(_Round())
        rounds[-1].numbers.append(step)
    return rounds


def _places(steps: Sequence[Member], writes: bool) -> set[Place]:
    return {x.place for step in steps for x in (step.writes if writes else step.reads)}


def _number(
    step: Member,
    totals: Mapping[Instruction, str],
    pointers: Mapping[Slot, str],
    arrays: Mapping[Slot, Array],
) -> str:
    """What a step does with the number with the index i."""
    if isinstance(step, Chain):
        loops, _, _ = loops_of(step, arrays)
        own = list(dict.fromkeys([*step.writes, *step.reads]))
        given = zip(loops.words, own, strict=True)
        named_there = "".join(
            f"{kind} *p{j} = {pointers[x]};\n" for j, (kind, x) in enumerate(given)
        )
        return f"{{\n{named_there}{loops.text}}}\n"
    (x,) = step.reads
    if step not in totals:  # it has one number in each channel
        return f"{pointers[step.result]}[i] = {pointers[x]}[i];\n"
    v = f"{pointers[x]}[i]"
    return f"{totals[step]} += {f'{v} * {v}' if step.op is mean_square else v};\n"
