"""A drawing of boxes and arrows, and its form as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from minigrad.draw import text
from minigrad.draw.boxes import HEAD, INK, MARGIN, SIZE, Box, baselines
from minigrad.draw.canvas import through_matplotlib
from minigrad.draw.layout import Point, Segment
from minigrad.draw.picture import Picture

BOLD = ' font-weight="bold"'


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
