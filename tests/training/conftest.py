"""A small task that a small network learns."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad
from minigrad import nn


@pytest.fixture
def task() -> tuple[np.ndarray, np.ndarray]:
    """90 points around three corners, float32, and which corner it is."""
    draw = np.random.default_rng(0)
    labels = draw.integers(3, size=90)
    corners = np.array([[2, 0], [-2, 1], [0, -2]], np.float32)
    points = corners[labels] + draw.standard_normal((90, 2)).astype(np.float32)
    return points, labels


@pytest.fixture
def network():
    """Makes a network for the task, with dropout and batch normalisation, always the same one."""

    def make() -> nn.Module:
        minigrad.manual_seed(5)
        return nn.Sequential(
            nn.FullConnection(2, 16),
            nn.BatchNorm1d(16),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.FullConnection(16, 3),
        )

    return make
