"""Windows over images: reduced to a number each, and spread again."""

from __future__ import annotations

import math
from collections.abc import Sequence

from minigrad.cuda.launch import Launch, Work
from minigrad.cuda.layout import BLOCK, Scratch, blocks, dense, index, real, word
from minigrad.cuda.sources import kernel
from minigrad.device import Array
from minigrad.ops.patches import Sizes, Window

Facts = tuple[tuple[str, str], ...]


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


def reduced(name: str, x: Array, window: Window, out: Array, scratch: Scratch) -> list[Work] | None:
    """WINDOW_MAX, WINDOW_SUM or WINDOW_ARGMAX of images."""
    return _work(name, [x], x.shape, out.shape, window, out, scratch)


def picked(
    x: Array, spot: Array, window: Window, out: Array, scratch: Scratch
) -> list[Work] | None:
    """WINDOW_PICK of images."""
    return _work("WINDOW_PICK", [x, spot], x.shape, out.shape, window, out, scratch)


def spread(
    name: str, operands: list[Array], window: Window, out: Array, scratch: Scratch
) -> list[Work] | None:
    """WINDOW_DROP or WINDOW_SPREAD into images."""
    return _work(name, operands, out.shape, operands[0].shape, window, out, scratch)


def _work(
    name: str,
    operands: list[Array],
    image: Sizes,
    result: Sizes,
    window: Window,
    out: Array,
    scratch: Scratch,
    *more: Array,
) -> list[Work] | None:
    facts = geometry(image[2:], result[2:], window)
    if facts is None or not out.size or not real(operands[0]) or not out.flags.c_contiguous:
        return None
    spots = [x for x in (*operands, out) if x.dtype != operands[0].dtype]
    works: list[Work] = []
    arrays = [dense(x, scratch, works) for x in operands]
    facts = (
        ("real", word(operands[0])),
        ("spot", word(spots[0]) if spots else "uint8_t"),
        ("index", index(2 * math.prod(image), 2 * math.prod(result))),
        ("PLANES", str(image[0] * image[1])),
        *facts,
    )
    made = kernel("windows", name, facts)
    return [*works, Launch(made, blocks(out.size), BLOCK, (*arrays, *more, out))]


def reduced_twice(
    x: Array, window: Window, best: Array, place: Array, scratch: Scratch
) -> list[Work] | None:
    """WINDOW_MAX into ``best`` and WINDOW_ARGMAX into ``place``, by one launch."""
    if best.dtype != x.dtype or not best.flags.c_contiguous:
        return None
    return _work("WINDOW_TOP", [x], x.shape, place.shape, window, place, scratch, best)
