"""What statements there are, and how often each kind comes up."""

from __future__ import annotations

from ..drawing import Maker
from . import gradients, indices, layers, names, pointwise, rows, shapes, sums, writes

FAMILIES: list[tuple[float, list[tuple[Maker, int]]]] = [
    (3, pointwise.MAKERS),
    (2, shapes.MAKERS),
    (2, sums.MAKERS),
    (1.2, indices.MAKERS),
    (1.2, writes.MAKERS),
    (3, rows.MAKERS),
    (1.2, layers.MAKERS),
    (1.2, gradients.MAKERS),
    (1.5, names.MAKERS),
]
