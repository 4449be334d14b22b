"""Systems D3 and N1 trained on the GPU, minigrad and PyTorch in turns, as far as the time goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from benchmarks.gpu.device import opened
from benchmarks.gpu.parts import Asked
from minigrad.recipes import RECIPES

SYSTEMS = ("D3", "N1")
CLOSE = 0.5
"""Percentage points that the two sides' accuracies may be apart after the same epochs."""


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """A system a finding. Without PyTorch there is nothing to compare with."""
    if find_spec("torch") is None:
        yield {"skipped": "PyTorch is not installed, so that there is nothing to compare with"}
        return
    end = time.monotonic() + asked.seconds
    for i, name in enumerate(SYSTEMS):
        yield trained(name, asked, (end - time.monotonic()) / (len(SYSTEMS) - i))


def trained(name: str, asked: Asked, seconds: float) -> dict[str, Any]:
    """Both sides through as many epochs of the recipe as this time allows; an epoch that was begun
    too late is not counted. In a dry run, through one epoch of a few images."""
    from minigrad.training.data import read
    from minigrad.training.loop import Loop
    from reference.compare import pair

    recipe = RECIPES[name]
    try:
        splits = read(recipe, None, 0)
    except (OSError, RuntimeError) as error:
        return {"system": name, "skipped": f"{name}: its data is not here: {error}"}
    if asked.dry:
        recipe, splits = replace(recipe, epochs=1), _few(splits)
    begun = time.monotonic()
    with opened(asked.device):
        ours, theirs = pair(recipe, 0, "cpu" if asked.dry else asked.device)
        ours.compile()
        loop = Loop.of(recipe, splits, [ours, theirs], 0)
        whole = loop.run(stop=lambda: time.monotonic() - begun > seconds)
    rows = {side: history[-1:] for side, history in loop.history.items()}
    accuracies = {side: row[0]["test_accuracy"] for side, row in rows.items() if row}
    found: dict[str, Any] = {
        "system": name,
        "title": recipe.title,
        "known": recipe.known,
        "data": splits.origin(),
        "epochs": loop.epoch,
        "of_epochs": RECIPES[name].epochs,
        "reduced": not whole or asked.dry,
        "test_accuracy": accuracies,
        "history": loop.history,
    }
    if len(accuracies) == 2 and not asked.dry:
        here, there = accuracies["minigrad"], accuracies["torch"]
        if not abs(here - there) <= CLOSE:
            found["wrong"] = f"{name}: {here:.2f} % here, {there:.2f} % in PyTorch"
    return found


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
