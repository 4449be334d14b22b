"""The images that style is learned on: one photograph, pieces of many, textures."""

from __future__ import annotations

from pathlib import Path

from minigrad.creation import from_numpy
from minigrad.datasets.folder import read_image
from minigrad.datasets.photographs import crops, images_in, photograph, scaled, scenes
from minigrad.datasets.textures import textures
from minigrad.datasets.transforms import Compose, Normalize
from minigrad.device import Array
from minigrad.random import Generator
from minigrad.recipes import Recipe
from minigrad.training.splits import Samples
from minigrad.utils.data import TensorDataset

Read = tuple[Samples, Samples, str]

LARGEST = 640
"""Pixels of the longer side of a photograph that pieces are cut from."""


def read_photograph(recipe: Recipe, root: str | None, seed: int) -> Read:
    """One sample: the photograph, which is its own target. It is trained on and tested with."""
    path, size = recipe.options["photograph"], recipe.options["size"]
    only = _own_targets(photograph(path, size)[None])
    return only, only, Path(path).name or "Grace Hopper, from matplotlib"


def read_photographs(recipe: Recipe, root: str | None, seed: int) -> Read:
    """Pieces of the photographs in ``root``, or where it has none of those that scikit-learn ships,
    each its own target; to test with, pieces of the photograph that the recipe shows.

    Errors: RuntimeError where there are no photographs.
    """
    paths = images_in(root) if root is not None else []
    source = f"the {len(paths)} images in {root}"
    if not paths:
        paths = scenes()
        source = f"{' and '.join(path.name for path in paths)}, from scikit-learn"
    if not paths:
        raise RuntimeError(
            f"{recipe.name}: no photographs to learn on; give a folder of images with --data, or "
            "install scikit-learn, which ships two"
        )
    train = [scaled(read_image(path), LARGEST, str(path)) for path in paths]
    test = photograph(recipe.options["photograph"], LARGEST)
    draw = Generator().manual_seed(seed)
    size, (count, kept_back) = recipe.options["piece"], recipe.options["samples"]
    return (
        _own_targets(crops(train, count, size, draw)),
        _own_targets(crops([test], kept_back, size, draw)),
        source,
    )


def read_textures(recipe: Recipe, root: str | None, seed: int) -> Read:
    """Textures, and which pattern and colours each has."""
    draw = Generator().manual_seed(seed)
    normalize = Normalize(*recipe.normalize) if recipe.normalize else Compose([])

    def made(count: int) -> Samples:
        images, labels = textures(count, recipe.options["size"], draw)
        return TensorDataset(from_numpy(normalize.batch(images)), from_numpy(labels))

    train, test = (made(count) for count in recipe.options["samples"])
    return train, test, "drawn from the seed"


def _own_targets(images: Array) -> Samples:
    tensor = from_numpy(images)
    return TensorDataset(tensor, tensor)
