"""Checkpoints that are well-formed and wrong: one error that names the file and the entry."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.creation import from_numpy
from minigrad.errors import FileFormatError
from minigrad.recipes import RECIPES
from minigrad.serialization import load, save
from minigrad.tensor import Tensor
from minigrad.training import checkpoint
from minigrad.training.learner import Learner
from minigrad.training.loop import Loop
from minigrad.training.splits import Splits
from minigrad.training.start import build, learner_of
from minigrad.utils.data import TensorDataset

SETTINGS = {"seed": 0}
RECIPE = replace(RECIPES["D1"], batch=10, epochs=4, optimizer="Adam", settings={"lr": 0.01})


def run_of(recipe: Any = RECIPE) -> tuple[Loop, Learner]:
    learner = learner_of(recipe, minigrad, build(recipe, 0))
    draw = np.random.default_rng(0)
    x = draw.random((40, 3), np.float32)
    y = np.eye(3, dtype=np.float32)[draw.integers(3, size=40)]
    samples = TensorDataset(from_numpy(x), from_numpy(y))
    return Loop.of(recipe, Splits(samples, samples, None, "drawn"), [learner], 0), learner


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a run that was stopped in its second epoch."""
    path = tmp_path_factory.mktemp("run") / "checkpoint.safetensors"
    loop, learner = run_of()
    left = iter([False] * 6 + [True])
    assert not loop.run([], lambda: next(left))
    checkpoint.write(path, RECIPE, loop, learner, SETTINGS)
    return path


def places(state: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in the state."""
    items: Any = ()
    if isinstance(state, dict):
        items = state.items()
    elif isinstance(state, list):
        items = enumerate(state)
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


MISSING = object()
WRONG: list[Any] = [MISSING, "x", None, -1, 2.5, 10**30, math.nan, [], {}, [1, "x"], {"a": 1},
                    minigrad.ones(2, 7)]  # fmt: skip


def changed(state: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    state = copy.deepcopy(state)
    *way, last = path
    place: Any = state
    for key in way:
        place = place[key]
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return state


def test_every_entry_may_be_wrong_in_every_way(saved: Path) -> None:
    """Each entry, missing and replaced by each of a dozen things. What is wrong is told, with the
    file and a name that leads there; what is taken goes on training."""
    state = load(saved)
    told = taken = 0
    loop, learner = run_of()
    for path in places({k: state[k] for k in ("loop", "learner", "random")}):
        for value in WRONG if len(path) > 1 else ():
            spoiled = changed(state, path, value)
            try:
                checkpoint.restore(saved, spoiled, loop, learner)
            except FileFormatError as error:  # nothing is changed: these two serve once more
                assert str(saved) in str(error) and str(path[0]) in str(error)
                told += 1
                continue
            taken += 1
            try:
                loop.run([])
            except FloatingPointError:  # a rate or a loss that is no number any more
                pass
            loop, learner = run_of()
    assert told > 600 and told > 5 * taken, (told, taken)


def test_the_error_names_what_is_wrong(saved: Path) -> None:
    state = load(saved)
    cases: list[tuple[tuple[Any, ...], Any, str]] = [
        (("loop", "epoch"), "x", "loop.epoch: expected a whole number from 0, found 'x'"),
        (("loop", "batch"), 99, "loop.batch: expected a whole number from 0 to 4, found 99"),
        (("learner", "model"), MISSING, "learner.model: missing"),
        (("learner", "stranger"), 1, "learner.stranger: unknown"),
        (("learner", "model", "net.0.weight"), minigrad.ones(2, 2),
         "learner.model.net.0.weight: expected float32 of shape"),
        (("learner", "optimizer", "state", 0, "exp_avg"), 3, "exp_avg: expected a tensor, found 3"),
        (("learner", "optimizer", "state", 99), {}, "state.99: there is no such parameter"),
        (("random", "state", "inc"), "7", "random.state.inc: expected a number, found '7'"),
        (("loop", "history", "minigrad", 0, "epoch"), 5, "minigrad.0.epoch: expected 1"),
    ]  # fmt: skip
    for path, value, told in cases:
        with pytest.raises(FileFormatError) as error:
            checkpoint.restore(saved, changed(state, path, value), *run_of())
        assert told in str(error.value) and str(saved) in str(error.value)


@pytest.mark.parametrize("entry", ["recipe", "settings", "loop", "learner", "random"])
def test_a_file_without_one_of_its_entries(saved: Path, tmp_path: Path, entry: str) -> None:
    state = load(saved)
    for value in (MISSING, 3):
        save(changed(state, (entry,), value), tmp_path / "x")
        with pytest.raises(FileFormatError, match=rf"x: .*\n  {entry}: missing"):
            checkpoint.read(tmp_path / "x", RECIPE, SETTINGS)
    save({**state, "more": 1}, tmp_path / "x")
    with pytest.raises(FileFormatError, match="more: unknown"):
        checkpoint.read(tmp_path / "x", RECIPE, SETTINGS)


def test_nothing_is_changed_by_a_checkpoint_that_is_refused(saved: Path) -> None:
    loop, learner = run_of()
    before = {k: v.clone() for k, v in learner.model.state_dict().items()}
    spoiled = changed(load(saved), ("random", "position"), [1])
    with pytest.raises(FileFormatError, match=r"random\.position"):
        checkpoint.restore(saved, spoiled, loop, learner)
    assert loop.epoch == 0 and all(
        minigrad.equal(before[k], v) for k, v in learner.model.state_dict().items()
    )
    assert isinstance(before.popitem()[1], Tensor)


@pytest.mark.parametrize("name", ["D1", "G1"])
def test_the_checkpoints_of_each_kind_of_learner_are_taken(tmp_path: Path, name: str) -> None:
    """With the optimizers' states, which are there after a step."""
    recipe = RECIPES[name]
    parts = []
    for _ in range(2):
        learner = learner_of(recipe, minigrad, build(recipe, 0))
        draw = np.random.default_rng(0)
        shape = {"D1": (8, 3), "G1": (8, 784)}[name]
        x = draw.random(shape, np.float32)
        y = np.eye(3, dtype=np.float32)[draw.integers(3, size=8)] if name == "D1" else None
        y = draw.integers(10, size=8) if y is None else y
        samples = TensorDataset(from_numpy(x), from_numpy(y))
        loop = Loop.of(replace(recipe, batch=4), Splits(samples, samples, None, ""), [learner], 0)
        parts.append((loop, learner, x, y))
    loop, learner, x, y = parts[0]
    learner.step(x, y)
    checkpoint.write(tmp_path / "x", recipe, loop, learner, SETTINGS)
    state = checkpoint.read(tmp_path / "x", recipe, SETTINGS)
    checkpoint.restore(tmp_path / "x", state, *parts[1][:2])
    assert parts[1][1].step(x, y)[0] == learner.step(x, y)[0]
