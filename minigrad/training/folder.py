"""A folder of photographs, a folder a class."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from minigrad.cache import cache_folder
from minigrad.datasets import ImageFolder, transforms
from minigrad.datasets.folder import EXTENSIONS
from minigrad.datasets.waste import drawn_waste
from minigrad.random import Generator
from minigrad.recipes import Recipe
from minigrad.training.splits import Samples
from minigrad.utils.data import Subset

TEST_SHARE = 0.2


def read_folder(recipe: Recipe, root: str | None, seed: int) -> tuple[Samples, Samples, str]:
    """The images of ``root``, the shorter side resized to ``size`` and the middle cut out; a fifth
    of each class, drawn from the seed, to test with. Where root has no images, drawn ones.

    ``classes``: how many the recipe's network tells apart. Errors: ValueError for another number
    of them; those of `ImageFolder`.
    """
    folder = _folder(recipe.name, root)
    size, classes = recipe.options["size"], recipe.options["classes"]
    steps = [transforms.Resize(size), transforms.CenterCrop(size), transforms.ToTensor()]
    if recipe.normalize is not None:
        steps.append(transforms.Normalize(*recipe.normalize))
    images = ImageFolder(folder, transforms.Compose(steps))
    if len(images.classes) != classes:
        raise ValueError(
            f"{recipe.name}: the network tells {classes} classes apart; expected as many folders "
            f"in {folder}, found {len(images.classes)}: {', '.join(images.classes)}"
        )
    train, test = _parts(np.array(images.targets), seed)
    return Subset(images, train.tolist()), Subset(images, test.tolist()), str(folder)


def _folder(name: str, root: str | None) -> Path:
    """The root if there is any image in it, else a folder of drawn pictures, with a word on it."""
    if root is not None and any(p.suffix.lower() in EXTENSIONS for p in Path(root).rglob("*")):
        return Path(root)
    drawn = drawn_waste(cache_folder() / "waste")
    why = "no folder of images is given with --data" if root is None else f"no images in {root}"
    print(f"{name}: {why}; using the drawn pictures in {drawn} instead", file=sys.stderr)
    return drawn


def _parts(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the samples to train on and of those to test with, by class the same share."""
    draw = Generator().manual_seed(seed).numpy
    train: list[int] = []
    test: list[int] = []
    for label in np.unique(labels):
        order = draw.permutation(np.flatnonzero(labels == label))
        held = round(len(order) * TEST_SHARE)
        test += sorted(order[:held])
        train += sorted(order[held:])
    return np.array(train), np.array(test)
