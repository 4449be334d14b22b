"""Photographs as float32 images, from files or as installed packages ship them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from minigrad.datasets.folder import EXTENSIONS, read_image
from minigrad.datasets.transforms import Resize, ToTensor
from minigrad.device import Array
from minigrad.random import Generator

SMALLEST = 16
"""Pixels that each side must have, so that a network which halves them thrice still sees two."""


def photograph(path: str | os.PathLike[str], size: int) -> Array:
    """The image of a file, (3, H, W) in 0..1, its longer side ``size``; "" is Grace Hopper.

    Errors: FileNotFoundError; FileFormatError for a file that is no image; ValueError for one that
    is too small or becomes too narrow.
    """
    return scaled(read_image(path or hopper()), size, str(path))


def scaled(image: Array, size: int, name: str) -> Array:
    """An image, uint8 (H, W, 3), as (3, H, W) in 0..1, its longer side ``size``.

    Errors: ValueError where a side has, or gets, fewer than 16 pixels.
    """
    height, width = image.shape[:2]
    scale = size / max(height, width)
    goal = round(height * scale), round(width * scale)
    if min(*goal, height, width) < SMALLEST:
        raise ValueError(
            f"{name}: expected an image whose sides keep {SMALLEST} pixels, got {width}x{height}, "
            f"which becomes {goal[1]}x{goal[0]} where the longer side is {size}"
        )
    return np.asarray(ToTensor()(Resize(goal)(image)))


def pixels(image: Array) -> Array:
    """An image (3, H, W) in 0..1 as uint8 (H, W, 3); what is outside 0..1 is cut off."""
    return np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0)


def hopper() -> Path:
    """The portrait of Grace Hopper that matplotlib ships."""
    from matplotlib import get_data_path

    return Path(get_data_path()) / "sample_data" / "grace_hopper.jpg"


def scenes() -> list[Path]:
    """The photographs of a temple and of a flower that scikit-learn ships; none without it."""
    found = find_spec("sklearn")
    if found is None or found.origin is None:
        return []
    return sorted((Path(found.origin).parent / "datasets" / "images").glob("*.jpg"))


def images_in(folder: str | os.PathLike[str]) -> list[Path]:
    """The image files of a folder, in sorted order; those of its subfolders are not taken."""
    return sorted(path for path in Path(folder).iterdir() if path.suffix.lower() in EXTENSIONS)


def crops(images: Sequence[Array], count: int, size: int, generator: Generator) -> Array:
    """Square pieces (count, 3, size, size) of the images (3, H, W), each of a random one, at a
    random place, of a quarter to three quarters of its shorter side, every other one mirrored."""
    draw = generator.numpy
    fit = Resize((size, size))
    made = np.empty((count, 3, size, size), np.float32)
    for i in range(count):
        image = images[int(draw.integers(len(images)))]
        shorter = min(image.shape[1:])
        length = draw.integers(shorter // 4, 3 * shorter // 4 + 1)
        top, left = (draw.integers(side - length + 1) for side in image.shape[1:])
        piece = fit(image[:, top : top + length, left : left + length])
        made[i] = piece[:, :, ::-1] if draw.random() < 0.5 else piece
    return made
