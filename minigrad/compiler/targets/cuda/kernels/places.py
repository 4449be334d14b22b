"""Where the numbers of an array lie, as C, and copies that lay them out anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from minigrad.compiler.targets.cuda.kernels.sources import kernel
from minigrad.compiler.targets.cuda.kernels.tail import Tail, args, stored
from minigrad.compiler.targets.cuda.launch import Launch, Work
from minigrad.device import Array

Scratch: TypeAlias = Callable[[tuple[int, ...], Any], Array]
"""Gives memory for one instruction: an array of a shape and type, holding anything."""

BLOCK = 256
"""Threads of a block where nothing else is said."""
BLOCKS = 1056
"""Up to so many blocks are asked for: 8 on each of the 132 multiprocessors of an H100. Threads of a
larger job do several numbers each, in strides of the grid."""
TYPES = {"f": "float", "d": "double", "?": "uint8_t", "B": "uint8_t", "i": "int32_t"}
TYPES |= dict.fromkeys("lq", "int64_t")
"""C's word for the types that kernels serve, by NumPy's letter."""


def word(x: Array) -> str:
    """C's word for the type of an array's numbers."""
    return TYPES[x.dtype.char]


def served(*arrays: Array) -> bool:
    """Whether all of them hold numbers of a type that kernels know, each at a whole step."""
    return all(
        x.dtype.char in TYPES and not any(step % x.dtype.itemsize for step in x.strides)
        for x in arrays
    )


def real(*arrays: Array) -> bool:
    """Whether all are of one floating type."""
    return arrays[0].dtype.char in "fd" and all(x.dtype == arrays[0].dtype for x in arrays)


def steps(x: Array) -> tuple[int, ...]:
    """From one number to the next along each dimension, in numbers."""
    return tuple(step // x.dtype.itemsize for step in x.strides)


def offset(i: str, lengths: Sequence[int], steps: Sequence[int]) -> str:
    """Where the i-th number of an array lies, counted in the order of its dimensions: an expression
    in C. All lengths are constants, so that the compiler makes multiplications of the divisions."""
    merged: list[tuple[int, int]] = []
    for n, step in zip(lengths, steps, strict=True):
        if n == 1:
            continue
        if merged and merged[-1][1] == n * step:  # one run with the dimension before
            merged[-1] = (merged[-1][0] * n, step)
        else:
            merged.append((n, step))
    terms, inner = [], 1
    for place, (n, step) in reversed(list(enumerate(merged))):
        term = f"({i})" if inner == 1 else f"({i}) / {inner}"
        if place:
            term = f"{term} % {n}"
        if step:
            terms.append(f"({term}) * {step}" if step != 1 else f"({term})")
        inner *= n
    return " + ".join(reversed(terms)) or "0"


def index(*counts: int) -> str:
    """The type to count in: 32 bits where these numbers fit, for divisions are then far faster."""
    return "int32_t" if max(counts) < 1 << 30 else "int64_t"


def reach(x: Array) -> int:
    """How far from its first number an array's farthest lies."""
    far: int = sum((n - 1) * abs(step) for n, step in zip(x.shape, steps(x), strict=True))
    return far + 1


def blocks(numbers: int, each: int = BLOCK) -> int:
    """How many blocks to launch for so many numbers."""
    return max(1, min(BLOCKS, -(-numbers // each)))


def copied(x: Array, out: Array, tail: Tail | None = None, first: int = 0) -> list[Work]:
    """out = x, broadcast, in the type of ``out``: a copy for any steps of both. A tail gets the
    numbers in its place, counted from ``first``.

    Threads go through ``out`` in the order of its dimensions, so writing is coalesced where it is
    dense; reading is from the cache where it is not.
    """
    if not out.size:
        return []
    lead = out.ndim - x.ndim
    strides = [0] * lead + [s if n > 1 else 0 for n, s in zip(x.shape, steps(x), strict=True)]
    facts = (
        ("source", word(x)),
        ("target", word(out)),
        ("real", word(out)),
        ("TRUTH", str(int(out.dtype.kind == "b"))),
        ("index", index(first + out.size, reach(x), reach(out))),
        ("COUNT", str(out.size)),
        ("FROM(i)", offset("i", out.shape, strides)),
        ("FIRST", str(0 if tail is None else first)),
        *stored(tail, place=offset("place", out.shape, steps(out))),
    )
    made = kernel("places", "COPY", facts)
    return [Launch(made, blocks(out.size), BLOCK, (x, out, *args(tail)))]


def dense(x: Array, scratch: Scratch, works: list[Work]) -> Array:
    """The array, or a copy of it that ``works`` make, in one run of memory."""
    if x.flags.c_contiguous:
        return x
    made = scratch(x.shape, x.dtype)
    works += copied(x, made)
    return made
