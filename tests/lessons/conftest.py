"""A small MNIST of random images, for lessons to be run on anywhere."""

from __future__ import annotations

import struct

import numpy as np
import pytest


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A data folder with 600 training and 200 test images: a pattern a class, as dark as MNIST's
    digits, and noise."""
    root = tmp_path_factory.mktemp("data")
    draw = np.random.default_rng(0)
    patterns = 200 * (draw.random((10, 28, 28)) < 0.12)
    for prefix, count in (("train", 600), ("t10k", 200)):
        labels = draw.integers(0, 10, count).astype(np.uint8)
        images = (patterns[labels] + draw.integers(0, 30, (count, 28, 28))).astype(np.uint8)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            (root / f"{prefix}-{kind}-ubyte").write_bytes(header + array.tobytes())
    return str(root)
