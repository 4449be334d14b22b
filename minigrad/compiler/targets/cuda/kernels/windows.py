"""Windows over images: reduced to a number each, and spread again."""

from __future__ import annotations

import math
from collections.abc import Sequence

from minigrad.compiler.targets.cuda.kernels.places import (
    BLOCK,
    Scratch,
    blocks,
    dense,
    index,
    real,
    word,
)
from minigrad.compiler.targets.cuda.kernels.registry import lowers, lowers_pair
from minigrad.compiler.targets.cuda.kernels.sources import Facts, kernel
from minigrad.compiler.targets.cuda.kernels.tail import Tail, args, stored
from minigrad.compiler.targets.cuda.launch import Launch, Work
from minigrad.device import Array
from minigrad.ops import pooling as ops
from minigrad.ops.patches import Sizes, Window


def geometry(size: Sizes, places: Sizes, window: Window) -> Facts | None:
    """The constants that kernels of windows know; None for other than one or two dimensions. An
    image of one dimension is one of a single row."""
    if len(size) > 2 or 0 in (*size, *places):
        return None
    first = [before for before, _ in window.padding]
    pairs: list[tuple[str, str, Sequence[int], int]] = [
        ("H", "W", size, 1),
        ("OH", "OW", places, 1),
        ("KH", "KW", window.kernel, 1),
        ("SH", "SW", window.stride, 1),
        ("DH", "DW", window.dilation, 1),
        ("PT", "PL", first, 0),
    ]
    facts: Facts = ()
    for top, left, numbers, alone in pairs:
        high, wide = (alone, *numbers) if len(numbers) == 1 else numbers
        facts += ((top, str(high)), (left, str(wide)))
    return facts


@lowers(ops.window_max, tail=True)
def _max(
    out: Array, scratch: Scratch, x: Array, *, window: Window, tail: Tail | None = None
) -> list[Work] | None:
    return _work("WINDOW_MAX", [x], x.shape, window, [out], scratch, tail)


@lowers(ops.window_argmax)
def _argmax(out: Array, scratch: Scratch, x: Array, *, window: Window) -> list[Work] | None:
    return _work("WINDOW_ARGMAX", [x], x.shape, window, [out], scratch)


@lowers_pair(ops.window_max, ops.window_argmax)
def max_and_argmax(
    best: Array,
    place: Array,
    scratch: Scratch,
    x: Array,
    *,
    window: Window,
    tail: Tail | None = None,
) -> list[Work] | None:
    """By one launch; a tail goes on with the former."""
    return _work("WINDOW_TOP", [x], x.shape, window, [best, place], scratch, tail)


@lowers(ops.window_sum, tail=True)
def _sum(
    out: Array, scratch: Scratch, x: Array, *, window: Window, tail: Tail | None = None
) -> list[Work] | None:
    return _work("WINDOW_SUM", [x], x.shape, window, [out], scratch, tail)


@lowers(ops.window_pick)
def _pick(
    out: Array, scratch: Scratch, x: Array, spot: Array, *, window: Window
) -> list[Work] | None:
    return _work("WINDOW_PICK", [x, spot], x.shape, window, [out], scratch)


@lowers(ops.window_drop, tail=True)
def _drop(
    out: Array,
    scratch: Scratch,
    y: Array,
    spot: Array,
    *,
    window: Window,
    size: Sizes,
    tail: Tail | None = None,
) -> list[Work] | None:
    return _work("WINDOW_DROP", [y, spot], out.shape, window, [out], scratch, tail)


@lowers(ops.window_spread, tail=True)
def _spread(
    out: Array,
    scratch: Scratch,
    y: Array,
    *,
    window: Window,
    size: Sizes,
    tail: Tail | None = None,
) -> list[Work] | None:
    return _work("WINDOW_SPREAD", [y], out.shape, window, [out], scratch, tail)


def _work(
    name: str,
    operands: list[Array],
    image: Sizes,
    window: Window,
    outs: list[Array],
    scratch: Scratch,
    tail: Tail | None = None,
) -> list[Work] | None:
    """The kernel of that name: operands are images, results or places of images of that shape."""
    numbers = operands[0]
    places = window.places(image[2:])
    facts = geometry(image[2:], places, window)
    if facts is None or not numbers.size or not all(x.flags.c_contiguous for x in outs):
        return None
    others = [x for x in (*operands, *outs) if x.dtype != numbers.dtype]
    if not real(numbers) or any(x.dtype.kind not in "iu" for x in others):
        return None
    works: list[Work] = []
    arrays = [dense(x, scratch, works) for x in operands]
    largest = image[0] * image[1] * max(math.prod(image[2:]), math.prod(places))
    facts = (
        ("real", word(numbers)),
        ("spot", word(others[0]) if others else "uint8_t"),
        ("index", index(2 * largest)),
        ("PLANES", str(image[0] * image[1])),
        *facts,
        *stored(tail, "x" if name in ("WINDOW_DROP", "WINDOW_SPREAD") else "y"),
    )
    made = kernel("windows", name, facts)
    return [*works, Launch(made, blocks(outs[0].size), BLOCK, (*arrays, *outs, *args(tail)))]
