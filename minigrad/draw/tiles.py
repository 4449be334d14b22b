"""Many small images as one figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from minigrad.draw.plot import Plot, look

NumpyArray: TypeAlias = np.ndarray[Any, Any]

ACROSS = 16
"""Tiles in a row, unless it is said otherwise."""
WIDTH, MARGIN, TITLE, SPACE = 9.0, 0.15, 0.27, 0.16
LARGEST, HIGHEST = 1.4, 5.0
"""Inches, as are the side of the largest tile and the height of all of a panel's."""
FINE = 60
"""Pixels along a tile, if it has not more."""


@dataclass(frozen=True)
class Panel:
    """Tiles with a line above them: numbers (H, W), drawn from the first to the last colour of the
    map over ``limits``, or colours (H, W, 3)."""

    title: str
    tiles: Sequence[NumpyArray]
    across: int = ACROSS
    colours: str = "gray"
    limits: tuple[float, float] = (0.0, 1.0)

    @property
    def columns(self) -> int:
        """How many tiles are in a row."""
        return min(len(self.tiles), self.across)

    @property
    def rows(self) -> int:
        """How many rows they make."""
        return -(-len(self.tiles) // self.columns)

    @property
    def image(self) -> NumpyArray:
        """The tiles in rows, with white gaps between them: nan has no colour in a map."""
        height, width, *depth = self.tiles[0].shape
        fine = max(1, FINE // max(height, width))  # small tiles are enlarged: gaps can be narrow
        height, width = height * fine, width * fine
        gap = max(1, round(max(height, width) / 10))
        shape = (self.rows * (height + gap) - gap, self.columns * (width + gap) - gap, *depth)
        image = np.full(shape, 1.0 if depth else math.nan)
        for k, tile in enumerate(self.tiles):
            row, column = divmod(k, self.columns)
            top, left = row * (height + gap), column * (width + gap)
            enlarged = tile.repeat(fine, axis=0).repeat(fine, axis=1)
            image[top : top + height, left : left + width] = enlarged
        return image


def panels(found: Sequence[Panel]) -> Plot:
    """The panels one below the other, each as wide as its tiles are many."""
    from matplotlib.figure import Figure

    sizes = []
    for panel in found:
        high, wide = panel.image.shape[:2]
        inch = max(wide / (panel.columns * LARGEST), high / HIGHEST, wide / (WIDTH - 2 * MARGIN))
        sizes.append((wide / inch, high / inch))
    height = sum(TITLE + high + SPACE for _, high in sizes) + SPACE
    with look():
        figure = Figure(figsize=(WIDTH, height))
        figure.set_layout_engine("none")
        top = height - SPACE
        for panel, (wide, high) in zip(found, sizes, strict=True):
            figure.text(
                MARGIN / WIDTH,
                (top - TITLE / 2) / height,
                panel.title,
                va="center",
                size=9.5,
                parse_math=False,
            )
            top -= TITLE + high
            place = (MARGIN / WIDTH, top / height, wide / WIDTH, high / height)
            axes = figure.add_axes(place)
            low, largest = panel.limits
            axes.imshow(panel.image, cmap=panel.colours, vmin=low, vmax=largest, aspect="auto")
            axes.set_axis_off()
            top -= SPACE
    return Plot(figure)
