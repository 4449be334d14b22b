"""CUDA C for chains: a thread computes one number after the other, each loaded and stored once; and
for bundles of chains, which one kernel does side by side."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from minigrad.compiler.generated import body, nest, word
from minigrad.compiler.program import Chain, Instruction, Place, Slot
from minigrad.cuda.launch import Kernel, Launch
from minigrad.device import Array, address
from minigrad.ops.shape import clone

BLOCK = 256
"""Threads in a block."""
BLOCKS = 132 * 8
"""Blocks of a chain: so many run at once on a large GPU; they go on from there."""
SHARE = 2048
"""Numbers of a bundle that a block computes."""
NARROW = 1 << 30
"""Numbers up to which places are counted in 32 bits, which is what a GPU does at full speed."""

Table = Callable[[Array], Array]
"""Takes whole numbers of the host, gives an array of the device that holds them."""


@dataclass(frozen=True)
class _Nest:
    """A chain on its arrays: C for the number with the index ``i``, the types of its pointers, and
    whether places are counted in 64 bits. Equal chains on equal shapes are equal; where all arrays
    run on evenly, on any shapes."""

    text: str
    words: tuple[str, ...]
    wide: bool


def chain(each: Chain, arrays: Mapping[Slot, Array]) -> list[Launch]:
    """The launch that does a chain on these arrays; none where there are no numbers."""
    loops, given, size = _loops(each, arrays)
    if not size:
        return []
    number = "long long" if loops.wide else "int"
    pointers = ", ".join(f"{kind} *p{i}" for i, kind in enumerate(loops.words))
    text = (
        f'extern "C" __global__ void NAME({pointers}, long long count) {{\n'
        f"const {number} step = gridDim.x * ({number})blockDim.x;\n"
        f"for ({number} i = blockIdx.x * ({number})blockDim.x + threadIdx.x; i < count; i += step)"
        f" {{\n{loops.text}}}\n}}\n"
    )
    return [Launch(_named("chain", text), _grid(size), BLOCK, (*given, size))]


def bundle(members: Sequence[Chain], arrays: Mapping[Slot, Array], table: Table) -> list[Launch]:
    """The launches that do chains which do not depend on each other: one for all that are of sane
    size. A table tells each block which chain it works at, on which arrays, from which number on.
    """
    if len(members) == 1:
        return chain(members[0], arrays)
    launches: list[Launch] = []
    kinds: dict[_Nest, int] = {}
    rows: list[list[int]] = []
    shares: list[tuple[int, int]] = []  # the chain and the first number of each block
    for each in members:
        loops, given, size = _loops(each, arrays)
        if loops.wide:
            launches += chain(each, arrays)
            continue
        shares += [(len(rows), start) for start in range(0, size, SHARE)]
        kind = kinds.setdefault(loops, len(kinds))
        rows.append([kind, size, *map(address, given)])
    if not shares:
        return launches
    cases = "".join(_case(kind, loops) for loops, kind in kinds.items())
    text = (
        'extern "C" __global__ void NAME(const long long *table) {\n'
        "const long long *row = table + table[2 * blockIdx.x];\n"
        "const int start = (int)table[2 * blockIdx.x + 1];\n"
        f"const int rest = (int)row[1] - start, stop = start + (rest < {SHARE} ? rest : {SHARE});\n"
        f"switch ((int)row[0]) {{\n{cases}}}\n}}\n"
    )
    begins = np.cumsum([2 * len(shares), *map(len, rows)])
    words = [word for i, start in shares for word in (int(begins[i]), start)]
    words += [word for row in rows for word in row]
    args = (table(np.array(words, np.int64)),)
    return [*launches, Launch(_named("bundle", text), len(shares), BLOCK, args)]


def copies(pairs: Sequence[tuple[Array, Array]], table: Table) -> list[Launch]:
    """The launches that copy the numbers of arrays into others of the same type, all at once."""
    chains: list[Chain] = []
    arrays: dict[Slot, Array] = {}
    for out, x in pairs:
        goal, source = Slot("value", out, Place()), Slot("value", x, Place())
        chains.append(Chain((Instruction(clone, (source,), {}, goal),), frozenset()))
        arrays |= {goal: out, source: x}
    return bundle(chains, arrays, table)


def filled(out: Array, value: float) -> list[Launch]:
    """The launches that fill an array with a number."""
    goal = Slot("value", out, Place())
    one = Instruction(clone, (value,), {}, goal)
    return chain(Chain((one,), frozenset()), {goal: out})


def _grid(size: int) -> int:
    """How many blocks go through so many numbers, in strides of the grid."""
    return min(BLOCKS, -(-size // BLOCK))


def _case(kind: int, loops: _Nest) -> str:
    pointers = "".join(
        f"{word} *p{i} = ({word} *)row[{i + 2}];\n" for i, word in enumerate(loops.words)
    )
    return (
        f"case {kind}: {{\n{pointers}"
        "for (int i = start + threadIdx.x; i < stop; i += blockDim.x) {\n"
        f"{loops.text}}}\nbreak;\n}}\n"
    )


def _loops(each: Chain, arrays: Mapping[Slot, Array]) -> tuple[_Nest, list[Array], int]:
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
    return _Nest(text, words, wide), given, size


def _indices(shape: list[int], number: str) -> str:
    """The index of each loop, of the number i of all."""
    if not shape:
        return f"const {number} i0 = 0; (void)i0; (void)i;\n"
    left, parts = "i", []
    for j in range(len(shape) - 1, 0, -1):
        parts.append(f"i{j} = {left} % {shape[j]}")
        left = f"{left} / {shape[j]}"
    return f"const {number} {', '.join([*parts, f'i0 = {left}'])};\n"


def _named(kind: str, text: str) -> Kernel:
    name = f"{kind}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    return Kernel(name, text.replace("NAME", name))
