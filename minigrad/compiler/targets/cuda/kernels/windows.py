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
from minigrad.compiler.targets.cuda.kernels.sources import Facts, kernel
from minigrad.compiler.targets.cuda.kernels.tail import Tail, args, stored
from minigrad.compiler.targets.cuda.launch import Launch, Work
from minigrad.device import Array
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


def reduced(
    name: str, x: Array, window: Window, out: Array, scratch: Scratch, tail: Tail | None = None
) -> list[Work] | None:
    """WINDOW_MAX, WINDOW_SUM or WINDOW_ARGMAX of images."""
    return _work(name, [x], x.shape, window, [out], scratch, tail)


def reduced_twice(
    x: Array,
    window: Window,
    best: Array,
    place: Array,
    scratch: Scratch,
    tail: Tail | None = None,
) -> list[Work] | None:
    """WINDOW_MAX into ``best`` and WINDOW_ARGMAX into ``place``, by one launch."""
    return _work("WINDOW_TOP", [x], x.shape, window, [best, place], scratch, tail)


def picked(
    x: Array, spot: Array, window: Window, out: Array, scratch: Scratch
) -> list[Work] | None:
    """WINDOW_PICK of images."""
    return _work("WINDOW_PICK", [x, spot], x.shape, window, [out], scratch, None)


def spread(
    name: str,
    operands: list[Array],
    window: Window,
    out: Array,
    scratch: Scratch,
    tail: Tail | None = None,
) -> list[Work] | None:
    """WINDOW_DROP or WINDOW_SPREAD into images."""
    return _work(name, operands, out.shape, window, [out], scratch, tail)


def _work(
    name: str,
    operands: list[Array],
    image: Sizes,
    window: Window,
    outs: list[Array],
    scratch: Scratch,
    tail: Tail | None,
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
