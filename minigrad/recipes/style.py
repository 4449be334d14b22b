"""Recipes of style transfer: one image, a network for any image, and what both see with."""

from __future__ import annotations

from typing import Any

from minigrad.recipes.norms import IMAGENET_NORM
from minigrad.recipes.recipe import Recipe

LOOKS: dict[str, Any] = {
    "photograph": "",
    "painting": "",
    "features": "",
    "size": 288,
    "painting_size": 384,
    "content_layers": ("relu2_2", "relu3_1"),
    "style_layers": ("relu1_1", "relu2_1", "relu2_2", "relu3_1", "relu3_2", "relu4_1"),
    "content": 0.5,
    "style": 40.0,
    "smooth": 10.0,
    "decay": 0.998,
}
"""What style transfer looks at and how much each part of its loss counts: see
``minigrad.training.style``. An empty path is what is at hand."""

STYLE = (
    Recipe(
        name="G3",
        title="Neural style transfer: a photograph repainted, the image itself optimised",
        model="style-image",
        data="photograph",
        learner="style-image",
        options={**LOOKS, "noise": 0.6},
        loss="MSELoss",
        optimizer="Adam",
        settings={"lr": 0.05},
        batch=None,
        epochs=800,
        every=100,
        metrics=(),
        quick={"epochs": 20, "every": 20, "options": {"size": 48, "painting_size": 48}},
    ),
    Recipe(
        name="G3-features",
        title="A small VGG that tells patterns and colours apart, for G3 and G4 to see with",
        model="style-features",
        data="textures",
        normalize=IMAGENET_NORM,
        options={"size": 32, "samples": (8000, 1000)},
        loss="CrossEntropyLoss",
        optimizer="Adam",
        settings={"lr": 0.003},
        batch=32,
        epochs=12,
        # Of few samples a batch normalisation multiplies roundings; at a small rate, by less.
        quick={
            "batch": 8,
            "epochs": 1,
            "settings": {"lr": 0.0003},
            "options": {"samples": (160, 40)},
        },
    ),
    Recipe(
        name="G4",
        title="Fast style transfer: a network that repaints any photograph",
        model="style-net",
        data="photographs",
        learner="style-net",
        options={
            **LOOKS,
            "size": 384,
            "painting_size": 320,
            "content": 8.0,
            "decay": 0.9985,
            "piece": 96,
            "samples": (800, 8),
        },
        loss="MSELoss",
        optimizer="Adam",
        settings={"lr": 0.003},
        batch=2,
        epochs=4,
        metrics=(),
        # At the full rate a rounding is ten times as large after every few of the first steps.
        quick={
            "batch": 1,
            "epochs": 1,
            "settings": {"lr": 0.00002},
            "options": {"size": 64, "painting_size": 64, "piece": 48, "samples": (20, 2)},
        },
    ),
)
