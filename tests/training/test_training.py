"""The parts of a training run, without its models."""

from __future__ import annotations

import io
import json
import math
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.errors import FileFormatError
from minigrad.models import MODELS
from minigrad.recipes import RECIPES, Recipe
from minigrad.serialization import save
from minigrad.training import checkpoint, data, report
from minigrad.training.data import DATASETS
from minigrad.training.learner import Learner
from minigrad.training.loop import Loop, look
from minigrad.training.metrics import METRICS, accuracy
from minigrad.training.progress import Progress
from minigrad.training.run import Tally
from minigrad.training.splits import Splits
from minigrad.training.start import LEARNERS, build, learner_of
from minigrad.training.stop import Stop
from minigrad.utils.data import TensorDataset

TOY = Recipe("toy", "a toy", "dnn", "sums", "MSELoss", "SGD", {"lr": 0.1}, batch=10, epochs=3)


class Fake:
    """A learner that writes down what it is given."""

    def __init__(self, name: str = "fake", loss: float = 0.5) -> None:
        self.name, self.loss = name, loss
        self.steps: list[np.ndarray[Any, Any]] = []
        self.log: list[str] = []

    def step(self, x: Any, y: Any) -> tuple[float, Any]:
        self.steps.append(x[:, 0].copy())
        self.log.append(self.name)
        return self.loss, np.eye(3)[np.zeros(len(x), int)]

    def look(self, x: Any, y: Any) -> tuple[float, Any]:
        return 0.25, np.eye(3)[y]

    def state_dict(self) -> dict[str, Any]:
        return {"n": len(self.steps)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.loaded = state


def numbers(count: int) -> TensorDataset:
    x = np.arange(count, dtype=np.float32)[:, None]
    return TensorDataset(minigrad.from_numpy(x), minigrad.from_numpy(np.arange(count) % 3))


def toy_loop(*learners: Any, recipe: Recipe = TOY, seed: int = 0) -> Loop:
    return Loop.of(recipe, Splits(numbers(95), numbers(20), None, "toy"), learners, seed)


def toy_learner(recipe: Recipe = TOY, dtype: str = "float32") -> Learner:
    return learner_of(recipe, minigrad, build(recipe, 0), dtype=dtype)


# -- recipes ------------------------------------------------------------------------------------


def test_recipes_name_things_that_exist():
    for recipe in RECIPES.values():
        assert recipe.model in MODELS and recipe.data in DATASETS
        assert hasattr(nn, recipe.loss) and hasattr(minigrad.optim, recipe.optimizer)
        assert recipe.learner in LEARNERS and set(recipe.metrics) <= set(METRICS)
        assert recipe.init == "default" or hasattr(nn.init, recipe.init)
        assert Recipe(**json.loads(json.dumps(recipe.as_dict()))).describe() == recipe.describe()
        assert recipe.in_a_hurry().name == recipe.name


def test_settings_are_those_of_the_systems():
    def told(name: str) -> tuple[Any, ...]:
        r = RECIPES[name]
        return r.optimizer, dict(r.settings), r.batch, r.epochs, r.known

    assert told("D1") == ("SGD", {"lr": 0.01}, None, 1000, "67.17")
    assert told("D2") == ("Adam", {"lr": 0.005}, None, 5000, None)
    assert told("D2-batches") == ("Adam", {"lr": 0.005}, 128, 500, None)
    assert told("D3") == ("SGD", {"lr": 0.01, "momentum": 0.5}, 64, 5, "96.66")
    assert told("D4") == ("SGD", {"lr": 0.001}, 100, 5, "83")
    assert told("D7") == ("SGD", {"lr": 0.1}, 512, 50, "87.05")
    assert told("N1") == ("SGD", {"lr": 0.9}, 256, 5, "97.94")
    assert told("N2") == ("SGD", {"lr": 0.9}, 256, 10, None)
    assert told("N5") == ("Adam", {"lr": 0.0001}, 128, 2, "98.75")
    assert told("N4") == ("Adam", {"lr": 0.001}, 128, 10, "98.98")


def test_a_known_result_is_reached_in_the_source_s_own_rounding():
    d3, d4 = RECIPES["D3"], RECIPES["D4"]
    assert d3.reaches_known(96.66) and not d3.reaches_known(96.64)
    assert d4.reaches_known(82.6) and not d4.reaches_known(82.4)
    assert RECIPES["D5"].reaches_known(1.0)


# -- data ---------------------------------------------------------------------------------------


def test_sums_are_what_the_table_says():
    splits = data.read(RECIPES["D1"], None, seed=3)
    assert len(splits.train) == 7_000 and len(splits.test) == 3_000 and splits.validation is None
    x, y = splits.train[np.arange(7_000)]
    sums = x.numpy().sum(axis=1)
    np.testing.assert_array_equal(
        y.numpy().argmax(1), np.where(sums < 1, 0, np.where(sums > 2, 2, 1))
    )
    assert (y.numpy().sum(1) == 1).all() and 0 <= x.numpy().min() and x.numpy().max() < 1
    again = data.read(RECIPES["D1"], None, seed=3)
    assert (again.train[np.arange(9)][0].numpy() == x.numpy()[:9]).all()
    other = data.read(RECIPES["D1"], None, seed=4)
    assert (other.train[np.arange(9)][0].numpy() != x.numpy()[:9]).all()


def test_validation_takes_the_last_samples():
    recipe = replace(RECIPES["N3"], validation=0.25)
    splits = data.read(recipe, None, seed=0)
    whole = data.read(RECIPES["N3"], None, seed=0)
    assert len(splits.train) == 384 and splits.validation is not None
    assert len(splits.validation) == 128
    assert (splits.validation[0][0].numpy() == whole.train[384][0].numpy()).all()


# -- counting -----------------------------------------------------------------------------------


def test_what_counts_as_right():
    output = np.array([[0.1, 0.9], [0.8, 0.2]])
    assert accuracy(output, np.array([1, 1])) == 50
    assert accuracy(output, np.array([[0, 1], [1, 0]])) == 100
    several = np.array([[0.5], [0.4], [0.9]])
    assert accuracy(several, np.ones((3, 1))) == pytest.approx(200 / 3)
    assert accuracy(several[:, 0], np.ones(3)) == pytest.approx(200 / 3)


def test_a_tally_weighs_batches_by_their_size():
    tally = Tally()
    tally.add(3, {"loss": 1.0, "accuracy": 200 / 3})
    tally.add(1, {"loss": 3.0, "accuracy": 100.0})
    assert tally.result("t") == {"t_loss": 1.5, "t_accuracy": 75.0}


# -- the loop -----------------------------------------------------------------------------------


def test_every_sample_once_an_epoch_in_a_new_order_each():
    fake = Fake()
    assert toy_loop(fake).run()
    assert [len(x) for x in fake.steps] == ([10] * 9 + [5]) * 3
    epochs = np.concatenate(fake.steps).reshape(3, 95)
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch), np.arange(95))
    assert (epochs[0] != epochs[1]).any() and (epochs[1] != epochs[2]).any()


def test_learners_get_the_same_batches_in_turns():
    a, b = Fake("a"), Fake("b")
    b.log = a.log
    loop = toy_loop(a, b)
    loop.run()
    assert all((x == y).all() for x, y in zip(a.steps, b.steps, strict=True))
    # One batch each to see how long a step takes, then turns of a quarter of a second.
    assert a.log[: 2 * 10] == ["b", "a"] + ["a"] * 9 + ["b"] * 9
    assert len(loop.seconds["a"]) == len(loop.seconds["b"]) == 30
    assert loop.history["a"] == loop.history["b"]


def test_slow_steps_make_short_turns():
    a, b = Fake("a"), Fake("b")
    b.log = a.log
    loop = toy_loop(a, b)
    loop.seconds["a"] = [0.1] * 200
    loop.run()
    assert a.log[:12] == ["b"] * 3 + ["a"] * 3 + ["a"] * 3 + ["b"] * 3


def test_history_and_the_epochs_that_are_looked_at():
    loop = toy_loop(Fake(), recipe=replace(TOY, every=2))
    loop.run()
    rows = loop.history["fake"]
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert [("test_loss" in row) for row in rows] == [False, True, True]
    assert rows[0]["train_loss"] == 0.5
    assert rows[0]["train_accuracy"] == pytest.approx(100 * 32 / 95)
    assert rows[2]["test_loss"] == 0.25 and rows[2]["test_accuracy"] == 100


@pytest.mark.parametrize("batches", [1, 7, 10, 11, 29])
def test_a_run_goes_on_with_the_batches_it_had_not_seen(batches):
    whole = Fake()
    toy_loop(whole).run()
    first, second = Fake(), Fake()
    loop = toy_loop(first)
    assert not loop.run(stop=lambda: len(first.steps) == batches)
    state = json.loads(json.dumps(loop.state_dict()))
    other = toy_loop(second)
    other.load_state_dict(state)
    assert other.run()
    seen = first.steps + second.steps
    assert len(seen) == len(whole.steps) == 30
    assert all((x == y).all() for x, y in zip(seen, whole.steps, strict=True))
    reference = toy_loop(Fake())
    reference.run()
    assert other.history == reference.history


def test_a_loss_that_is_no_number_stops_the_run():
    with pytest.raises(FloatingPointError, match=r"training loss of fake is nan in epoch 1.*--lr"):
        toy_loop(Fake(loss=math.nan)).run()


# -- the learner --------------------------------------------------------------------------------


def test_a_seed_gives_the_same_model_and_another_seed_another():
    a, b, c = (build(RECIPES["D5"], seed).hidden.weight.detach().numpy() for seed in (1, 1, 2))
    assert (a == b).all() and (a != c).any()


def test_xavier_weights_where_the_recipe_asks_for_them():
    weight = build(RECIPES["N2"], 0).net[7].weight.detach().numpy()
    bound = math.sqrt(6 / (400 + 120))
    assert weight.shape == (120, 400) and 0.9 * bound < np.abs(weight).max() <= bound


def test_a_learner_learns_and_looking_changes_nothing():
    splits = data.read(RECIPES["D1"], None, seed=0)
    recipe = replace(RECIPES["D1"], settings={"lr": 0.5})
    learner = toy_learner(recipe)
    loop = Loop.of(recipe, splits, [], 0)
    assert len(loop.loader) == 1  # a full batch
    (x, y), *_ = [(a.numpy(), b.numpy()) for a, b in loop.loader]
    state = {k: v.numpy().copy() for k, v in learner.model.state_dict().items()}
    tally = look(learner, splits.train, {})
    assert tally.seen == 7_000
    for k, v in learner.model.state_dict().items():
        assert (v.numpy() == state[k]).all()
    losses = [learner.step(x, y)[0] for _ in range(30)]
    assert losses[0] == pytest.approx(tally.sums["loss"] / tally.seen, rel=1e-5)
    assert losses[-1] < 0.9 * losses[0]


def test_a_learner_in_float64():
    learner = toy_learner(dtype="float64")
    x = np.random.default_rng(0).random((4, 3), np.float32)
    _, output = learner.step(x, np.eye(3, dtype=np.float32)[[0, 1, 2, 0]])
    assert output.dtype == np.float64
    assert learner.model.net[0].weight.grad.dtype == np.float64


# -- checkpoints --------------------------------------------------------------------------------


def test_a_file_that_is_no_checkpoint(tmp_path):
    save({"x": minigrad.ones(1)}, tmp_path / "x")
    with pytest.raises(FileFormatError, match="expected a training checkpoint"):
        checkpoint.read(tmp_path / "x", TOY, {})


def test_more_epochs_may_follow_and_nothing_else_may_change(tmp_path):
    learner = toy_learner()
    checkpoint.write(tmp_path / "x", TOY, toy_loop(learner), learner, {"seed": 0})
    more = replace(TOY, epochs=9)
    assert checkpoint.read(tmp_path / "x", more, {"seed": 0})["loop"]["epoch"] == 0
    with pytest.raises(ValueError, match=r"batch: 10 in the checkpoint, 5 now\n.*seed: 0"):
        checkpoint.read(tmp_path / "x", replace(TOY, batch=5), {"seed": 1})


def test_the_first_ctrl_c_is_a_wish_and_the_second_an_order(signals):
    before = signal.getsignal(signal.SIGINT)
    with Stop() as stop:
        assert not stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()
    assert signal.getsignal(signal.SIGINT) is before


# -- what is shown ------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_with_loss_and_accuracy():
    stream = Terminal()
    assert toy_loop(Fake()).run([Progress(stream)])
    shown = stream.getvalue()
    assert "\x1b[" in shown and "loss 0.5000, 33.68 %" in shown and "30/30" in shown
    assert "epoch 3/3   train loss 0.5000, 33.68 %   test loss 0.2500, 100.00 %" in shown


def test_no_terminal_gets_lines():
    stream = io.StringIO()
    toy_loop(Fake("a"), Fake("b")).run([Progress(stream)])
    lines = stream.getvalue().splitlines()
    assert len(lines) == 6 and lines[0].startswith("a           epoch 1/3") and lines[5][0] == "b"


def test_the_report_names_the_commit_and_versions(tmp_path):
    found = report.surroundings()
    assert found["packages"]["numpy"] == np.__version__
    assert report.version("no-such-package") is None
    if (Path(__file__).parents[2] / ".git").exists():
        assert len(found["commit"].rstrip("+")) == 40
    report.write_json({"x": 1.5}, tmp_path / "a" / "b.json")
    assert json.loads((tmp_path / "a" / "b.json").read_text()) == {"x": 1.5}
