"""How wide a text is, without drawing it: boxes are made to fit."""

from __future__ import annotations

from functools import cache
from typing import Any

FAMILY = "DejaVu Sans"
"""The font that matplotlib brings along; wider than most, so that its boxes fit any other."""


def width(text: str, size: float, bold: bool = False) -> float:
    """The length of a text in the units of its size."""
    return size * sum(_advance(character, bold) for character in text)


def shortened(text: str, length: int) -> str:
    """The text; where it is longer, its beginning and an ellipsis."""
    return text if len(text) <= length else text[: length - 1] + "…"


@cache
def _advance(character: str, bold: bool) -> float:
    """A character's width in ems. One that the font lacks is taken for a full square."""
    font = _font(bold)
    if not font.get_char_index(ord(character)):
        return 1.0
    glyph = font.load_char(ord(character))
    return float(glyph.linearHoriAdvance) / 65536 / 100


@cache
def _font(bold: bool) -> Any:
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    font = FT2Font(findfont(FontProperties(family=FAMILY, weight="bold" if bold else "normal")))
    font.set_size(100, 72)
    return font
