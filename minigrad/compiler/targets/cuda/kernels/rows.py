"""Softmax, its logarithm and its derivative: what is done along one dimension."""

from __future__ import annotations

import math

from minigrad.compiler.targets.cuda.kernels.places import (
    BLOCK,
    Scratch,
    blocks,
    dense,
    index,
    real,
    word,
)
from minigrad.compiler.targets.cuda.kernels.reductions import WARP
from minigrad.compiler.targets.cuda.kernels.registry import lowers
from minigrad.compiler.targets.cuda.kernels.sources import kernel
from minigrad.compiler.targets.cuda.launch import Launch, Work
from minigrad.device import Array
from minigrad.ops.softmax import floor_of, log_softmax, softmax, softmax_back

SHORT = 32
"""Rows of up to so many numbers are done by a thread each."""


def along(
    name: str,
    operands: list[Array],
    dim: int,
    out: Array,
    scratch: Scratch,
    *more: tuple[str, str],
) -> list[Work] | None:
    """SOFTMAX or SOFTMAX_BACK along ``dim``."""
    x = operands[0]
    if not real(*operands, out) or not x.size or not out.flags.c_contiguous:
        return None
    if any(each.shape != x.shape for each in operands):
        return None
    dim %= max(x.ndim, 1)
    works: list[Work] = []
    arrays = [dense(each, scratch, works) for each in operands]
    count, inner = (x.shape or (1,))[dim], math.prod(x.shape[dim + 1 :])
    lanes = WARP if inner == 1 and count > SHORT else 1
    facts = (
        ("real", word(x)),
        ("index", index(2 * x.size, lanes * x.size // count)),
        ("ROWS", str(x.size // count)),
        ("COUNT", str(count)),
        ("INNER", str(inner)),
        ("LANES", str(lanes)),
        *more,
    )
    grid = blocks(x.size // count * lanes)
    return [*works, Launch(kernel("rows", name, facts), grid, BLOCK, (*arrays, out))]


@lowers(softmax)
def _softmax(out: Array, scratch: Scratch, x: Array, *, dim: int) -> list[Work] | None:
    return along("SOFTMAX", [x], dim, out, scratch, ("LOGARITHM", "0"))


@lowers(log_softmax)
def _log_softmax(out: Array, scratch: Scratch, x: Array, *, dim: int) -> list[Work] | None:
    return along("SOFTMAX", [x], dim, out, scratch, ("LOGARITHM", "1"))


@lowers(softmax_back)
def _softmax_back(
    out: Array, scratch: Scratch, c: Array, p: Array, *, dim: int
) -> list[Work] | None:
    if not real(c, p):
        return None
    least = ("LEAST", f"((real){floor_of(p.dtype).hex()})")
    return along("SOFTMAX_BACK", [c, p], dim, out, scratch, least)
