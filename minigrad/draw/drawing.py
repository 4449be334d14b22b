"""A drawing of boxes and arrows, and its form as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from minigrad.draw import text
from minigrad.draw.layout import Point, Segment
from minigrad.draw.picture import Picture

SIZE = 11.0
LEADING = 14.0
PADDING = (9.0, 5.0)
MARGIN = 12.0
INK = "#555555"
BOLD = ' font-weight="bold"'
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


@dataclass(frozen=True, repr=False)
class Drawing(Picture):
    """Boxes at their centres, and arrows between them, in points; y points down."""

    width: float
    height: float
    boxes: Sequence[tuple[Box, Point]]
    arrows: Sequence[Sequence[Segment]]
    title: str = ""

    def __repr__(self) -> str:
        return f"<Drawing of {len(self.boxes)} boxes and {len(self.arrows)} arrows>"

    def render(self, kind: str) -> bytes:
        if kind == "svg":
            return as_svg(self).encode()
        from minigrad.draw.canvas import through_matplotlib

        return through_matplotlib(self, kind)


def as_svg(drawing: Drawing) -> str:
    """The drawing as a document by itself, or as an element of a page. Its text is text."""
    w, h = drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w:.0f}" height="{h:.0f}" '
        f'viewBox="{-MARGIN:g} {-MARGIN:g} {w:.0f} {h:.0f}" '
        f"font-family=\"Helvetica, Arial, '{text.FAMILY}', sans-serif\" "
        f'font-size="{SIZE:g}" text-anchor="middle" xml:space="preserve">',
        f"<title>{escaped(drawing.title)}</title>" if drawing.title else "",
        f'<rect x="{-MARGIN:g}" y="{-MARGIN:g}" width="{w:.0f}" height="{h:.0f}" fill="white"/>',
        f'<g fill="none" stroke="{INK}">',
        *(f'<path d="{_path(segments)}"/>' for segments in drawing.arrows),
        f'</g><g fill="{INK}">',
        *(f'<path d="{_head(segments[-1][-1])}"/>' for segments in drawing.arrows),
        "</g>",
        *(_box(box, centre) for box, centre in drawing.boxes),
        "</svg>\n",
    ]
    return "\n".join(filter(None, lines))


def escaped(words: str) -> str:
    """Any text as XML's character data: marks become entities, what XML cannot hold U+FFFD."""
    return escape("".join(c if _allowed(c) else "\ufffd" for c in words))


def _allowed(c: str) -> bool:
    return c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")


def _box(box: Box, centre: Point) -> str:
    (x, y), (w, h) = centre, box.size
    style = box.style
    parts = [
        f"<g><title>{escaped(box.note)}</title>" if box.note else "<g>",
        f'<rect x="{x - w / 2:.1f}" y="{y - h / 2:.1f}" width="{w:.1f}" height="{h:.1f}" '
        f'rx="{style.round:g}" fill="{style.fill}" stroke="{style.stroke}"/>',
    ]
    for line, base in zip(box.lines, baselines(box, y), strict=True):
        runs = "".join(
            f'<tspan fill="{words.color}"{BOLD if words.bold else ""}>{escaped(words.text)}</tspan>'
            for words in line
        )
        parts.append(f'<text x="{x:.1f}" y="{base:.1f}">{runs}</text>')
    return "".join(parts) + "</g>"


def baselines(box: Box, y: float) -> list[float]:
    """Where the lines of text of a box with its centre at y stand."""
    top = y - box.size[1] / 2 + PADDING[1]
    return [top + LEADING * i + 0.76 * LEADING for i in range(len(box.lines))]


def _path(segments: Sequence[Segment]) -> str:
    x, y = segments[0][0]
    steps = [f"M{x:.1f},{y:.1f}"]
    for segment in segments:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in segment[1:])
        steps.append(f"{'L' if len(segment) == 2 else 'C'}{points}")
    return "".join(steps)


def _head(tip: Point) -> str:
    (x, y), (half, length) = tip, HEAD
    return f"M{x - half:.1f},{y - length:.1f}h{2 * half:.1f}L{x:.1f},{y:.1f}Z"
