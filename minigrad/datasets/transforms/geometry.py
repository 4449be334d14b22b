"""Transforms of the place: resizing, cropping, flipping."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from minigrad.datasets.transforms.transform import Transform
from minigrad.device import Array
from minigrad.dtypes import uint8
from minigrad.random import Generator
from minigrad.utils.data.draws import stream

Size = int | tuple[int, int] | list[int]


def rows_first(images: Array, owner: str) -> Array:
    """A view (N, H, W, ...) of a batch, wherever its channels are."""
    dimensions = (3, 4) if images.dtype == uint8 else (4,)
    if images.ndim not in dimensions:
        raise ValueError(
            f"{owner}: expected a uint8 image (H, W) or (H, W, C) or a floating-point image "
            f"(C, H, W), got {images.dtype} of shape {images.shape[1:]}"
        )
    return images if images.dtype == uint8 else np.moveaxis(images, 1, -1)


def as_before(changed: Array, images: Array) -> Array:
    """What `rows_first` was made of, with its channels back in place."""
    back = changed if images.dtype == uint8 else np.moveaxis(changed, -1, 1)
    return np.ascontiguousarray(back)


class Resize(Transform):
    """The image at another size, bilinear: each direction by itself, a few weighted neighbours for
    every new pixel.

    Example:
        >>> import numpy as np
        >>> minigrad.datasets.transforms.Resize(32)(np.zeros((48, 64, 3), dtype=np.uint8)).shape
        (32, 42, 3)
        >>> minigrad.datasets.transforms.Resize((1, 2))(np.array([[[0.0, 2.0, 4.0, 6.0]]]))
        array([[[1.42857143, 4.57142857]]])
    """

    def __init__(self, size: Size, antialias: bool = True) -> None:
        """
        Args:
            size: (height, width), or one number for the shorter side with the shape kept.
            antialias: average a smaller image over the pixels that it stands for, as Pillow and
                PyTorch do; without, it is sampled at points.
        """
        sizes = _sizes(size, "Resize")
        self.size = sizes if isinstance(size, tuple | list) else size
        self.antialias = antialias

    def batch(self, images: Array) -> Array:
        pixels = rows_first(images, "Resize")
        height, width = pixels.shape[1:3]
        if isinstance(self.size, tuple):
            new_height, new_width = self.size
        elif height <= width:
            new_height, new_width = self.size, int(self.size * width / height)
        else:
            new_height, new_width = int(self.size * height / width), self.size
        out = resample(pixels, 1, new_height, self.antialias)
        out = resample(out, 2, new_width, self.antialias)
        if images.dtype == uint8:
            out = np.floor(out + np.float32(0.5)).astype(uint8)
        return as_before(out, images)

    def __repr__(self) -> str:
        return f"Resize(size={self.size}, interpolation=bilinear, antialias={self.antialias})"


def resample(pixels: Array, axis: int, target: int, antialias: bool) -> Array:
    """The array with another length along one axis; uint8 becomes float32."""
    rows = np.ascontiguousarray(np.moveaxis(pixels, axis, 0))
    places, weights = neighbours(len(rows), target, antialias)
    kind = np.float32 if rows.dtype == uint8 else rows.dtype
    columns = weights.astype(kind).reshape(len(weights), target, *[1] * (rows.ndim - 1))
    out = rows[places[0]] * columns[0]
    for place, weight in zip(places[1:], columns[1:], strict=True):
        out += rows[place] * weight
    return np.moveaxis(out, 0, axis)


@lru_cache(maxsize=64)
def neighbours(source: int, target: int, antialias: bool) -> tuple[Array, Array]:
    """For a row of pixels at another length: (places, weights), both (K, target); new pixel i is
    the sum over k of weights[k, i] * old pixel places[k, i].

    The weights are a triangle with its top at (i + 1/2) * source / target, that reaches one old
    pixel to each side, or with ``antialias`` one new pixel where that is wider; their sum is 1.
    """
    scale = source / target
    reach = max(scale, 1.0) if antialias else 1.0
    centres = (np.arange(target) + 0.5) * scale - 0.5
    if not antialias:
        centres = np.clip(centres, 0, source - 1)
    places = (
        np.floor(centres - reach).astype(np.intp) + 1 + np.arange(math.ceil(2 * reach))[:, None]
    )
    weights = np.maximum(0.0, 1.0 - np.abs(places - centres) / reach)
    weights[(places < 0) | (places >= source)] = 0.0
    return np.clip(places, 0, source - 1), weights / weights.sum(axis=0)


class CenterCrop(Transform):
    """The middle of the image; an image that is smaller is first padded with zeros.

    Example:
        >>> import numpy as np
        >>> minigrad.datasets.transforms.CenterCrop(2)(np.arange(16.0).reshape(1, 4, 4))
        array([[[ 5.,  6.],
                [ 9., 10.]]])
    """

    def __init__(self, size: Size) -> None:
        """
        Args:
            size: (height, width), or one number for a square.
        """
        self.size = _sizes(size, "CenterCrop")

    def batch(self, images: Array) -> Array:
        pixels = rows_first(images, "CenterCrop")
        missing = _missing(self.size, pixels)
        if any(missing):
            pixels = _pad(pixels, [(gap // 2, (gap + 1) // 2) for gap in missing], 0)
        # round() halves to even, as torchvision's choice of the middle does.
        top = round((pixels.shape[1] - self.size[0]) / 2)
        left = round((pixels.shape[2] - self.size[1]) / 2)
        cut = pixels[:, top : top + self.size[0], left : left + self.size[1]]
        return as_before(cut, images)

    def __repr__(self) -> str:
        return f"CenterCrop(size={self.size})"


class RandomCrop(Transform):
    """A piece of the image at a random place, for each image of a batch another.

    Errors: ValueError for a piece that is larger than the image.

    Example:
        >>> import numpy as np
        >>> image = np.zeros((28, 28), dtype=np.uint8)
        >>> minigrad.datasets.transforms.RandomCrop(28, padding=2)(image).shape
        (28, 28)
    """

    def __init__(
        self,
        size: Size,
        padding: int | tuple[int, ...] | list[int] | None = None,
        pad_if_needed: bool = False,
        fill: float = 0,
        generator: Generator | None = None,
    ) -> None:
        """
        Args:
            size: (height, width), or one number for a square.
            padding: a border that is added first: one number, (left and right, top and bottom) or
                (left, top, right, bottom).
            pad_if_needed: pad an image that is smaller than the piece.
            fill: what the border is filled with.
            generator: draws the random numbers; None is the default one, which ``manual_seed``
                seeds.
        """
        self.size = _sizes(size, "RandomCrop")
        self.padding = padding
        self.pad_if_needed = pad_if_needed
        self.fill = fill
        self.generator = generator
        self._borders = _borders(padding)

    def batch(self, images: Array) -> Array:
        pixels = _pad(rows_first(images, "RandomCrop"), self._borders, self.fill)
        if self.pad_if_needed:
            missing = _missing(self.size, pixels)
            pixels = _pad(pixels, [(gap, gap) for gap in missing], self.fill)
        height, width = pixels.shape[1:3]
        if height < self.size[0] or width < self.size[1]:
            raise ValueError(
                f"RandomCrop: expected an image of at least {self.size} (with its padding), got "
                f"{(height, width)}; pass pad_if_needed=True or put Resize before it"
            )
        # Two numbers an image, in the images' order: a batch draws what single images would.
        room = (height - self.size[0] + 1, width - self.size[1] + 1)
        corners = (stream(self.generator).random((len(images), 2)) * room).astype(np.intp)
        rows = corners[:, :1] + np.arange(self.size[0])
        columns = corners[:, 1:] + np.arange(self.size[1])
        number = np.arange(len(images))[:, None, None]
        return as_before(pixels[number, rows[:, :, None], columns[:, None, :]], images)

    def __repr__(self) -> str:
        return f"RandomCrop(size={self.size}, padding={self.padding})"


class RandomHorizontalFlip(Transform):
    """Left and right exchanged with probability ``p``, for each image of a batch anew.

    Errors: ValueError for a p outside [0, 1].

    Example:
        >>> import numpy as np
        >>> minigrad.datasets.transforms.RandomHorizontalFlip(p=1.0)(np.array([[[1.0, 2.0, 3.0]]]))
        array([[[3., 2., 1.]]])
    """

    def __init__(self, p: float = 0.5, generator: Generator | None = None) -> None:
        """
        Args:
            p: the probability.
            generator: draws the random numbers; None is the default one, which ``manual_seed``
                seeds.
        """
        if not 0 <= p <= 1:
            raise ValueError(f"RandomHorizontalFlip: expected p of 0 to 1, got {p}")
        self.p = p
        self.generator = generator

    def batch(self, images: Array) -> Array:
        chosen = stream(self.generator).random(len(images)) < self.p
        out = images.copy()
        pixels = rows_first(out, "RandomHorizontalFlip")
        pixels[chosen] = pixels[chosen][:, :, ::-1]
        return out

    def __repr__(self) -> str:
        return f"RandomHorizontalFlip(p={self.p})"


def _sizes(size: Any, owner: str) -> tuple[int, int]:
    """(height, width); one number is a square. Errors: ValueError for other sizes."""
    pair = (size, size) if isinstance(size, int) else tuple(size)
    if len(pair) == 1:
        pair = pair * 2
    if len(pair) != 2 or not all(isinstance(side, int) and side > 0 for side in pair):
        raise ValueError(f"{owner}: expected a size of (height, width), got {size}")
    return pair


def _borders(padding: int | tuple[int, ...] | list[int] | None) -> list[tuple[int, int]]:
    """((top, bottom), (left, right)) of torchvision's padding."""
    sides = tuple(padding) if isinstance(padding, tuple | list) else (padding or 0,)
    if len(sides) not in (1, 2, 4):
        raise ValueError(f"RandomCrop: expected a padding of 1, 2 or 4 numbers, got {padding}")
    left, top, right, bottom = sides * (4 // len(sides))
    return [(top, bottom), (left, right)]


def _missing(size: tuple[int, int], pixels: Array) -> tuple[int, int]:
    """How many rows and columns the image is smaller than the size."""
    return max(size[0] - pixels.shape[1], 0), max(size[1] - pixels.shape[2], 0)


def _pad(pixels: Array, borders: list[tuple[int, int]], fill: float) -> Array:
    if not any(sum(border) for border in borders):
        return pixels
    rest = [(0, 0)] * (pixels.ndim - 3)
    return np.pad(pixels, [(0, 0), *borders, *rest], constant_values=fill)
