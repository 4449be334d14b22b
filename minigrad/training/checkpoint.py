"""Checkpoints: everything that the rest of a run depends on, in one safetensors file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from minigrad.callbacks.callback import Callback
from minigrad.errors import FileFormatError
from minigrad.random import default_generator
from minigrad.recipes import Recipe
from minigrad.serialization import load, save
from minigrad.training.alike import numbers, unlike, unlike_state, whole_number
from minigrad.training.learner import Learner
from minigrad.training.loop import Loop, count

KIND = "minigrad training checkpoint 3"

ENTRIES = ("recipe", "settings", "loop", "learner", "random")
"""What it holds."""
POSITIONS = "position on "
"""How the entries of a generator's state begin that are there for some devices."""
SHOWN = 8
"""Problems that an error tells."""

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
    _refuse(
        path,
        [f"{entry}: missing, or no dictionary" for entry in ENTRIES if not _is_dict(state, entry)]
        + [f"{entry}: unknown" for entry in state if entry not in ("kind", *ENTRIES)],
    )
    then = {**state["recipe"], **state["settings"]}
    now = {**recipe.as_dict(), **settings}
    differing = [
        f"{name}: {then.get(name)!r} in the checkpoint, {now.get(name)!r} now"
        for name in now
        if name != "epochs" and not _equal(then.get(name), now.get(name))
    ]
    if differing:
        raise ValueError(
            f"{path}: it cannot be continued with other settings:\n  " + "\n  ".join(differing)
        )
    return state


def restore(path: Path, state: dict[str, Any], loop: Loop, learner: Learner) -> None:
    """Put a run where the checkpoint was written; ``path`` is for the errors.

    Errors: FileFormatError that lists each entry that is missing, unknown or of another form, and
    nothing is changed then.
    """
    told = [*_unlike_loop(state["loop"], loop), *_unlike_learner(state["learner"], learner)]
    stream = default_generator.get_state()
    _refuse(path, [*told, *unlike(state["random"], stream, "random", POSITIONS)])
    for entry, take in (
        ("loop", loop.load_state_dict),
        ("learner", learner.load_state_dict),
        ("random", default_generator.set_state),
    ):
        try:
            take(state[entry])
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            _refuse(path, [f"{entry}: {error}"])


def _unlike_loop(found: dict[str, Any], loop: Loop) -> Iterator[str]:
    like = loop.state_dict()
    names = list(like["tallies"])
    yield from unlike(dict.fromkeys(found), dict.fromkeys(like), "loop")
    yield from whole_number(found.get("epoch"), "loop.epoch")
    yield from whole_number(found.get("batch"), "loop.batch", count(loop.loader))
    yield from unlike(found.get("order"), like["order"], "loop.order", POSITIONS)
    tallies, history = found.get("tallies"), found.get("history")
    yield from unlike(tallies, {name: {"sums": None, "seen": 0} for name in names}, "loop.tallies")
    yield from unlike(history, dict.fromkeys(names), "loop.history")
    for name in names:
        if isinstance(tallies, dict) and isinstance(tallies.get(name), dict):
            yield from numbers(tallies[name].get("sums"), f"loop.tallies.{name}.sums")
        rows = history.get(name) if isinstance(history, dict) else None
        if not isinstance(rows, list) or [len(rows)] != [*_whole(found.get("epoch"))]:
            yield f"loop.history.{name}: expected a list with a row for each epoch"
            continue
        for i, row in enumerate(rows):
            yield from numbers(row, f"loop.history.{name}.{i}")
            if isinstance(row, dict) and [*_whole(row.get("epoch"))] != [i + 1]:
                yield f"loop.history.{name}.{i}.epoch: expected {i + 1}"


def _unlike_learner(found: dict[str, Any], learner: Learner) -> Iterator[str]:
    own = dict.fromkeys(learner.optimizers)
    yield from unlike(found, {**learner.state_dict(), **own}, "learner", POSITIONS)
    for name, optimizer in learner.optimizers.items():
        yield from unlike_state(found.get(name), optimizer, f"learner.{name}")


def _equal(found: Any, value: Any) -> bool:
    """Whether plain data are equal; no tensor is."""
    return not [*unlike(found, value, "")] and bool(found == value)


def _whole(value: Any) -> Iterator[int]:
    """The value, if it is a whole number."""
    if type(value) is int:
        yield value


def _is_dict(state: dict[str, Any], entry: str) -> bool:
    return isinstance(state.get(entry), dict)


def _refuse(path: Path, problems: list[str]) -> None:
    """Errors: FileFormatError with the first of the problems, if there are any."""
    if problems:
        more = [f"and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
        raise FileFormatError(
            f"{path}: this checkpoint cannot be continued:\n  "
            + "\n  ".join([*problems[:SHOWN], *more])
        )
