"""Checkpoints: everything that the rest of a run depends on, in one safetensors file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from minigrad.callbacks.callback import Callback
from minigrad.errors import FileFormatError
from minigrad.random import default_generator
from minigrad.recipes import Recipe
from minigrad.serialization import load, save
from minigrad.training.learner import Learner
from minigrad.training.loop import Loop

KIND = "minigrad training checkpoint 3"

PAUSE = 30.0
"""Seconds between two checkpoints, which are written at the end of an epoch."""


class Keeper(Callback):
    """Calls ``keep`` at the end of the epochs that come at least ``pause`` seconds after the last
    call."""

    def __init__(self, keep: Callable[[], None], pause: float = PAUSE) -> None:
        self.keep, self.pause = keep, pause

    def on_train_begin(self) -> None:
        self.kept = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float]) -> None:
        if time.monotonic() - self.kept > self.pause:
            self.keep()
            self.kept = time.monotonic()


def write(
    path: Path, recipe: Recipe, loop: Loop, learner: Learner, settings: dict[str, Any]
) -> None:
    """Save the run as it stands; the old checkpoint is there until the new one is whole."""
    save(
        {
            "kind": KIND,
            "recipe": recipe.as_dict(),
            "settings": settings,
            "loop": loop.state_dict(),
            "learner": learner.state_dict(),
            "random": default_generator.get_state(),
        },
        path,
    )


def read(path: Path, recipe: Recipe, settings: dict[str, Any]) -> dict[str, Any]:
    """A checkpoint of this recipe and these settings; only the number of epochs may differ.

    Errors: FileNotFoundError, FileFormatError; ValueError that lists each setting that differs.
    """
    state = load(path)
    if not isinstance(state, dict) or state.get("kind") != KIND:
        raise FileFormatError(f"{path}: expected a training checkpoint, found another saved object")
    then = {**state["recipe"], **state["settings"]}
    now = {**recipe.as_dict(), **settings}
    differing = [
        f"{name}: {then.get(name)!r} in the checkpoint, {now.get(name)!r} now"
        for name in now
        if name != "epochs" and then.get(name) != now.get(name)
    ]
    if differing:
        raise ValueError(
            f"{path}: it cannot be continued with other settings:\n  " + "\n  ".join(differing)
        )
    return state


def restore(state: dict[str, Any], loop: Loop, learner: Learner) -> None:
    """Put a run where the checkpoint was written."""
    loop.load_state_dict(state["loop"])
    learner.load_state_dict(state["learner"])
    default_generator.set_state(state["random"])
