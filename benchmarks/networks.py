"""The benchmarked networks and their first weights: ``nn`` is minigrad's or PyTorch's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Dense:
    """Fully connected layers of these sizes: ``activation`` between them, ``last`` at the end.

    It is data, so that a library without PyTorch's names can read it too.
    """

    sizes: tuple[int, ...]
    activation: str = "ReLU"
    last: str | None = None
    bias: bool = True

    def __call__(self, nn: Any) -> Any:
        layers = []
        pairs = list(pairwise(self.sizes))
        for i, (inputs, outputs) in enumerate(pairs):
            layers.append(nn.Linear(inputs, outputs, bias=self.bias))
            name = self.activation if i + 1 < len(pairs) else self.last
            if name is not None:
                layers.append(getattr(nn, name)())
        return nn.Sequential(*layers)

    def shapes(self) -> list[tuple[int, ...]]:
        """Of the parameters, in their order: (outputs, inputs), (outputs,), and so on."""
        found: list[tuple[int, ...]] = []
        for inputs, outputs in pairwise(self.sizes):
            found += [(outputs, inputs), (outputs,)] if self.bias else [(outputs, inputs)]
        return found


DNN = Dense((3, 5, 5, 5, 3))
DIABETES = Dense((8, 32, 8, 4, 1), "Sigmoid", last="Sigmoid")
MLP = Dense((784, 512, 256, 128, 64, 10))
BY_HAND = Dense((785, 200, 10), bias=False)
"""The input brings a column of ones."""


def weights(shapes: Iterable[tuple[int, ...]]) -> Iterator[Any]:
    """The arrays that every engine starts from: uniform within 1/√fan-in, float32."""
    rng = np.random.default_rng(1)
    for shape in shapes:
        fan_in = int(np.prod(shape[1:])) if len(shape) > 1 else shape[0]
        yield (rng.uniform(-1, 1, shape) / np.sqrt(fan_in)).astype(np.float32)


def lenet5(nn: Any) -> Any:
    """conv 6@5x5 pad 2, tanh, avgpool, conv 16@5x5, tanh, avgpool, conv 120@5x5, tanh, 84, 10."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(16, 120, 5), nn.Tanh(), nn.Flatten(),
        nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )  # fmt: skip


def cnn(nn: Any) -> Any:
    """conv 8@5x5 same, pool, 16@5x5 same, pool, 100, dropout 0.25, 10."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * 7 * 7, 100), nn.ReLU(), nn.Dropout(0.25), nn.Linear(100, 10),
    )  # fmt: skip


def alexnet28(nn: Any, share: int = 1) -> Any:
    """3x3 convs 16, pool, 32, pool, 64, 128, 256, pool (rounded up), 4096, 2048, 1024, 10; of the
    dense layers one in ``share`` of the columns."""
    first, second, third = (n // share for n in (4096, 2048, 1024))
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(),
        nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(),
        nn.Conv2d(128, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True),
        nn.Flatten(),
        nn.Linear(256 * 4 * 4, first), nn.ReLU(), nn.Dropout(0.4),
        nn.Linear(first, second), nn.ReLU(), nn.Dropout(0.4),
        nn.Linear(second, third), nn.ReLU(), nn.Dropout(0.4), nn.Linear(third, 10),
    )  # fmt: skip


def alexnet224(nn: Any) -> Any:
    """AlexNet for 3x224x224 and 1000 classes (Krizhevsky 2014, one tower)."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten(),
        nn.Dropout(0.5), nn.Linear(256 * 6 * 6, 4096), nn.ReLU(),
        nn.Dropout(0.5), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000),
    )  # fmt: skip


def resnet34(nn: Any, width: int = 64) -> Any:
    """ResNet-34 (He et al. 2015, table 1) with 1000 classes, from so many channels on."""

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(outputs)
            self.relu = nn.ReLU()
            self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(outputs)
            self.downsample = None
            if stride != 1 or inputs != outputs:
                self.downsample = nn.Sequential(
                    nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
                )

        def forward(self, x: Any) -> Any:
            shortcut = x if self.downsample is None else self.downsample(x)
            y = self.relu(self.bn1(self.conv1(x)))
            return self.relu(self.bn2(self.conv2(y)) + shortcut)

    layers = [
        nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
    ]  # fmt: skip
    inputs = width
    for outputs, count in ((width, 3), (2 * width, 4), (4 * width, 6), (8 * width, 3)):
        for i in range(count):
            layers.append(Block(inputs, outputs, 2 if i == 0 and outputs > width else 1))
            inputs = outputs
    ends = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000)
    return nn.Sequential(*layers, *ends)


def discriminator(nn: Any) -> Any:
    """784-256-128-1, LeakyReLU 0.2, sigmoid."""
    return nn.Sequential(
        nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 128), nn.LeakyReLU(0.2),
        nn.Linear(128, 1), nn.Sigmoid(),
    )  # fmt: skip


def generator(nn: Any) -> Any:
    """64-128-256-784, LeakyReLU 0.2, tanh."""
    return nn.Sequential(
        nn.Linear(64, 128), nn.LeakyReLU(0.2), nn.Linear(128, 256), nn.LeakyReLU(0.2),
        nn.Linear(256, 784), nn.Tanh(),
    )  # fmt: skip
