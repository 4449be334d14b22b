"""What a drawing is made of: boxes with text in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minigrad.draw import text

SIZE = 11.0
LEADING = 14.0
PADDING = (9.0, 5.0)
MARGIN = 12.0
INK = "#555555"
HEAD = (3.2, 7.0)
"""Half the width of an arrow's head, and its length."""


@dataclass(frozen=True)
class Words:
    """A piece of a line of text, in one weight and colour."""

    text: str
    bold: bool = False
    color: str = "#1a1a1a"

    @property
    def width(self) -> float:
        """How much room it takes."""
        return text.width(self.text, SIZE, self.bold)


@dataclass(frozen=True)
class Style:
    """How a kind of box looks."""

    fill: str
    stroke: str
    round: float = 3.0


@dataclass(frozen=True)
class Box:
    """Lines of text in a frame; ``note`` is shown where the pointer rests on it."""

    lines: Sequence[Sequence[Words]]
    style: Style
    note: str = ""

    @property
    def size(self) -> tuple[float, float]:
        """The width and height that the text needs."""
        width = max((length(line) for line in self.lines), default=0.0)
        return width + 2 * PADDING[0], LEADING * len(self.lines) + 2 * PADDING[1]


def length(line: Sequence[Words]) -> float:
    """How long a line of text is."""
    return sum(words.width for words in line)


def baselines(box: Box, y: float) -> list[float]:
    """Where the lines of text of a box with its centre at y stand."""
    top = y - box.size[1] / 2 + PADDING[1]
    return [top + LEADING * i + 0.76 * LEADING for i in range(len(box.lines))]
