"""A painting made by formulas: whirls of strong brush strokes, free for every use."""

from __future__ import annotations

from functools import cache

import numpy as np

from minigrad.device import Array

WHIRLS = np.array(
    [
        (0.24, 0.26, 0.16, 1),
        (0.68, 0.20, 0.12, -1),
        (0.50, 0.52, 0.20, -1),
        (0.86, 0.60, 0.13, 1),
        (0.14, 0.70, 0.15, -1),
        (0.62, 0.86, 0.14, 1),
    ]
)
"""Middle (x, y), radius and sense of each whirl, in sides of the picture."""

PALETTE = np.array(
    [
        (12, 20, 74),
        (22, 52, 140),
        (30, 98, 180),
        (70, 160, 190),
        (238, 214, 120),
        (252, 170, 30),
        (236, 84, 24),
        (206, 40, 30),
    ]
)
"""From the night around the whirls to the fire inside."""

BRUSHES = ((1500, 0.20, 0.024), (1500, 0.15, 0.017), (1300, 0.11, 0.012))
"""Layers of paint, the broad strokes first: how many, how long and how broad, in sides."""


@cache
def painting(size: int = 320, seed: int = 0) -> Array:
    """A square picture, uint8 (size, size, 3), the same for the same seed.

    Every stroke begins anywhere, follows the stream of the whirls, and has one colour, that of its
    beginning; its bristles differ a little. It is painted at twice the size and averaged.
    """
    draw = np.random.default_rng(seed)
    side = 2 * size
    y, x = (np.mgrid[:side, :side] + 0.5) / side
    canvas = _colour(_warmth(x, y))
    for count, length, width in BRUSHES:
        _paint(canvas, draw, count, length, width)
    mean = canvas.reshape(size, 2, size, 2, 3).mean((1, 3))
    picture = np.rint(mean).astype(np.uint8)
    picture.flags.writeable = False  # the next caller gets the same array
    return picture


def _paint(
    canvas: Array, draw: np.random.Generator, count: int, length: float, width: float
) -> None:
    """A layer of strokes; where two cross, the later one covers the other."""
    side = len(canvas)
    steps, bristles = int(length * side), int(2.6 * width * side)
    x, y = draw.random((2, count))
    across = np.linspace(-width / 2, width / 2, bristles)
    shade = 1 + draw.normal(0, 0.14, (count, 1)) + draw.normal(0, 0.10, (count, bristles))
    colours = _colour(_warmth(x, y) + draw.normal(0, 0.065, count))[:, None] * shade[..., None]
    trail = np.empty((2, count, steps, bristles))
    for step in range(steps):
        u, v = _stream(x, y)
        x, y = x + u * length / steps, y + v * length / steps
        taper = across * np.sin(np.pi * (step + 0.5) / steps) ** 0.35
        trail[0, :, step] = x[:, None] - v[:, None] * taper
        trail[1, :, step] = y[:, None] + u[:, None] * taper
    columns, rows = (trail * side).astype(int)
    inside = (rows >= 0) & (rows < side) & (columns >= 0) & (columns < side)
    paint = np.broadcast_to(np.clip(colours, 0, 255)[:, None], (*rows.shape, 3))
    canvas[rows[inside], columns[inside]] = paint[inside]


def _stream(x: Array, y: Array) -> tuple[Array, Array]:
    """The direction of the strokes: a slow wave to the right, and around each whirl."""
    u = 0.35 + 0.25 * np.sin(2 * np.pi * (1.3 * y + 0.1))
    v = 0.35 * np.sin(2 * np.pi * (1.1 * x + 0.5 * y))
    for cx, cy, radius, sense in WHIRLS:
        dx, dy = x - cx, y - cy
        turn = sense * 2.6 * np.exp(-(dx * dx + dy * dy) / radius**2) / radius
        u, v = u - turn * dy, v + turn * dx
    speed = np.hypot(u, v) + 1e-9
    return u / speed, v / speed


def _warmth(x: Array, y: Array) -> Array:
    """0..1, where in the palette a place is: the whirls glow in the middle and in a ring."""
    glow = np.zeros_like(x)
    for cx, cy, radius, _ in WHIRLS:
        away = np.hypot(x - cx, y - cy) / radius
        ring = 0.55 * np.exp(-(((away - 1.05) / 0.22) ** 2))
        glow = np.maximum(glow, np.exp(-((away / 0.55) ** 2)) + ring)
    return 0.09 + 0.29 * y + 0.09 * np.sin(9 * x + 4 * y) + 0.61 * glow


def _colour(warmth: Array) -> Array:
    places = np.arange(len(PALETTE)) / (len(PALETTE) - 1)
    return np.stack([np.interp(warmth, places, shade) for shade in PALETTE.T.astype(float)], -1)
