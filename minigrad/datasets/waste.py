"""Drawn pictures of six kinds of waste, for where there are no photographs to sort."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from minigrad.device import Array

Draw = np.random.Generator
Shape = tuple[Array, Array]
"""The corners (n, 2) of a polygon, x to the right and y down, and its colour. A thing fills the
square from -1 to 1."""

FINER = 3
"""Pixels are drawn this often in each direction, and averaged."""


def drawn_waste(folder: Path, count: int = 20) -> Path:
    """The folder, filled with a folder a kind, each of ``count`` PNG files, if it is not there yet.

    The pictures are the same on every machine; the folder appears when all of them are written.
    Errors: ImportError without Pillow; OSError.
    """
    if folder.is_dir():
        return folder
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("drawn_waste: writing pictures needs Pillow; install pillow") from error
    draft = folder.with_name(f".{folder.name}.{os.urandom(6).hex()}.tmp")
    try:
        for place, (kind, parts) in enumerate(KINDS.items()):
            (draft / kind).mkdir(parents=True)
            for number in range(count):
                draw = np.random.Generator(np.random.PCG64([place, number]))
                image = Image.fromarray(_picture(list(parts(draw)), draw))
                image.save(draft / kind / f"{kind}{number + 1:03d}.png")
        try:
            draft.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was faster, with the same pictures
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _picture(shapes: list[Shape], draw: Draw) -> Array:
    """The thing somewhere on a table, lit from one side: uint8 (H, W, 3) of 96 to 144 pixels."""
    from PIL import Image, ImageDraw

    width, height = (int(n) for n in draw.integers(96, 145, 2))
    table = draw.choice([(216, 206, 190), (150, 158, 168), (196, 214, 208), (120, 106, 92)])
    image = Image.new("RGB", (width * FINER, height * FINER), tuple(int(c) for c in table))
    pen = ImageDraw.Draw(image)
    size = min(width, height) * FINER * draw.uniform(0.3, 0.42)
    angle = draw.uniform(-0.5, 0.5)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * size
    middle = np.array(image.size) * draw.uniform(0.45, 0.55, 2)
    shadow = np.array([0.1, 0.12]) * size
    for corners, _ in shapes:
        pen.polygon([*map(tuple, corners @ turn + middle + shadow)], tuple(table * 7 // 10))
    for corners, colour in shapes:
        pen.polygon([*map(tuple, corners @ turn + middle)], tuple(int(c) for c in colour))
    pixels = np.asarray(image, np.float32).reshape(height, FINER, width, FINER, 3).mean((1, 3))
    left, right = draw.uniform(0.75, 1.1, 2)
    light = np.linspace(left, right, width)[:, None]
    noise = draw.normal(0, 4, (height, width, 1))
    return np.clip(pixels * light + noise, 0, 255).astype(np.uint8)


def _box(left: float, top: float, right: float, bottom: float) -> Array:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def _ellipse(x: float, y: float, a: float, b: float) -> Array:
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    return np.stack([x + a * np.cos(turn), y + b * np.sin(turn)], axis=1)


def _colour(draw: Draw, *colours: tuple[int, int, int]) -> Array:
    """One of the colours, a little changed."""
    return np.clip(draw.choice(colours) + draw.uniform(-14, 14, 3), 0, 255)


def _lighter(colour: Array, share: float) -> Array:
    """Nearer to white by this share, or nearer to black if it is negative."""
    return colour + (255 - colour) * share if share > 0 else colour * (1 + share)


def _cardboard(draw: Draw) -> Iterator[Shape]:
    """A box with its flaps open."""
    brown = _colour(draw, (176, 130, 84), (160, 116, 70))
    for side in (-1, 1):
        flap = np.array([(0.1, -0.35), (0.75, -0.35), (1.0, -0.85), (0.3, -0.7)]) * (side, 1)
        yield flap, _lighter(brown, 0.25)
    yield _box(-0.75, -0.4, 0.75, 0.8), brown
    yield _box(-0.75, -0.4, 0.75, -0.25), _lighter(brown, -0.45)
    yield _box(-0.12, -0.25, 0.12, 0.8), _lighter(brown, 0.35)


def _glass(draw: Draw) -> Iterator[Shape]:
    """A bottle with a long neck."""
    glass = _colour(draw, (42, 104, 62), (92, 54, 26))
    yield _box(-0.14, -1, 0.14, 0), glass
    yield _ellipse(0, -0.1, 0.38, 0.3), glass
    yield _box(-0.38, -0.1, 0.38, 0.95), glass
    yield _box(-0.17, -1, 0.17, -0.9), _lighter(glass, -0.4)
    yield _box(-0.28, 0, -0.18, 0.85), _lighter(glass, 0.6)
    yield _box(-0.1, -0.85, -0.04, -0.35), _lighter(glass, 0.6)


def _metal(draw: Draw) -> Iterator[Shape]:
    """A can with a band around it."""
    tin = _colour(draw, (176, 180, 186), (150, 154, 160))
    yield _ellipse(0, 0.8, 0.6, 0.16), _lighter(tin, -0.2)
    yield _box(-0.6, -0.8, 0.6, 0.8), tin
    yield _box(-0.6, -0.35, 0.6, 0.4), _colour(draw, (196, 44, 40), (34, 72, 160))
    for x in (-0.5, 0.2):
        yield _box(x, -0.8, x + 0.12, 0.8), _lighter(tin, 0.6)
    yield _ellipse(0, -0.8, 0.6, 0.16), _lighter(tin, 0.4)
    yield _ellipse(0, -0.8, 0.48, 0.11), _lighter(tin, -0.25)


def _paper(draw: Draw) -> Iterator[Shape]:
    """A sheet with lines of writing and a folded corner."""
    white = _colour(draw, (240, 240, 236))
    yield np.array([(-0.7, -0.95), (0.4, -0.95), (0.7, -0.65), (0.7, 0.95), (-0.7, 0.95)]), white
    yield np.array([(0.4, -0.95), (0.7, -0.65), (0.4, -0.65)]), _lighter(white, -0.25)
    for y in np.arange(-0.5, 0.8, 0.16):
        yield _box(-0.55, y, draw.uniform(0.1, 0.55), y + 0.05), _colour(draw, (70, 70, 80))


def _plastic(draw: Draw) -> Iterator[Shape]:
    """A clear bottle with ribs, a screw cap and a label."""
    clear = _colour(draw, (170, 212, 236), (190, 226, 240))
    yield _box(-0.16, -0.85, 0.16, -0.5), clear
    yield _ellipse(0, -0.35, 0.5, 0.3), clear
    yield _box(-0.5, -0.35, 0.5, 0.95), clear
    for y in np.arange(0.35, 0.95, 0.14):
        yield _box(-0.5, y, 0.5, y + 0.05), _lighter(clear, -0.25)
    yield _box(-0.5, -0.25, 0.5, 0.2), _colour(draw, (230, 120, 40), (60, 160, 90))
    yield _box(-0.2, -1, 0.2, -0.8), _colour(draw, (220, 60, 50), (40, 80, 190))


def _trash(draw: Draw) -> Iterator[Shape]:
    """A full black bag, tied up."""
    black = _colour(draw, (38, 38, 44), (54, 50, 52))
    outline = _ellipse(0, 0.25, 0.85, 0.72) * draw.uniform(0.9, 1.05, (40, 1))
    yield np.array([(-0.3, -0.95), (0, -0.7), (0.3, -0.95), (0.12, -0.4), (-0.12, -0.4)]), black
    yield outline, black
    for _ in range(4):
        x, y = draw.uniform(-0.45, 0.45), draw.uniform(-0.1, 0.6)
        fold = np.array([(0, 0), (0.28, -0.12), (0.3, -0.02)]) * draw.choice([-1, 1], (1, 2))
        yield fold + np.array([x, y]), _lighter(black, 0.3)
    yield _box(-0.18, -0.5, 0.18, -0.38), _colour(draw, (200, 170, 60))


KINDS: dict[str, Callable[[Draw], Iterator[Shape]]] = {
    "cardboard": _cardboard,
    "glass": _glass,
    "metal": _metal,
    "paper": _paper,
    "plastic": _plastic,
    "trash": _trash,
}
"""What the folders are named, and what is drawn."""
