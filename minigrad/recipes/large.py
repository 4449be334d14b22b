"""Recipes of the large networks: what is of interest is that they compute as PyTorch's do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minigrad.recipes.recipe import Recipe

SMALL: dict[str, Any] = {
    "batch": 2,
    "settings": {"lr": 0.000001, "momentum": 0.9},
    "options": {"samples": (8, 2), "size": (64, 64)},
}
"""Few and small images: for a quick comparison of a network that takes images of any size. In so
small a batch normalisation multiplies roundings from step to step; a small rate, by less."""


def on_noise(name: str, network: str, model: str, quick: Mapping[str, Any] = SMALL) -> Recipe:
    """A network of 1,000 classes on a few random images, which it learns by heart."""
    return Recipe(
        name=name,
        title=f"{network}, on random 3x224x224 images",
        model=model,
        data="noise",
        options={"samples": (16, 8)},
        quick=quick,
        loss="CrossEntropyLoss",
        optimizer="SGD",
        settings={"lr": 0.001, "momentum": 0.9},
        batch=4,
        epochs=2,
    )


LARGE = (
    on_noise("N6", "AlexNet 224", "alexnet224", quick={"batch": 2}),
    on_noise("N7", "ResNet-34", "resnet34"),
    on_noise("N8", "GoogLeNet", "googlenet"),
    on_noise("N9-vgg16", "VGG-16", "vgg16", quick={"batch": 2, "options": SMALL["options"]}),
    on_noise("N9-resnet50", "ResNet-50", "resnet50"),
    on_noise("N9-resnet152", "ResNet-152", "resnet152"),
)
