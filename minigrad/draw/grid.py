"""Images side by side: torchvision's make_grid and save_image."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from minigrad.autograd import no_grad
from minigrad.creation import as_tensor, full
from minigrad.functions import cat, stack
from minigrad.serialization.whole import write_whole
from minigrad.tensor import Tensor

Images = Any
"""A tensor or an array (N, C, H, W), (C, H, W) or (H, W), or a list of such images of one size."""


def make_grid(
    tensor: Images,
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> Tensor:
    """One image (C, H, W) with the images in rows of ``nrow``, ``padding`` pixels apart.

    Images of one channel get three. ``normalize`` brings the numbers to 0..1, from ``value_range``
    or else from the least and the largest there are, of all images or with ``scale_each`` of each.
    A single image is returned without a border, as in torchvision.
    Errors: TypeError for what is no image, ValueError for other dimensions, no image at all, a
    ``nrow`` below 1 and a negative ``padding``.

    Args:
        tensor: images (N, C, H, W), one (C, H, W) or (H, W), or a list of them.
        pad_value: the number between the images.
    """
    if nrow < 1 or padding < 0:
        raise ValueError(
            f"make_grid: expected nrow of 1 or more and padding of 0 or more, got {nrow}, {padding}"
        )
    with no_grad():
        images = _batch(tensor)
        if normalize:
            images = _normalized(images, value_range, scale_each)
        count, channels, height, width = images.shape
        if count == 1:
            return images[0]
        columns = min(nrow, count)
        high, wide = height + padding, width + padding
        grid = full(
            (channels, high * -(-count // columns) + padding, wide * columns + padding),
            pad_value,
            dtype=images.dtype,
            device=images.device,
        )
        for k in range(count):
            top, left = k // columns * high + padding, k % columns * wide + padding
            grid[:, top : top + height, left : left + width] = images[k]
    return grid


def save_image(
    tensor: Images,
    fp: str | os.PathLike[str] | BinaryIO,
    format: str | None = None,
    **kwargs: Any,
) -> None:
    """Write images of numbers 0..1 as a picture, several as a `make_grid` with ``kwargs``.

    The form is that of the file's ending, or ``format``. A file is written whole or not at all;
    ``fp`` may be an open one. Numbers outside of 0..1 are cut off, and nan is black.
    Errors: those of `make_grid`, ValueError for a form that Pillow does not know and for images
    that have neither 1 nor 3 nor 4 channels, OSError from the disk.

    Args:
        tensor: images as `make_grid` takes them.
    """
    from PIL import Image

    grid = make_grid(tensor, **kwargs)
    if grid.shape[0] not in (3, 4):
        raise ValueError(
            f"save_image: expected images of 1, 3 or 4 channels, got {grid.shape[0]} channels"
        )
    pixels = np.asarray(grid.detach().cpu().numpy() * 255 + 0.5)
    pixels = np.clip(np.nan_to_num(pixels), 0, 255).astype(np.uint8)
    picture = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)))
    if not isinstance(fp, (str, os.PathLike)):
        picture.save(fp, format=format)
        return
    ending = Path(fp).suffix.lower()
    form = format or Image.registered_extensions().get(ending)
    if form is None:
        raise ValueError(f"save_image: unknown file extension: {ending!r}; such as .png is known")
    stream = io.BytesIO()
    picture.save(stream, format=form)
    write_whole(fp, stream.getvalue(), "save_image")


def _batch(tensor: Images) -> Tensor:
    """The images as one (N, C, H, W) tensor of more than one channel."""
    if isinstance(tensor, (list, tuple)):
        images = stack([_image(x) for x in tensor]) if tensor else as_tensor([])
    else:
        images = _image(tensor)
    if images.ndim not in (2, 3, 4) or not images.shape[0]:
        raise ValueError(
            "make_grid: expected images (N, C, H, W), (C, H, W) or (H, W), or a list of them, got "
            f"shape {tuple(images.shape)}"
        )
    if images.ndim == 2:
        images = images.unsqueeze(0)
    if images.ndim == 3:
        images = images.unsqueeze(0)
    return cat([images] * 3, 1) if images.shape[1] == 1 else images


def _image(x: Any) -> Tensor:
    if isinstance(x, Tensor):
        return x.detach()
    if isinstance(x, np.ndarray):
        return as_tensor(x)
    raise TypeError(f"make_grid: tensor or list of tensors expected, got {type(x).__name__}")


def _normalized(images: Tensor, value_range: Sequence[float] | None, scale_each: bool) -> Tensor:
    """The images in 0..1."""
    if value_range is not None and not isinstance(value_range, tuple):
        raise TypeError(
            "make_grid: value_range has to be a tuple (min, max) if specified, got "
            f"{type(value_range).__name__}"
        )
    parts = list(images.unbind()) if scale_each else [images]
    scaled = []
    for part in parts:
        low, high = value_range or (float(part.min()), float(part.max()))
        scaled.append((part.clamp(low, high) - low) / max(high - low, 1e-5))
    return stack(scaled) if scale_each else scaled[0]
