"""Cases that only a GPU does in a time worth waiting for, and small ones in their place."""

from __future__ import annotations

from benchmarks import networks
from benchmarks.case import Case, Supervised, floats, labels

_MOMENTUM = {"lr": 0.01, "momentum": 0.9}
LARGE = [
    Case(
        "alexnet224",
        "AlexNet, dropout 0.5, SGD momentum, 128 images of 3x224x224",
        Supervised(
            networks.alexnet224, floats(128, 3, 224, 224), labels(128, 1000), "CrossEntropyLoss",
            "SGD", _MOMENTUM,
        ),
        quick=False,
        random=True,
    ),
    Case(
        "resnet34-224-128",
        "ResNet-34, SGD momentum, 128 images of 3x224x224",
        Supervised(
            networks.resnet34, floats(128, 3, 224, 224), labels(128, 1000), "CrossEntropyLoss",
            "SGD", _MOMENTUM,
        ),
        quick=False,
    ),
]  # fmt: skip

SMALL = {
    "alexnet28": Case(
        "alexnet28-small",
        "AlexNet-28 with an eighth of the dense layers, 2 images",
        Supervised(
            networks.alexnet28_eighth, floats(2, 1, 28, 28), labels(2),
            "CrossEntropyLoss", "Adam", {"lr": 1e-4},
        ),
        quick=False,
        random=True,
    ),
    "resnet34": Case(
        "resnet34-small",
        "ResNet-34 with a quarter of the channels, 2 images of 3x32x32",
        Supervised(
            lambda nn: networks.resnet34(nn, 16), floats(2, 3, 32, 32), labels(2, 1000),
            "CrossEntropyLoss", "SGD", _MOMENTUM,
        ),
        quick=False,
    ),
}  # fmt: skip
"""What a dry run does in the place of those that take a CPU long."""
