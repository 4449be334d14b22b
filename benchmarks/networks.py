"""The benchmarked networks and their first weights: ``nn`` is minigrad's or PyTorch's.

Most are networks of the recipes. What is written out here is what other libraries read as data, and
what torchvision, the twin of the recipes' large networks, does otherwise: it writes ReLU in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
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


def _recipes(file: str, name: str, **settings: Any) -> Callable[[Any], Any]:
    """A network of the recipes, from its file in ``minigrad/models`` or in ``reference/models``:
    whichever library's ``nn`` asks for it."""

    def made(nn: Any) -> Any:
        side = "minigrad" if nn.__name__.startswith("minigrad") else "reference"
        return getattr(import_module(f"{side}.models.{file}"), name)(**settings)

    return made


lenet5 = _recipes("lenet", "LeNet5")
cnn = _recipes("cnn", "CNN")
alexnet28 = _recipes("alexnet", "SmallAlexNet")
alexnet28_eighth = _recipes("alexnet", "SmallAlexNet", hidden=(512, 256, 128))
discriminator = _recipes("gan", "Discriminator")
generator = _recipes("gan", "Generator")


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
    return resnet(nn, (3, 4, 6, 3), width, 1000)


def resnet(nn: Any, counts: tuple[int, int, int, int], width: int, classes: int) -> Any:
    """So many blocks of two convolutions at each of four widths."""

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
    for outputs, count in zip((width, 2 * width, 4 * width, 8 * width), counts, strict=True):
        for i in range(count):
            layers.append(Block(inputs, outputs, 2 if i == 0 and outputs > width else 1))
            inputs = outputs
    ends = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes)
    return nn.Sequential(*layers, *ends)
