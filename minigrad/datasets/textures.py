"""Textures made by formulas, in pairs of colours: what a feature stack learns to see."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from minigrad.device import Array
from minigrad.random import Generator

Draw = np.random.Generator
Mask = Callable[[Draw, Array, Array], Array]
"""(draw, x, y), the places of N images in pixels (N, S, S) each, to N patterns in 0..1."""

COLOURS = {
    "dark": (0.10, 0.10, 0.10),
    "light": (0.90, 0.90, 0.90),
    "red": (0.85, 0.15, 0.15),
    "yellow": (0.90, 0.75, 0.15),
    "green": (0.15, 0.65, 0.20),
    "blue": (0.15, 0.25, 0.80),
}
"""Where the colours of a texture lie; each one's are a little off."""

PAIRS = list(combinations(range(len(COLOURS)), 2))


def textures(count: int, size: int, generator: Generator) -> tuple[Array, Array]:
    """Images (count, 3, size, size) of float32 in 0..1, and what each one shows: the number of its
    pattern times the number of pairs of colours, plus that of its pair.

    A pattern is turned, scaled and bent at random, and mixes two colours that are nearly the
    pair's; a slow shade and noise are added.
    """
    draw = generator.numpy
    patterns = draw.integers(len(PATTERNS), size=count)
    pairs = draw.integers(len(PAIRS), size=count)
    images = np.empty((count, 3, size, size), np.float32)
    for number, pattern in enumerate(PATTERNS.values()):
        (places,) = np.nonzero(patterns == number)
        shown = pattern(draw, *_plane(draw, len(places), size))
        images[places] = _coloured(draw, shown, pairs[places])
    return images, patterns * len(PAIRS) + pairs


def _column(values: Array) -> Array:
    return values.reshape(-1, 1, 1)


def _plane(draw: Draw, n: int, size: int) -> tuple[Array, Array]:
    """The places of n images, moved, and bent by a slow wave."""
    y, x = np.mgrid[:size, :size].astype(np.float64)[:, None] + draw.uniform(0, 99, (2, n, 1, 1))
    bend = _column(draw.uniform(0, 3, n))
    return x + bend * np.sin(y / 9), y + bend * np.sin(x / 9)


def _coloured(draw: Draw, pattern: Array, pairs: Array) -> Array:
    n, size = pattern.shape[:2]
    colours = np.array(list(COLOURS.values()))[np.array(PAIRS)[pairs]]  # (n, 2, 3)
    colours = colours + draw.normal(0, 0.08, colours.shape)
    first, second = np.moveaxis(colours[..., None, None], 1, 0)
    p = np.where(draw.random(n) < 0.5, pattern.T, 1 - pattern.T).T[:, None]
    shade = 0.1 * _blurred(draw, n, size, 6.0)[:, None]
    noise = draw.standard_normal((n, 3, size, size)) * draw.uniform(0, 0.06, (n, 1, 1, 1))
    image = first * p + second * (1 - p) + shade + noise
    return np.clip(image, 0, 1).astype(np.float32)


def _turned(draw: Draw, x: Array, y: Array) -> tuple[Array, Array]:
    angle = _column(draw.uniform(0, 2 * np.pi, len(x)))
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)


def _step(wave: Array, draw: Draw) -> Array:
    """A wave in -1..1 as a pattern with edges that are sharper or softer."""
    return 0.5 + 0.5 * np.tanh(wave * _column(draw.uniform(1, 6, len(wave))))


def _period(draw: Draw, n: int) -> Array:
    return _column(2 * np.pi / draw.uniform(4, 16, n))


def _stripes(angle: float) -> Mask:
    def pattern(draw: Draw, x: Array, y: Array) -> Array:
        a = angle + _column(draw.uniform(-0.3, 0.3, len(x)))
        return _step(np.sin((x * np.cos(a) + y * np.sin(a)) * _period(draw, len(x))), draw)

    return pattern


def _checks(draw: Draw, x: Array, y: Array) -> Array:
    u, v = _turned(draw, x, y)
    k = _period(draw, len(x))
    return _step(np.sin(u * k) * np.sin(v * k) * 2, draw)


def _dots(draw: Draw, x: Array, y: Array) -> Array:
    u, v = _turned(draw, x, y)
    k = _period(draw, len(x))
    return _step(np.cos(u * k) + np.cos(v * k) - 0.9, draw)


def _nets(draw: Draw, x: Array, y: Array) -> Array:
    u, v = _turned(draw, x, y)
    k = _period(draw, len(x))
    return _step(np.maximum(np.cos(u * k), np.cos(v * k)) * 3 - 2.2, draw)


def _rings(draw: Draw, x: Array, y: Array) -> Array:
    n, size = x.shape[:2]
    cx, cy = (p[:, :1, :1] + _column(draw.uniform(0.2, 0.8, n) * size) for p in (x, y))
    return _step(np.sin(np.hypot(x - cx, y - cy) * _period(draw, n)), draw)


def _bricks(draw: Draw, x: Array, y: Array) -> Array:
    u, v = _turned(draw, x, y)
    k = _period(draw, len(x))
    row = np.floor(v * k / np.pi)
    joint = np.minimum(np.abs(np.sin(v * k)), np.abs(np.sin(u * k / 2 + row * np.pi / 2)) * 2)
    return _step(joint * 4 - 1, draw)


def _cells(draw: Draw, x: Array, y: Array) -> Array:
    """Each place takes the brightness of the nearest of some points."""
    n, size = x.shape[:2]
    seeds = draw.uniform(0, size, (n, 24, 2))
    levels = draw.random((n, 24))
    own_y, own_x = np.mgrid[:size, :size]
    pattern, nearest = np.zeros((n, size, size)), np.full((n, size, size), np.inf)
    for seed, level in zip(seeds.transpose(1, 2, 0), levels.T, strict=True):
        apart = (own_x - _column(seed[0])) ** 2 + (own_y - _column(seed[1])) ** 2
        closer = apart < nearest
        pattern = np.where(closer, _column(level), pattern)
        nearest = np.where(closer, apart, nearest)
    return pattern


def _clouds(draw: Draw, x: Array, y: Array) -> Array:
    return _step(_blurred(draw, len(x), x.shape[1], 3.0), draw)


def _grain(draw: Draw, x: Array, y: Array) -> Array:
    return _step(_blurred(draw, len(x), x.shape[1], 0.8), draw)


def _strokes(draw: Draw, x: Array, y: Array) -> Array:
    """Noise that is long in one direction, which turns from place to place."""
    n, size = x.shape[:2]
    noise = draw.standard_normal((n, size, size))
    angle = _column(draw.uniform(0, np.pi, n)) + 0.8 * np.sin(x / 17) + 0.8 * np.cos(y / 13)
    own_y, own_x = np.mgrid[:size, :size]
    total = np.zeros_like(noise)
    every = np.arange(n)[:, None, None]
    for step in range(-6, 7):
        px = np.rint(own_x + step * np.cos(angle)).astype(int) % size
        py = np.rint(own_y + step * np.sin(angle)).astype(int) % size
        total += noise[every, py, px]
    return _step(total / 4, draw)


def _blurred(draw: Draw, n: int, size: int, width: float) -> Array:
    """Noise of variance 1 whose neighbours within ``width`` pixels are alike."""
    f = np.fft.fftfreq(size)
    keep = np.exp(-2 * (np.pi * width) ** 2 * (f[:, None] ** 2 + f**2))
    noise = np.fft.ifft2(np.fft.fft2(draw.standard_normal((n, size, size))) * keep).real
    return np.asarray(noise / noise.std((1, 2), keepdims=True))


PATTERNS: dict[str, Mask] = {
    "upright stripes": _stripes(0),
    "rising stripes": _stripes(np.pi / 4),
    "level stripes": _stripes(np.pi / 2),
    "falling stripes": _stripes(3 * np.pi / 4),
    "checks": _checks,
    "dots": _dots,
    "nets": _nets,
    "rings": _rings,
    "bricks": _bricks,
    "cells": _cells,
    "clouds": _clouds,
    "grain": _grain,
    "strokes": _strokes,
}
"""Every pattern; those with ``_turned`` in them come at any angle."""
