"""A system trained on the GPU, minigrad and PyTorch in turns, as far as the time goes."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.gpu.device import opened
from benchmarks.gpu.part import Asked
from minigrad.datasets.places import DATA
from minigrad.recipes import RECIPES
from minigrad.utils.data.dataset import length

ROOT = Path(__file__).parents[2]
CLOSE = 0.5
"""Percentage points that the two sides' accuracies may be apart after the same epochs, at least."""
DEVIATIONS = 4.0
"""Of the difference of two accuracies on so few images, if nothing but chance parts them."""
FILE = "mnist/train-images-idx3-ubyte.gz"
FOLDERS = ("data", "shared/data", "../shared/data", "../data")
"""Where MNIST may lie, seen from the repository, if nobody says so: a machine that is lent has no
network."""


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """A system a finding. Without PyTorch there is nothing to compare with."""
    if find_spec("torch") is None:
        yield {"skipped": ["accuracy: PyTorch is not installed: nothing is compared with it"]}
        return
    names = asked.case.split(",")
    for left, name in zip(range(len(names), 0, -1), names, strict=True):
        begun = time.monotonic()
        yield trained(name, replace(asked, seconds=asked.seconds / left))
        asked = replace(asked, seconds=asked.seconds - (time.monotonic() - begun))


def folder() -> str | None:
    """Where the data is looked for: in MINIGRAD_DATA, else where MNIST is found near this
    repository; None leaves it to the dataset."""
    if os.environ.get(DATA):
        return None
    places = (ROOT / name for name in FOLDERS)
    return next((str(place.resolve()) for place in places if (place / FILE).exists()), None)


def trained(name: str, asked: Asked) -> dict[str, Any]:
    """Both sides through as many epochs of the recipe as the time allows; an epoch that was begun
    too late is not counted. In a dry run, through one epoch of a few images."""
    from minigrad.training.data import read
    from minigrad.training.loop import Loop
    from reference.compare import pair

    begun = time.monotonic()
    recipe, root = RECIPES[name], folder()
    try:
        splits = read(recipe, root, 0)
    except (OSError, RuntimeError) as error:
        return {"system": name, "skipped": [f"accuracy: {name}: its data is not here: {error}"]}
    origin, count = splits.origin(), length(splits.test)
    instead = not Path(splits.source).exists()  # a dataset that fell back on others names those
    if asked.dry:
        recipe, splits = replace(recipe, epochs=1), _few(splits)
    with opened(asked.device):
        ours, theirs = pair(recipe, 0, "cpu" if asked.dry else asked.device)
        ours.compile()
        loop = Loop.of(recipe, splits, [ours, theirs], 0)
        whole = loop.run(stop=lambda: time.monotonic() - begun > asked.seconds)
    rows = {side: history[-1:] for side, history in loop.history.items()}
    accuracies = {side: row[0]["test_accuracy"] for side, row in rows.items() if row}
    found: dict[str, Any] = {
        "system": name,
        "title": recipe.title,
        "known": None if instead else recipe.known,
        "data": f"{'NOT MNIST: ' * instead}{origin}",
        "instead": instead,
        "epochs": loop.epoch,
        "of_epochs": RECIPES[name].epochs,
        "reduced": not whole or asked.dry,
        "test_accuracy": accuracies,
        "history": loop.history,
    }
    if instead:
        found["skipped"] = [f"accuracy: {name}: MNIST is not here; trained on {origin}"]
    if len(accuracies) == 2 and not asked.dry:
        here, there = accuracies["minigrad"], accuracies["torch"]
        if not abs(here - there) <= apart(here, there, count):
            found["wrong"] = [f"accuracy: {name}: {here:.2f} % here, {there:.2f} % in PyTorch"]
    return found


def apart(here: float, there: float, count: int) -> float:
    """How far two accuracies may lie apart, in percentage points, that were found on so many
    images: each of them is one of two ends of a coin."""
    p = min(max((here + there) / 200, 0.0), 1.0)
    return max(CLOSE, DEVIATIONS * 100 * math.sqrt(2 * p * (1 - p) / count))


def _few(splits: Any) -> Any:
    """The first samples of each part."""
    from minigrad.utils.data import Subset

    def cut(samples: Any) -> Any:
        return None if samples is None else Subset(samples, range(64))

    return replace(
        splits,
        train=cut(splits.train),
        validation=cut(splits.validation),
        test=cut(splits.test),
    )
