"""Matrices with their numbers, on paper and in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

BLUE, ORANGE, GREEN, RED, VIOLET = "#2f6fb0", "#e07a1a", "#2a8a6c", "#c64a3b", "#7d5fb2"
"""The look's colours: images are blue, kernels orange, results green; red and violet set apart."""
INK, FAINT, PAPER = "#333333", "#8a929a", "#ffffff"

Spot = tuple[float, float]
"""How far right, how far down, in cells."""


def number(value: float, digits: int = 2) -> str:
    """A number as short as it can be read: 3, -1, 0.33; nothing for NaN, a cell still empty."""
    if np.isnan(value):
        return ""
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def beside(*blocks: Any, digits: int = 2) -> str:
    """Matrices and words side by side, as lines for the terminal; words stand at half height.

    A pair (name, matrix) has its name above it.
    """
    columns = [_lines(block, digits) for block in blocks]
    height = max(len(lines) for lines in columns)
    padded = []
    for lines in columns:
        above = (height - len(lines)) // 2
        width = max(len(line) for line in lines)
        full = [""] * above + lines + [""] * (height - len(lines) - above)
        padded.append([line.ljust(width) for line in full])
    return "\n".join("   ".join(row).rstrip() for row in zip(*padded, strict=True))


def _lines(block: Any, digits: int) -> list[str]:
    if isinstance(block, str):
        return block.splitlines() or [""]
    if isinstance(block, tuple):
        return [block[0], *_lines(block[1], digits)]
    cells = [[number(v, digits) for v in row] for row in np.atleast_2d(np.asarray(block, float))]
    width = max(len(cell) for row in cells for cell in row)
    return [" ".join(cell.rjust(width) for cell in row) for row in cells]


def tint(colour: str, strength: float) -> tuple[float, ...]:
    """The colour thinned with white: 0 is white, 1 the colour itself."""
    return tuple(1 - strength * (1 - int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))


@dataclass
class Grid:
    """A matrix as it is to be drawn: its numbers in cells of a colour, a name above.

    NaN is an empty cell. ``colour``, ``strength`` (of the tint) and ``faint`` (a cell that does not
    belong to the matrix, as a border of zeros) are one for all cells or an array of their shape.
    ``frames`` are thick frames, each (row, column, rows, columns, colour).
    """

    numbers: Any
    colour: Any = BLUE
    name: str = ""
    strength: Any = 0.12
    faint: Any = False
    frames: Iterable[tuple[float, float, float, float, str]] = ()

    @property
    def values(self) -> np.ndarray:
        """The numbers as a matrix of floats."""
        return np.atleast_2d(np.asarray(self.numbers, float))


class Board:
    """A figure measured in cells, which grows with what is drawn on it.

    ``label`` names the figure (and its file), ``scale`` is the side of a cell in inches.
    """

    def __init__(self, label: str, scale: float = 0.42) -> None:
        import matplotlib.pyplot as plt
        from matplotlib.layout_engine import PlaceHolderLayoutEngine

        self.scale = scale
        self.bounds: tuple[float, float, float, float] | None = None
        # An engine that does nothing: without one, saving a figure gives it the style's own.
        still = PlaceHolderLayoutEngine(adjust_compatible=True, colorbar_gridspec=True)
        self.figure = plt.figure(label, facecolor=PAPER, layout=still, clear=True)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(aspect="equal", autoscale_on=False)
        self.axes.axis("off")

    def _grow(self, left: float, top: float, right: float, bottom: float) -> None:
        """Make room for what is drawn within these bounds, with a margin."""
        old = self.bounds or (left, top, right, bottom)
        new = (min(old[0], left), min(old[1], top), max(old[2], right), max(old[3], bottom))
        if new != self.bounds:
            self.bounds = new
            left, top, right, bottom = new[0] - 0.6, new[1] - 0.6, new[2] + 0.6, new[3] + 0.6
            self.axes.set(xlim=(left, right), ylim=(bottom, top))
            self.figure.set_size_inches((right - left) * self.scale, (bottom - top) * self.scale)

    def draw(self, grid: Grid, at: Spot) -> None:
        """The grid with its upper left corner at the spot."""
        from matplotlib.collections import PolyCollection

        values, (x, y) = grid.values, at
        parts = (np.asarray(part) for part in (grid.colour, grid.strength, grid.faint))
        each = [np.broadcast_to(part, values.shape).ravel().tolist() for part in parts]
        cells = list(zip(np.ndindex(values.shape), values.flat, *each, strict=True))
        cells.sort(key=lambda cell: not cell[-1])  # the faint ones first, below the others' edges
        squares, fills, edges, lines = [], [], [], []
        for (i, j), value, colour, strength, faint in cells:
            left, top = x + j, y + i
            squares.append([(left, top), (left + 1, top), (left + 1, top + 1), (left, top + 1)])
            fills.append(PAPER if faint else tint(colour, strength))
            edges.append(tint(FAINT, 0.6) if faint else tint(colour, 0.55))
            lines.append(":" if faint else "-")
            said = number(value).replace("-", "−")
            ink = FAINT if faint else PAPER if strength > 0.6 else INK
            self.text(said, (left + 0.5, top + 0.5), ink, size=10 - max(0, len(said) - 3))
        drawn = PolyCollection(squares, facecolors=fills, edgecolors=edges, linestyles=lines)
        drawn.set(linewidth=0.8, zorder=2)
        self.axes.add_collection(drawn, autolim=False)
        self._grow(x, y, x + values.shape[1], y + values.shape[0])
        for row, column, rows, columns, colour in grid.frames:
            self.frame((x + column, y + row), rows, columns, colour)
        if grid.name:
            ink = grid.colour if isinstance(grid.colour, str) else INK
            self.text(grid.name, (x + values.shape[1] / 2, y - 0.5), ink, bold=True)

    def row(self, at: Spot, *parts: Grid | str) -> float:
        """Grids and words from left to right, in half height on the spot's line; how far right the
        next would stand. A word that begins with → is an arrow with the rest of it above."""
        x, middle = at
        for part in parts:
            if isinstance(part, Grid):
                rows, columns = part.values.shape
                self.draw(part, (x, middle - rows / 2))
                x += columns + 0.35
            elif part.startswith("→"):
                said = part[1:].strip()
                length = 1.3 + 0.22 * len(said)
                self.arrow((x, middle), (x + length, middle))
                self.text(said, (x + length / 2, middle - 0.5))
                x += length + 0.35
            else:
                width = max(0.5, 0.27 * len(part))
                self.text(part, (x + width / 2, middle), size=13 if len(part) == 1 else 10)
                x += width + 0.35
        return x

    def frame(self, at: Spot, rows: float, columns: float, colour: str = ORANGE) -> None:
        """A thick frame around rows × columns cells: where the window stands."""
        from matplotlib.patches import FancyBboxPatch

        style = "round,pad=0.02,rounding_size=0.12"
        box = FancyBboxPatch(at, columns, rows, boxstyle=style, linewidth=2.4, zorder=5)
        box.set(facecolor="none", edgecolor=colour)
        self.axes.add_patch(box)

    def arrow(self, start: Spot, end: Spot, colour: str = FAINT) -> None:
        """An arrow from spot to spot."""
        from matplotlib.patches import FancyArrowPatch

        arrow = FancyArrowPatch(start, end, arrowstyle="-|>", zorder=4)
        arrow.set(color=colour, linewidth=1.5, mutation_scale=13)
        self.axes.add_patch(arrow)

    def text(
        self,
        said: str,
        at: Spot,
        colour: str = INK,
        size: float = 10,
        bold: bool = False,
        align: str = "center",
    ) -> None:
        """Words around the spot, or with ``align`` "left" or "right" beginning or ending there."""
        from matplotlib.font_manager import FontProperties

        if not said:
            return
        font = FontProperties(size=size * self.scale / 0.42, weight="bold" if bold else "normal")
        self.axes.text(
            *at, said, color=colour, fontproperties=font, ha=align, va="center", zorder=6
        )
        # About as wide and high as the letters of a text of this size, in cells.
        width, height = 0.021 * size * len(said), 0.04 * size
        left = at[0] - width * {"left": 0, "center": 0.5, "right": 1}[align]
        self._grow(left, at[1] - height / 2, left + width, at[1] + height / 2)

    def picture(self, pixels: np.ndarray, at: Spot, width: float) -> None:
        """An image (H, W, 3), 0 to 1, its upper left corner at the spot, as many cells wide."""
        height = width * pixels.shape[0] / pixels.shape[1]
        x, y = at
        extent = (x, x + width, y + height, y)
        self.axes.imshow(pixels, extent=extent, zorder=2)
        self._grow(x, y, x + width, y + height)
