"""Small networks that learn on a device."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn, optim
from minigrad.models.resnet import BasicBlock
from minigrad.nn import functional as F

sys.path.insert(0, str(Path(__file__).parent.parent / "compiler"))
from twins import batches, same

__all__ = ["LEARNERS", "Training", "batches", "convolutional", "dense", "residual", "same"]


def dense() -> nn.Module:
    return nn.Sequential(
        *(nn.FullConnection(6, 16), nn.ReLU(), nn.Dropout(0.3), nn.FullConnection(16, 8)),
        *(nn.ReLU(), nn.FullConnection(8, 4)),
    )


def convolutional() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 16, 3, padding=1)),
        *(nn.ReLU(), nn.Flatten(), nn.FullConnection(64, 4)),
    )


def residual() -> nn.Module:
    """Batch normalisation, of channels and of what is added to them."""
    return nn.Sequential(
        *(nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU()),
        *(BasicBlock(4, 4), BasicBlock(4, 6, 2)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4)),
    )


class Training:
    """A network that learns on a device; its rate falls after five steps."""

    def __init__(self, make: Callable[[], nn.Module], device: str) -> None:
        minigrad.manual_seed(3)
        self.device, self.model = device, make().to(device)
        self.update = optim.Adam(self.model.parameters(), lr=0.01)

    def step(self, x: Any, y: Any) -> Any:
        self.update.zero_grad()
        loss = F.cross_entropy(self.model(x), y)
        loss.backward()
        self.update.step()
        return loss

    def run(self, step: Callable[..., Any], *shape: int) -> list[float]:
        losses = []
        for i, (x, y) in enumerate(batches(8, *shape)):
            if i == 5:
                self.update.param_groups[0]["lr"] = 0.002
            losses.append(step(x.to(self.device), y.to(self.device)).item())
        return losses

    def numbers(self) -> dict[str, np.ndarray]:
        return {name: t.numpy(force=True) for name, t in self.model.state_dict().items()}


LEARNERS = pytest.mark.parametrize(
    "make, shape",
    [(dense, (5, 6)), (convolutional, (5, 1, 6, 6)), (residual, (3, 2, 8, 6))],
    ids=["dense", "convolutional", "residual"],
)
