"""Transforms of images and labels: arrays in, arrays out, one image or a whole batch.

An image of uint8 is as a file decodes it: (H, W), or (H, W, C) with colours. An image of any
other type is as `ToTensor` leaves it: (C, H, W). Every transform keeps to this, so each may stand
on either side of `ToTensor`. The names and the values are torchvision's.
"""

from __future__ import annotations

from minigrad.datasets.transforms.geometry import (
    CenterCrop,
    RandomCrop,
    RandomHorizontalFlip,
    Resize,
)
from minigrad.datasets.transforms.transform import Compose, Lambda, Transform
from minigrad.datasets.transforms.values import (
    ConvertImageDtype,
    Flatten,
    Grayscale,
    Normalize,
    OneHot,
    ToTensor,
)

__all__ = [
    "CenterCrop",
    "Compose",
    "ConvertImageDtype",
    "Flatten",
    "Grayscale",
    "Lambda",
    "Normalize",
    "OneHot",
    "RandomCrop",
    "RandomHorizontalFlip",
    "Resize",
    "ToTensor",
    "Transform",
]
