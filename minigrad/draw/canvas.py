"""The same drawing through matplotlib: PDF with text that can be selected, and PNG."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from minigrad.draw import text
from minigrad.draw.boxes import HEAD, INK, MARGIN, SIZE, baselines, length
from minigrad.draw.plot import look, rendered

if TYPE_CHECKING:
    from minigrad.draw.drawing import Drawing

DPI = 144
SIDE, AREA = 32_000, 64_000_000
"""Pixels at most: the resolution of a drawing that would need more is lowered."""


def through_matplotlib(drawing: Drawing, kind: str) -> bytes:
    """The content of a file of this kind. One unit of the drawing is a point, 1/72 inch."""
    from matplotlib.figure import Figure

    w, h = drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN
    with look():
        figure = Figure(figsize=(w / 72, h / 72))
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1), frameon=False)
        axes.set(xlim=(-MARGIN, w - MARGIN), ylim=(h - MARGIN, -MARGIN))
        axes.set_axis_off()
        _draw_arrows(drawing, axes)
        _draw_boxes(drawing, axes)
    return rendered(figure, kind, min(DPI, 72 * SIDE / max(w, h), 72 * math.sqrt(AREA / (w * h))))


def _draw_arrows(drawing: Drawing, axes: Any) -> None:
    from matplotlib.collections import PathCollection, PolyCollection
    from matplotlib.path import Path

    paths = []
    for segments in drawing.arrows:
        points, codes = [segments[0][0]], [Path.MOVETO]
        for segment in segments:
            points += segment[1:]
            codes += [Path.LINETO] if len(segment) == 2 else [Path.CURVE4] * 3
        paths.append(Path(points, codes))
    axes.add_collection(
        PathCollection(paths, facecolors="none", edgecolors=INK, linewidths=1), False
    )
    half, length = HEAD
    heads = []
    for segments in drawing.arrows:
        x, y = segments[-1][-1]
        heads.append([(x - half, y - length), (x + half, y - length), (x, y)])
    axes.add_collection(PolyCollection(heads, facecolors=INK, linewidths=0), False)


def _draw_boxes(drawing: Drawing, axes: Any) -> None:
    from matplotlib.patches import FancyBboxPatch

    for box, (x, y) in drawing.boxes:
        w, h = box.size
        axes.add_patch(
            FancyBboxPatch(
                (x - w / 2, y - h / 2),
                w,
                h,
                boxstyle=f"round,pad=0,rounding_size={box.style.round}",
                facecolor=box.style.fill,
                edgecolor=box.style.stroke,
                linewidth=1,
            )
        )
        for line, base in zip(box.lines, baselines(box, y), strict=True):
            start = x - length(line) / 2
            for words in line:
                axes.text(
                    start,
                    base,
                    words.text,
                    size=SIZE,
                    weight="bold" if words.bold else "normal",
                    color=words.color,
                    family=text.FAMILY,
                    parse_math=False,
                )
                start += words.width
