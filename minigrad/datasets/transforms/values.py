"""Transforms of the values: scaling, normalising, colours, labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.datasets.transforms.transform import Transform
from minigrad.device import Array
from minigrad.dtypes import DType, as_dtype, float32, uint8

LUMA = np.array([0.299, 0.587, 0.114])
"""ITU-R BT.601: what red, green and blue add to the brightness."""


class ToTensor(Transform):
    """x / 255: an image (H, W) or (H, W, C) of uint8 as float32 (C, H, W) in 0..1.

    An image of another type keeps its values, bool becomes float32; the channels move all the
    same. The result is an array; the `DataLoader` makes tensors of batches.
    Errors: ValueError for an image of other dimensions.

    Example:
        >>> import numpy as np
        >>> minigrad.datasets.transforms.ToTensor()(np.array([[0, 51, 255]], dtype=np.uint8))
        array([[[0. , 0.2, 1. ]]], dtype=float32)
    """

    def batch(self, images: Array) -> Array:
        if images.ndim == 3:
            images = images[:, None]
        elif images.ndim == 4:
            images = np.moveaxis(images, -1, 1)
        else:
            raise ValueError(
                f"ToTensor: expected an image (H, W) or (H, W, C), got shape {images.shape[1:]}"
            )
        if images.dtype == uint8:
            return np.divide(images, np.float32(255), dtype=np.float32, order="C")
        return np.ascontiguousarray(images, dtype=float32 if images.dtype.kind == "b" else None)

    def __repr__(self) -> str:
        return "ToTensor()"


class Normalize(Transform):
    """(x - mean) / std, channel by channel, on floating-point images (C, H, W).

    Errors: ValueError for a std of 0, TypeError for images of integers, ValueError where the
    number of means is neither 1 nor C.

    Example:
        >>> import numpy as np
        >>> image = np.array([[[0.0]], [[1.0]]], dtype=np.float32)
        >>> minigrad.datasets.transforms.Normalize((0.0, 0.5), (1.0, 0.5))(image).ravel()
        array([0., 1.], dtype=float32)
    """

    def __init__(self, mean: float | Sequence[float], std: float | Sequence[float]) -> None:
        """
        Args:
            mean: what is subtracted, one number or one for each channel.
            std: what is divided by, one number or one for each channel.
        """
        if np.any(np.asarray(std) == 0):
            raise ValueError(f"Normalize: expected a std other than 0 for each channel, got {std}")
        self.mean = mean
        self.std = std

    def batch(self, images: Array) -> Array:
        if images.dtype.kind != "f":
            raise TypeError(
                f"Normalize: expected a floating-point image, got {images.dtype}; "
                "put ToTensor() before it"
            )
        mean, std = self._per_channel(self.mean, images), self._per_channel(self.std, images)
        out = np.subtract(images, mean)
        return np.divide(out, std, out=out)

    def _per_channel(self, values: float | Sequence[float], images: Array) -> Array:
        row = np.asarray(values, dtype=images.dtype).reshape(-1, 1, 1)
        if images.ndim != 4 or len(row) not in (1, images.shape[1]):
            raise ValueError(
                f"Normalize: expected an image (C, H, W) with a channel for each of "
                f"{len(row)} values, got shape {images.shape[1:]}"
            )
        return row

    def __repr__(self) -> str:
        return f"Normalize(mean={self.mean}, std={self.std})"


class ConvertImageDtype(Transform):
    """The image in another type, with the range that images have in it: 0..255 in uint8, 0..1 in
    floating point. The channels stay where they are.

    Errors: TypeError for a type that images do not come in.

    Example:
        >>> import numpy as np
        >>> image = np.array([[0, 255]], dtype=np.uint8)
        >>> minigrad.datasets.transforms.ConvertImageDtype(minigrad.float32)(image)
        array([[0., 1.]], dtype=float32)
    """

    def __init__(self, dtype: Any) -> None:
        """
        Args:
            dtype: the type that the image gets.
        """
        self.dtype = _image_dtype(as_dtype(dtype))

    def batch(self, images: Array) -> Array:
        source = _image_dtype(images.dtype)
        if source.kind == self.dtype.kind:
            return images.astype(self.dtype)
        if source == uint8:
            return images.astype(self.dtype) / self.dtype.type(255)
        # Every level gets an equal share of 0..1; 255 itself is reached at 1 only with a margin.
        return (images * images.dtype.type(256 - 1e-3)).astype(self.dtype)

    def __repr__(self) -> str:
        return f"ConvertImageDtype(dtype={self.dtype})"


def _image_dtype(dtype: DType) -> DType:
    if dtype != uint8 and dtype.kind != "f":
        raise TypeError(f"ConvertImageDtype: expected uint8 or a floating-point type, got {dtype}")
    return dtype


class Grayscale(Transform):
    """0.299 R + 0.587 G + 0.114 B, in one channel or in three equal ones; (H, W) for one channel
    of uint8.

    Errors: ValueError for an image that has neither 1 nor 3 channels.

    Example:
        >>> import numpy as np
        >>> red = np.array([[[255, 0, 0]]], dtype=np.uint8)
        >>> minigrad.datasets.transforms.Grayscale()(red)
        array([[76]], dtype=uint8)
    """

    def __init__(self, num_output_channels: int = 1) -> None:
        """
        Args:
            num_output_channels: 1, or 3 equal ones for a network that wants colours.
        """
        if num_output_channels not in (1, 3):
            raise ValueError(
                f"Grayscale: expected num_output_channels of 1 or 3, got {num_output_channels}"
            )
        self.num_output_channels = num_output_channels

    def batch(self, images: Array) -> Array:
        decoded = images.dtype == uint8
        if decoded and images.ndim == 3:
            images = images[..., None]
        axis = -1 if decoded else 1
        if images.ndim != 4 or images.shape[axis] not in (1, 3):
            raise ValueError(
                f"Grayscale: expected an image with 1 or 3 channels, got shape {images.shape[1:]}"
            )
        planes = np.moveaxis(images, axis, 0)
        if len(planes) == 1:
            gray = planes[0]
        elif decoded:
            gray = np.round(np.tensordot(LUMA, planes, 1)).astype(images.dtype)
        else:
            gray = np.tensordot(LUMA.astype(images.dtype), planes, 1)
        if decoded and self.num_output_channels == 1:
            return gray
        return np.stack([gray] * self.num_output_channels, axis=axis)

    def __repr__(self) -> str:
        return f"Grayscale(num_output_channels={self.num_output_channels})"


class Flatten(Transform):
    """The image as one row of numbers, in the order of its memory.

    Example:
        >>> import numpy as np
        >>> minigrad.datasets.transforms.Flatten()(np.zeros((28, 28))).shape
        (784,)
    """

    def batch(self, images: Array) -> Array:
        return images.reshape(len(images), -1)

    def __repr__(self) -> str:
        return "Flatten()"


class OneHot(Transform):
    """For labels: a row of zeros with a 1 at the label.

    Errors: ValueError for a label outside 0..num_classes - 1.

    Example:
        >>> minigrad.datasets.transforms.OneHot(4)(2)
        array([0., 0., 1., 0.], dtype=float32)
    """

    def __init__(self, num_classes: int, dtype: Any = float32) -> None:
        """
        Args:
            num_classes: how long a row is.
            dtype: its type.
        """
        self.num_classes = num_classes
        self.dtype = as_dtype(dtype)

    def batch(self, images: Array) -> Array:
        outside = (images < 0) | (images >= self.num_classes)
        if outside.any():
            raise ValueError(
                f"OneHot: expected labels of 0 to {self.num_classes - 1}, got {images[outside][0]}"
            )
        return np.eye(self.num_classes, dtype=self.dtype)[images]

    def __repr__(self) -> str:
        return f"OneHot(num_classes={self.num_classes})"
