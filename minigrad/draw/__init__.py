"""Pictures: the graph of a network, its filters and what they see, curves, sheets of images.

The functions that draw return a picture that a notebook shows as SVG and that ``save`` or ``path``
writes as PNG, SVG or PDF. Matplotlib and Pillow are imported when something is drawn.
"""

from __future__ import annotations

from minigrad.draw.curves import draw_curves
from minigrad.draw.filters import draw_features, draw_filters
from minigrad.draw.graph import draw_graph, make_dot
from minigrad.draw.grid import make_grid, save_image
from minigrad.draw.live import LivePlot
from minigrad.draw.modules import draw_model

__all__ = [
    "LivePlot",
    "draw_curves",
    "draw_features",
    "draw_filters",
    "draw_graph",
    "draw_model",
    "make_dot",
    "make_grid",
    "save_image",
]
