"""The samples that a recipe trains on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigrad.creation import from_numpy
from minigrad.datasets import MNIST, Diabetes, FashionMNIST, transforms
from minigrad.models import MODELS
from minigrad.random import Generator
from minigrad.recipes import Recipe
from minigrad.training.folder import read_folder
from minigrad.training.images import read_photograph, read_photographs, read_textures
from minigrad.training.splits import Samples, Splits, hold_out
from minigrad.utils.data import TensorDataset, random_split


def read(recipe: Recipe, root: str | None, seed: int) -> Splits:
    """The recipe's samples, found in ``root`` or where the datasets look.

    ``seed`` decides what is drawn: samples that are made, and splits. Errors: the dataset's.
    """
    train, test, source = DATASETS[recipe.data](recipe, root, seed)
    kept, held = hold_out(train, recipe.validation) if recipe.validation else (train, None)
    return Splits(kept, test, held, source, getattr(train, "stands_for", None))


Read = tuple[Samples, Samples, str]


def _images(dataset: type[MNIST]) -> Callable[[Recipe, str | None, int], Read]:
    def read(recipe: Recipe, root: str | None, seed: int) -> Read:
        steps: list[transforms.Transform] = [transforms.ToTensor()]
        if recipe.normalize is not None:
            steps.append(transforms.Normalize(*recipe.normalize))
        target = transforms.OneHot(len(dataset.classes)) if recipe.one_hot else None
        train, test = (
            dataset(root, part, transforms.Compose(steps), target, download=True)
            for part in (True, False)
        )
        return train, test, train.source

    return read


def _diabetes(recipe: Recipe, root: str | None, seed: int) -> Read:
    table = Diabetes(root)
    count = int(0.7 * len(table))
    parts = random_split(table, [count, len(table) - count], Generator().manual_seed(seed))
    return parts[0], parts[1], str(table.path)


def _sums(recipe: Recipe, root: str | None, seed: int) -> Read:
    """10,000 uniform triples; the class says whether their sum is below 1, up to 2, or above."""
    draw = Generator().manual_seed(seed).numpy
    x = draw.random((10_000, 3)).astype(np.float32)
    sums = x.sum(axis=1)
    y = np.stack([sums < 1, (sums >= 1) & (sums <= 2), sums > 2], axis=1).astype(np.float32)
    train, test = (
        TensorDataset(from_numpy(x[part]), from_numpy(y[part]))
        for part in (slice(7_000), slice(7_000, None))
    )
    return train, test, "drawn from the seed"


def _noise(recipe: Recipe, root: str | None, seed: int) -> Read:
    """Random images of the model's size (or of ``size``) with random labels: something to run a
    network on, not to learn. ``samples``: how many to train on and to test with."""
    draw = Generator().manual_seed(seed).numpy
    channels, *size = MODELS[recipe.model].input
    size = recipe.options.get("size", size)
    train, test = (
        TensorDataset(
            from_numpy(draw.standard_normal((count, channels, *size)).astype(np.float32)),
            from_numpy(draw.integers(10, size=count)),
        )
        for count in recipe.options.get("samples", (512, 128))
    )
    return train, test, "drawn from the seed"


def _recall(recipe: Recipe, root: str | None, seed: int) -> Read:
    """Sequences of ``length`` steps: letters, one of them marked, and an empty step at the end, at
    which the marked one is asked for. ``samples``: how many to train on and to test with."""
    draw = Generator().manual_seed(seed).numpy
    length, letters = recipe.options["length"], MODELS[recipe.model].input[-1] - 1

    def made(count: int) -> Samples:
        shown = draw.integers(letters, size=(count, length - 1))
        each, marked = np.arange(count), draw.integers(length - 1, size=count)
        x = np.zeros((count, length, letters + 1), np.float32)
        x[:, :-1, :-1] = np.eye(letters)[shown]
        x[each, marked, -1] = 1
        return TensorDataset(from_numpy(x), from_numpy(shown[each, marked]))

    train, test = (made(count) for count in recipe.options["samples"])
    return train, test, "drawn from the seed"


DATASETS: dict[str, Callable[[Recipe, str | None, int], Read]] = {
    "diabetes": _diabetes,
    "fashion-mnist": _images(FashionMNIST),
    "folder": read_folder,
    "mnist": _images(MNIST),
    "noise": _noise,
    "photograph": read_photograph,
    "photographs": read_photographs,
    "recall": _recall,
    "sums": _sums,
    "textures": read_textures,
}
"""How the samples of each name are read: (train, test, where they came from)."""
