"""fit, evaluate and predict: against loops by hand, and as Keras users expect them."""

from __future__ import annotations

import csv
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import minigrad
from minigrad import callbacks, nn, optim
from minigrad.nn import functional as F
from minigrad.random import Generator
from minigrad.recipes import RECIPES
from minigrad.training.loop import Loop
from minigrad.training.splits import Splits
from minigrad.training.start import build, learner_of
from minigrad.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

QUIET = {"loss": "CrossEntropyLoss", "optimizer": "sgd", "lr": 0.1, "verbose": 0, "seed": 3}


def weights(model: nn.Module) -> dict[str, np.ndarray]:
    return {name: value.numpy().copy() for name, value in model.state_dict().items()}


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all((a[name] == b[name]).all() for name in a)


def dataset(task) -> TensorDataset:
    return TensorDataset(*map(minigrad.from_numpy, task))


# -- the same bits as a loop by hand ------------------------------------------------------------


@pytest.mark.parametrize("given", ["arrays", "tensors", "dataset", "loader"])
def test_the_weights_are_those_of_the_textbook_s_loop(task, network, given):
    def loader():
        generator = Generator().manual_seed(3)
        return DataLoader(dataset(task), batch_size=20, shuffle=True, generator=generator)

    by_hand = network()
    optimizer = optim.Adam(by_hand.parameters(), lr=0.01)
    loss_of = nn.CrossEntropyLoss()
    batches, losses = loader(), []
    for _ in range(4):
        total = 0.0
        for x, y in batches:
            optimizer.zero_grad()
            loss = loss_of(by_hand(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        losses.append(total / 90)

    model = network()
    data = {
        "arrays": task,
        "tensors": tuple(map(minigrad.from_numpy, task)),
        "dataset": (dataset(task),),
        "loader": (loader(),),
    }[given]
    rest = {} if given == "loader" else {"batch_size": 20}
    history = minigrad.fit(
        model, *data, loss=F.cross_entropy, optimizer="adam", lr=0.01, epochs=4, seed=3, verbose=0,
        **rest,
    )  # fmt: skip
    assert same(weights(model), weights(by_hand))
    assert history.history["loss"] == losses
    assert history.epochs == [1, 2, 3, 4]


def test_a_recipe_and_fit_are_one_loop():
    """D7 in the style of fit and evaluate: the recipe's run to the last bit."""
    recipe = RECIPES["D7"]
    draw = np.random.default_rng(0)
    train, test = (
        TensorDataset(
            minigrad.from_numpy(draw.random((count, 1, 28, 28), np.float32)),
            minigrad.from_numpy(np.eye(10, dtype=np.float32)[draw.integers(10, size=count)]),
        )
        for count in (1200, 300)
    )
    learner = learner_of(recipe, minigrad, build(recipe, 0))
    loop = Loop.of(replace(recipe, epochs=3), Splits(train, test, None, "made"), [learner], 0)
    loop.run()

    model = build(recipe, 0)
    history = minigrad.fit(
        model, train, loss="mse", optimizer="sgd", lr=0.1, batch_size=512, epochs=3,
        validation_data=test, metrics=["accuracy"], seed=0, verbose=0,
    )  # fmt: skip
    assert same(weights(model), weights(learner.model))
    rows = loop.history["minigrad"]
    assert history.history["loss"] == [row["train_loss"] for row in rows]
    assert history.history["val_accuracy"] == pytest.approx([row["test_accuracy"] for row in rows])
    found = minigrad.evaluate(model, test, loss="mse", metrics=["accuracy"])
    assert found["accuracy"] == pytest.approx(rows[-1]["test_accuracy"])


# -- what is in the history ---------------------------------------------------------------------


def test_the_history_has_keras_s_names(task, network):
    history = minigrad.fit(
        network(), *task, epochs=30, validation_split=0.2, metrics=["accuracy"], batch_size=16,
        **QUIET,
    )  # fmt: skip
    assert list(history.history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert all(len(values) == 30 for values in history.history.values())
    assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]
    assert history.history["val_accuracy"][-1] > 80  # percent
    assert repr(history).startswith("History(30 epochs: loss 0.")


def test_the_numbers_are_means_over_all_samples(task):
    """A model that does not change: the history's numbers are those of one big batch, though the
    last of the batches is smaller."""
    model = nn.FullConnection(2, 3)
    x, y = map(minigrad.from_numpy, task)
    history = minigrad.fit(
        model, *task, loss="CrossEntropyLoss", optimizer="sgd", lr=0.0, batch_size=40, verbose=0,
        metrics=["accuracy", lambda outputs, targets: (outputs.argmax(1) != targets).sum() / 90],
    )  # fmt: skip
    out = model(x)
    assert history.history["loss"][0] == pytest.approx(F.cross_entropy(out, y).item(), rel=1e-5)
    right = 100 * (out.argmax(1) == y).float().mean().item()
    assert history.history["accuracy"][0] == pytest.approx(right)
    assert set(history.history) == {"loss", "accuracy", "<lambda>"}


def test_validation_takes_the_last_samples_and_never_learns_from_them(task, network):
    x, y = task
    split = minigrad.fit(network(), x, y, epochs=2, validation_split=0.2, batch_size=8, **QUIET)
    data = minigrad.fit(
        network(), x[:72], y[:72], epochs=2, validation_data=(x[72:], y[72:]), batch_size=8, **QUIET
    )
    assert split.history == data.history
    broken = y.copy()
    broken[72:] = 0
    other = minigrad.fit(
        network(), x, broken, epochs=2, validation_split=0.2, batch_size=8, **QUIET
    )
    assert other.history["loss"] == split.history["loss"]
    assert other.history["val_loss"] != split.history["val_loss"]
    for held in (TensorDataset(*map(minigrad.from_numpy, (x[72:], y[72:]))),):
        for given in (held, DataLoader(held, batch_size=5, generator=Generator())):
            found = minigrad.fit(
                network(), x[:72], y[:72], epochs=2, validation_data=given, batch_size=8, **QUIET
            )
            assert found.history["val_loss"] == pytest.approx(split.history["val_loss"], rel=1e-5)


def test_metrics_by_name_by_function_and_under_a_name_of_one_s_own(task):
    x, _ = task
    y = x[:, :1] * 2
    model = nn.FullConnection(2, 1)

    def worst(outputs, targets):
        assert isinstance(outputs, minigrad.Tensor) and not outputs.requires_grad
        return (outputs - targets).abs().max()

    found = minigrad.evaluate(model, x, y, loss="mse", metrics=["mse", "mae", worst], batch_size=90)
    gap = model(minigrad.from_numpy(x)).detach().numpy() - y
    assert found == pytest.approx(
        {
            "loss": (gap**2).mean(),
            "mse": (gap**2).mean(),
            "mae": np.abs(gap).mean(),
            "worst": np.abs(gap).max(),
        },
        rel=1e-5,
    )
    assert found["loss"] == minigrad.evaluate(model, x, y, loss=nn.MSELoss(), batch_size=90)["loss"]
    assert "far" in minigrad.evaluate(model, x, y, loss="mse", metrics={"far": worst})
    assert "mae" in minigrad.evaluate(model, x, y, loss="MSEloss", metrics="MAE")


def test_accuracy_of_logits_counts_from_zero():
    model = nn.Identity()
    x, y = np.array([[0.3], [-0.2], [2.0], [-3.0]], np.float32), np.array([[1.0], [0], [1], [0]])
    for loss in ("BCEWithLogits", F.binary_cross_entropy_with_logits):
        found = minigrad.evaluate(model, x, y.astype(np.float32), loss=loss, metrics="accuracy")
        assert found["accuracy"] == 100


def test_the_history_as_csv_reads_back(task, network, tmp_path):
    history = minigrad.fit(network(), *task, epochs=3, metrics=["accuracy"], **QUIET)
    history.to_csv(tmp_path / "h.csv")
    with (tmp_path / "h.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    assert [float(row["loss"]) for row in rows] == history.history["loss"]
    assert list(rows[0]) == ["epoch", "loss", "accuracy"]


# -- going on -----------------------------------------------------------------------------------


def test_a_training_goes_on_to_the_same_bits(task, network, tmp_path):
    settings = {"loss": "CrossEntropyLoss", "seed": 1, "verbose": 0}
    whole = network()
    minigrad.fit(whole, *task, epochs=5, optimizer="adam", **settings)

    model = network()
    optimizer = optim.Adam(model.parameters())
    first = minigrad.fit(model, *task, optimizer=optimizer, epochs=2, **settings)
    minigrad.save(
        {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "random": minigrad.get_rng_state(),
        },
        tmp_path / "state",
    )
    saved = minigrad.load(tmp_path / "state")
    model = network()
    model.load_state_dict(saved["model"])
    optimizer = optim.Adam(model.parameters())
    optimizer.load_state_dict(saved["optimizer"])
    minigrad.set_rng_state(saved["random"])  # dropout draws from it
    rest = minigrad.fit(model, *task, optimizer=optimizer, epochs=5, initial_epoch=2, **settings)
    assert (first.epochs, rest.epochs) == ([1, 2], [3, 4, 5])
    assert same(weights(model), weights(whole))
    done = minigrad.fit(model, *task, optimizer=optimizer, epochs=5, initial_epoch=5, **settings)
    assert done.epochs == [] and done.history == {} and repr(done) == "History(0 epochs)"


def test_the_seed_decides_and_without_one_manual_seed(task):
    def run(seed: int | None, order: int = 0) -> dict[str, np.ndarray]:
        minigrad.manual_seed(5)
        model = nn.FullConnection(2, 3)
        minigrad.manual_seed(order)
        minigrad.fit(model, *task, **{**QUIET, "seed": seed}, epochs=1)
        return weights(model)

    assert same(run(1), run(1, order=9)) and not same(run(1), run(2))
    assert same(run(None), run(None)) and not same(run(None), run(None, order=9))


def test_without_shuffling_the_batches_come_in_order(task):
    seen = []

    class Watch(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.FullConnection(2, 3)

        def forward(self, x):
            seen.append(x.numpy().copy())
            return self.layer(x)

    minigrad.fit(Watch(), *task, shuffle=False, batch_size=50, epochs=1, **QUIET)
    assert [len(x) for x in seen] == [50, 40]
    assert (np.concatenate(seen) == task[0]).all()


CTRL_C = """
import sys
import numpy as np
import minigrad
from minigrad import nn
x = np.zeros((64, 4), np.float32)
model = nn.FullConnection(4, 2)
history = minigrad.fit(model, x, np.zeros(64, int), loss="CrossEntropyLoss", optimizer="sgd",
                       epochs=10**9, batch_size=8,
                       callbacks=[minigrad.callbacks.CSVLogger("log.csv")])
lines = open("log.csv").read().splitlines()
assert len(history.epochs) == len(history.history["loss"]) == len(lines) - 1 > 0, (history, lines)
print("after", len(history.epochs), "epochs")
"""


def test_ctrl_c_ends_the_training_and_the_program_goes_on(tmp_path, signals):
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", CTRL_C], cwd=tmp_path, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("epoch 3/"):
            break
    time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    lines = out.splitlines()
    assert lines[-2].startswith("stopped after epoch") and lines[-1].startswith("after ")


# -- data of other kinds ------------------------------------------------------------------------


class Squares(Dataset):
    """Samples one at a time, of plain Python numbers and arrays."""

    def __len__(self) -> int:
        return 12

    def __getitem__(self, index: int):
        if index >= 12:
            raise IndexError
        return np.array([index / 12], np.float32), [(index / 12) ** 2]


class Stream(IterableDataset):
    def __iter__(self):
        for index in range(12):
            yield np.array([index / 12], np.float32), np.array([index / 12], np.float32)


def test_a_stream_without_a_length(capsys):
    history = minigrad.fit(
        nn.FullConnection(1, 1), Stream(), loss="mse", optimizer="sgd", epochs=2, batch_size=5
    )
    assert history.epochs == [1, 2]
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert minigrad.predict(nn.FullConnection(1, 1), Stream(), batch_size=5).shape == (12, 1)


def test_lists_and_doubles_take_the_model_s_type(task):
    x, y = task
    model = nn.FullConnection(2, 3)
    minigrad.fit(model, x.astype(float), y.tolist(), **QUIET)
    assert model.weight.dtype == minigrad.float32
    double = nn.FullConnection(2, 3).double()
    assert minigrad.predict(double, x.tolist()).dtype == minigrad.float64


def test_predict_is_the_model_in_evaluation_mode(task, network):
    model = network()
    model[1].eval()
    x = minigrad.from_numpy(task[0])
    found = minigrad.predict(model, task[0], batch_size=7)
    assert model.training and not model[1].training and model[3].training
    assert not found.requires_grad and found.shape == (90, 3)
    with minigrad.no_grad():
        whole = model.eval()(x)
    np.testing.assert_allclose(found.numpy(), whole.numpy(), rtol=1e-5, atol=1e-6)
    assert (minigrad.predict(model, x, batch_size=90).numpy() == whole.numpy()).all()
    for data in (dataset(task), TensorDataset(x), DataLoader(dataset(task), batch_size=90)):
        assert minigrad.predict(model, data, batch_size=90).numpy() == pytest.approx(whole.numpy())
    assert (
        minigrad.predict(nn.Softmax(1), np.zeros((2, 4), np.float32)).tolist() == [[0.25] * 4] * 2
    )


def test_evaluating_and_validating_keep_the_modes_and_the_weights(task, network):
    model = network()
    model[1].eval()
    before = weights(model)
    minigrad.evaluate(model, *task, loss="CrossEntropyLoss")
    assert same(weights(model), before) and model.training and not model[1].training
    seen = []

    class Modes(callbacks.Callback):
        def on_epoch_begin(self, epoch):
            seen.append(self.model.training)
            self.model[1].eval()

        def on_epoch_end(self, epoch, logs=None):
            seen.append(self.model.training and not self.model[1].training)

    model.eval()
    minigrad.fit(model, *task, epochs=2, validation_split=0.5, callbacks=[Modes()], **QUIET)
    assert seen == [True] * 4


# -- what is shown ------------------------------------------------------------------------------


def test_what_fit_prints(task, network, capsys):
    settings = {**QUIET, "epochs": 2, "validation_split": 0.2, "metrics": ["accuracy"]}
    minigrad.fit(network(), *task, **settings)
    assert capsys.readouterr().out == ""
    for verbose in (1, 2, True):
        minigrad.fit(network(), *task, **{**settings, "verbose": verbose})
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 2 and lines[1].startswith("epoch 2/2   train loss ")
        assert "validation loss" in lines[1] and lines[1].count(" %") == 2


# -- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "told"),
    [
        ({"loss": "mee"}, ValueError, "no loss is named 'mee'.*there are BCELoss"),
        ({"loss": "CrosEntropyLos"}, ValueError, "did you mean CrossEntropyLoss"),
        ({"loss": nn.MSELoss}, TypeError, "expected loss to be a name.*the class MSELoss"),
        ({"loss": None}, TypeError, "expected loss to be a name.*None"),
        ({"optimizer": "adem"}, ValueError, "no optimizer is named 'adem'; did you mean Adam"),
        ({"optimizer": optim.SGD}, TypeError, "expected optimizer to be a name.*the class SGD"),
        ({"optimizer": "lbfgs"}, ValueError, "LBFGS computes the loss several times"),
        ({"lr": -1.0}, ValueError, "Invalid learning rate"),
        ({"metrics": ["acuracy"]}, ValueError, "no metric is named 'acuracy'.*mean accuracy"),
        ({"metrics": None}, TypeError, "expected metrics to be names or functions.*None"),
        ({"metrics": [3]}, TypeError, "expected metrics to be names or functions.*a int"),
        ({"metrics": ["mse", "mse"]}, ValueError, "two metrics are named 'mse'"),
        ({"metrics": {"loss": lambda a, b: 0}}, ValueError, "two metrics are named 'loss'"),
        ({"epochs": 0}, ValueError, "epochs of at least 1, got 0"),
        ({"epochs": 2.0}, TypeError, "epochs to be a whole number, got 2.0"),
        ({"batch_size": 0}, ValueError, "batch_size of at least 1, got 0"),
        ({"batch_size": True}, TypeError, "batch_size to be a whole number, got True"),
        ({"initial_epoch": 2}, ValueError, "initial_epoch 2 is after the last of 1"),
        ({"validation_split": 1.0}, ValueError, "validation_split from 0 to below 1, got 1.0"),
        ({"validation_split": -0.1}, ValueError, "validation_split from 0 to below 1"),
        ({"validation_split": 0.001}, ValueError, "leaves 90 to train on and 0 to look at"),
        ({"validation_split": 0.999}, ValueError, "leaves 0 to train on and 90 to look at"),
        ({"validation_data": 3}, TypeError, r"validation_data to be \(x, y\)"),
        ({"verbose": 5}, ValueError, "verbose to be 0, 1 or 2, got 5"),
        ({"callbacks": [callbacks.EarlyStopping]}, TypeError, "expected callbacks to be a list"),
        ({"callbacks": callbacks.Callback()}, TypeError, "expected callbacks to be a list"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense(task, network, changes, error, told):
    model = network()
    before = weights(model)
    with pytest.raises(error, match=f"(?s)^[A-Za-z]+: .*{told}"):
        minigrad.fit(model, *task, **{**QUIET, **changes})
    assert same(weights(model), before)


def test_data_that_makes_no_sense(task, network):
    x, y = task
    model = network()

    def fails(error, told, *data, **changes):
        with pytest.raises(error, match=told):
            minigrad.fit(model, *data, **{**QUIET, **changes})

    fails(ValueError, "fit: x and y differ in the number of samples: 90 and 89", x, y[:89])
    fails(ValueError, "fit: there is nothing to learn from.*no samples", x[:0], y[:0])
    fails(TypeError, "fit: expected targets y beside the inputs x", x)
    fails(TypeError, "fit: expected x to be a tensor, an array or a list", "points", y)
    fails(TypeError, "fit: expected y to be a tensor, an array or a list", x, ["a"] * 90)
    fails(ValueError, "fit: expected x to have samples along its first dimension", 3.0, y)
    fails(ValueError, "a TensorDataset brings its own targets", dataset(task), y)
    loader = DataLoader(dataset(task), batch_size=10)
    fails(ValueError, "a DataLoader has its own batches", loader, batch_size=5)
    fails(ValueError, "last samples of a DataLoader cannot be kept", loader, validation_split=0.1)
    fails(ValueError, "last samples of a Stream cannot be kept", Stream(), validation_split=0.1)
    fails(ValueError, "validation_split or validation_data, got both", x, y, validation_split=0.1,
          validation_data=(x, y))  # fmt: skip
    fails(ValueError, "validation_data: x and y differ", x, y, validation_data=(x, y[:3]))
    short = DataLoader(dataset(task), batch_size=100, drop_last=True)
    fails(ValueError, "no samples", short)
    only = TensorDataset(minigrad.from_numpy(x))
    fails(TypeError, r"batches of two tensors, inputs and targets; got \[Tensor\]", only)
    names = DataLoader(dataset(task), collate_fn=lambda batch: {"x": 1})
    fails(TypeError, "batches of two tensors, inputs and targets; got dict", names)

    class Empty(IterableDataset):
        def __iter__(self):
            return iter(())

    fails(ValueError, "an epoch without a batch", Empty())
    with pytest.raises(ValueError, match="evaluate: the data gave no batches"):
        minigrad.evaluate(model, Empty(), loss="mse")
    with pytest.raises(ValueError, match="predict: the data gave no batches"):
        minigrad.predict(model, Empty())


def test_shapes_of_outputs_and_targets_that_would_broadcast():
    x, y = np.zeros((8, 2), np.float32), np.zeros(8, np.float32)
    model = nn.FullConnection(2, 1)
    with pytest.raises((RuntimeError, ValueError), match=r"mse_loss.*\(8, 1\).*\(8,\)"):
        minigrad.fit(model, x, y, loss="mse", optimizer="sgd", verbose=0)

    def spread(outputs, targets):
        return ((outputs - targets) ** 2).mean()

    for metric in ("accuracy", "mse", "mae"):
        with pytest.raises(ValueError, match=rf"{metric}: the shapes.*\(8, 1\) and \(8,\)"):
            minigrad.evaluate(model, x, y, loss=spread, metrics=[metric])


def test_a_model_or_an_optimizer_that_is_another_s(task, network):
    other = optim.SGD(network().parameters(), lr=0.1)
    settings = {"loss": "CrossEntropyLoss", "verbose": 0}
    with pytest.raises(ValueError, match="fit: the optimizer has none of the model's parameters"):
        minigrad.fit(network(), *task, optimizer=other, **settings)
    model = network()
    with pytest.raises(ValueError, match="fit: lr is for an optimizer by name"):
        minigrad.fit(model, *task, optimizer=optim.SGD(model.parameters()), lr=0.1, **settings)
    for call in (
        lambda: minigrad.fit(len, *task, optimizer="sgd", **settings),
        lambda: minigrad.evaluate(len, *task, loss="mse"),
        lambda: minigrad.predict(len, task[0]),
    ):
        with pytest.raises(
            TypeError, match=r"expected an nn.Module of minigrad first, got builtin"
        ):
            call()
    with pytest.raises(TypeError, match=r"predict: .* model whose output is a tensor.*tuple"):
        minigrad.predict(nn.LSTM(2, 3), np.zeros((4, 5, 2), np.float32))
    with pytest.raises(ValueError, match="predict: expected batch_size of at least 1"):
        minigrad.predict(model, task[0], batch_size=0)


def test_a_loss_that_is_no_number_is_told(task, network):
    with pytest.raises(FloatingPointError, match="training loss of minigrad is nan in epoch 1"):
        minigrad.fit(network(), *task, **{**QUIET, "loss": lambda x, y: x.sum() * math.nan})


def test_labels_out_of_range(task, network):
    x, y = task
    with pytest.raises((IndexError, ValueError), match=r"cross_entropy|nll|class"):
        minigrad.fit(network(), x, y + 5, **QUIET)
