"""CUDA C for chains: a thread computes one number after the other, each loaded and stored once."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from minigrad.compiler.program import Instruction, Place, Slot, Unit
from minigrad.compiler.targets.cpu.generated import body, nest, word
from minigrad.compiler.targets.cuda.kernels.tail import Tail
from minigrad.compiler.targets.cuda.launch import Kernel, Launch
from minigrad.device import Array
from minigrad.ops.shape import clone

BLOCK = 256
"""Threads in a block."""
BLOCKS = 132 * 8
"""Blocks of a chain: so many run at once on a large GPU; they go on from there."""
NARROW = 1 << 30
"""Numbers up to which places are counted in 32 bits, which is what a GPU does at full speed."""


@dataclass(frozen=True)
class Nest:
    """A chain on its arrays: C for the number with the index ``i``, the types of its pointers, and
    whether places are counted in 64 bits. Equal chains on equal shapes are equal; where all arrays
    run on evenly, on any shapes."""

    text: str
    words: tuple[str, ...]
    wide: bool


def chain(each: Unit, arrays: Mapping[Slot, Array]) -> list[Launch]:
    """The launch that does a chain on these arrays; none where there are no numbers."""
    loops, given, size = loops_of(each, arrays)
    if not size:
        return []
    number = "long long" if loops.wide else "int"
    pointers = ", ".join(f"{kind} *p{i} MG_STRIDED" for i, kind in enumerate(loops.words))
    text = (
        f'extern "C" __global__ void NAME({pointers}, long long count) {{\n'
        f"const {number} step = gridDim.x * ({number})blockDim.x;\n"
        f"for ({number} i = blockIdx.x * ({number})blockDim.x + threadIdx.x; i < count; i += step)"
        f" {{\n{loops.text}}}\n}}\n"
    )
    return [Launch(named("chain", text), _grid(size), BLOCK, (*given, size))]


def tail(
    each: Unit, arrays: Mapping[Slot, Array], made: Slot, becomes: Slot | None = None
) -> Tail | None:
    """The chain as what is done with each number of ``made`` by the kernel that makes it, and that
    goes on with what ``becomes`` of it; None where places are counted in 64 bits."""
    at_hand = {  # at their place in any case
        x: np.broadcast_to(np.empty((), x.dtype), x.shape) for x in (made, becomes) if x is not None
    }
    loops, given, _ = loops_of(each, {**arrays, **at_hand})
    if loops.wide:
        return None
    slots = list(dict.fromkeys([*each.writes, *each.reads]))
    left = tuple(None if x in at_hand else y for x, y in zip(slots, given, strict=True))
    return Tail(loops.text, loops.words, left, None if becomes is None else slots.index(becomes))


def filled(out: Array, value: float) -> list[Launch]:
    """The launches that fill an array with a number."""
    goal = Slot("value", out, Place())
    one = Instruction(clone, (value,), {}, goal)
    return chain(one, {goal: out})


def _grid(size: int) -> int:
    """How many blocks go through so many numbers, in strides of the grid."""
    return min(BLOCKS, -(-size // BLOCK))


def loops_of(each: Unit, arrays: Mapping[Slot, Array]) -> tuple[Nest, list[Array], int]:
    """The chain in C, its arrays in the order of its pointers, and how many numbers it has."""
    slots = list(dict.fromkeys([*each.writes, *each.reads]))
    given = [arrays[slot] for slot in slots]
    shape, steps = nest(each, slots, arrays)
    reach = max(sum((n - 1) * abs(s) for n, s in zip(shape, mine, strict=True)) for mine in steps)
    size = math.prod(shape)
    wide = max(size, reach) >= NARROW
    told = f"// {', '.join(part.op.name for part in each.parts)}\n"
    text = told + _indices(shape, "long long" if wide else "int") + body(each, slots, steps)
    writes = each.writes
    words = tuple(f"{'' if x in writes else 'const '}{word(x)}" for x in slots)
    return Nest(text, words, wide), given, size


def _indices(shape: list[int], number: str) -> str:
    """The index of each loop, of the number i of all."""
    if not shape:
        return f"const {number} i0 = 0; (void)i0; (void)i;\n"
    left, parts = "i", []
    for j in range(len(shape) - 1, 0, -1):
        parts.append(f"i{j} = {left} % {shape[j]}")
        left = f"{left} / {shape[j]}"
    return f"const {number} {', '.join([*parts, f'i0 = {left}'])};\n"


def named(kind: str, text: str) -> Kernel:
    """The kernel of a text that has NAME in the place of its name: a hash of it."""
    name = f"{kind}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    return Kernel(name, text.replace("NAME", name))
