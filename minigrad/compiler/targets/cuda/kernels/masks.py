"""Masks of dropout, and how their position moves on."""

from __future__ import annotations

from typing import Any

from minigrad.compiler.targets.cuda.kernels.places import (
    BLOCK,
    Scratch,
    blocks,
    offset,
    served,
    steps,
    word,
)
from minigrad.compiler.targets.cuda.kernels.registry import lowers
from minigrad.compiler.targets.cuda.kernels.sources import kernel
from minigrad.compiler.targets.cuda.launch import Launch, Work
from minigrad.device import Array
from minigrad.ops.patches import Sizes
from minigrad.ops.random import advance, keep


@lowers(keep)
def kept(
    out: Array,
    scratch: Scratch | None,
    position: Array,
    *,
    shape: Sizes,
    p: float,
    scale: float,
    dtype: Any,
) -> list[Work] | None:
    """`keep`"""
    if not served(out) or not out.size or not position.flags.c_contiguous:
        return None
    facts = (
        ("real", word(out)),
        ("COUNT", str(out.size)),
        ("LIMIT", f"{round(2**32 * p)}ull"),
        ("SCALE", f"(real){float(dtype.type(scale)).hex()}"),
        ("TO(i)", offset("i", out.shape, steps(out))),
    )
    made = kernel("masks", "KEEP", facts)
    return [Launch(made, blocks(-(-out.size // 8)), BLOCK, (position, out))]


@lowers(advance)
def _advanced(out: Array, scratch: Scratch, position: Array) -> list[Work] | None:
    """`advance`"""
    if not (position.flags.c_contiguous and out.flags.c_contiguous):
        return None
    return [Launch(kernel("masks", "ADVANCE"), 1, 1, (position, out))]
