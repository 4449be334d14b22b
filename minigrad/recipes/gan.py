"""Recipes of generative adversarial networks."""

from __future__ import annotations

from dataclasses import replace

from minigrad.recipes.recipe import Recipe

DIGITS = Recipe(
    name="G1",
    title="GAN: a generator draws digits, a discriminator tells them from MNIST's",
    model="gan",
    data="mnist",
    normalize=(0.5, 0.5),
    learner="adversarial",
    metrics=("D_real", "D_fake", "G_loss"),
    loss="BCELoss",
    optimizer="Adam",
    settings={"lr": 0.0002, "betas": (0.5, 0.999)},
    batch=100,
    epochs=40,
    every=5,
)

GAN = (
    DIGITS,
    replace(
        DIGITS,
        name="G1-source",
        title="The GAN at the source's rate of 1e-6, at which it does not learn",
        settings={"lr": 0.000001},
    ),
)
