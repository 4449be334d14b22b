"""Callbacks: when they are called, and the files that they leave."""

from __future__ import annotations

import csv
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn, optim
from minigrad.callbacks import (
    Callback,
    Checkpoint,
    CSVLogger,
    EarlyStopping,
    LearningRate,
    LivePlot,
)
from minigrad.optim import lr_scheduler
from minigrad.training import pictures
from minigrad.training.progress import Progress


class Script(Callback):
    """Makes the validation loss what a script says: it moves the bias of a model that learns
    nothing, whose validation loss is the square of it."""

    def __init__(self, losses: list[float]) -> None:
        self.losses, self.seen = losses, []

    def on_train_batch_end(self, batch: int, logs: Any) -> None:
        with minigrad.no_grad():
            self.model.bias.fill_(self.losses[self.run.epoch] ** 0.5)

    def on_epoch_end(self, epoch: int, logs: Any) -> None:
        self.seen.append(round(logs["val_loss"], 6))


def scripted(
    losses: list[float], *callbacks: Callback
) -> tuple[nn.FullConnection, Any, list[float]]:
    """A training of as many epochs as there are losses: its model, history and losses seen."""
    model = nn.FullConnection(1, 1)
    with minigrad.no_grad():
        model.weight.fill_(0.0)
    script = Script(losses)
    x, y = np.zeros((4, 1), np.float32), np.zeros((4, 1), np.float32)
    history = minigrad.fit(
        model, x, y, loss="mse", optimizer="sgd", lr=0.0, epochs=len(losses), verbose=0,
        validation_data=(x, y), callbacks=[script, *callbacks], metrics=["mae"],
    )  # fmt: skip
    return model, history, script.seen


# -- when ---------------------------------------------------------------------------------------


class Log(Callback):
    def __init__(self) -> None:
        self.log: list[Any] = []

    def on_train_begin(self):
        self.log.append("begin")

    def on_epoch_begin(self, epoch):
        self.log.append(epoch)

    def on_train_batch_end(self, batch, logs=None):
        self.log.append((batch, sorted(logs)))

    def on_epoch_end(self, epoch, logs=None):
        self.log.append((epoch, sorted(logs)))

    def on_train_end(self):
        self.log.append("end")


def test_the_order_of_calls_and_what_is_told(task, network):
    log = Log()
    model = network()
    minigrad.fit(
        model, *task, loss="CrossEntropyLoss", optimizer="sgd", epochs=2, batch_size=40, verbose=0,
        validation_split=0.2, metrics=["accuracy"], callbacks=[log],
    )  # fmt: skip
    means, all_of_it = ["accuracy", "loss"], ["accuracy", "loss", "val_accuracy", "val_loss"]
    epoch = [(0, means), (1, means)]
    assert log.log == ["begin", 0, *epoch, (0, all_of_it), 1, *epoch, (1, all_of_it), "end"]
    assert log.model is model and log.run.epochs == 2 and log.run.steps == 2
    assert log.learner.optimizers["optimizer"].param_groups[0]["lr"] == 1e-3


def test_a_training_ends_where_a_callback_says_so(task, network):
    class Enough(Callback):
        def on_train_batch_end(self, batch, logs):
            if self.run.epoch == 1 and batch == 2:
                self.run.stop_training = True

    log, model = Log(), network()
    history = minigrad.fit(
        model, *task, loss="CrossEntropyLoss", optimizer="sgd", epochs=5, batch_size=10,
        callbacks=[Enough(), log], verbose=0,
    )  # fmt: skip
    assert history.epochs == [1]
    assert log.log[-3:] == [(1, ["loss"]), (2, ["loss"]), "end"]


def test_ends_are_called_after_an_error_and_in_reverse(task, network):
    ends: list[str] = []

    class Named(Callback):
        def __init__(self, name: str) -> None:
            self.name = name

        def on_epoch_end(self, epoch, logs):
            if self.name == "b":
                raise OSError("full")

        def on_train_end(self):
            ends.append(self.name)

    with pytest.raises(OSError, match="full"):
        minigrad.fit(
            network(), *task, loss="CrossEntropyLoss", optimizer="sgd", verbose=0,
            callbacks=[Named("a"), Named("b"), Named("c")],
        )  # fmt: skip
    assert ends == ["c", "b", "a"]


# -- early stopping -----------------------------------------------------------------------------


@pytest.mark.parametrize(("patience", "epochs"), [(0, 3), (1, 3), (2, 4), (3, 8), (4, 9)])
def test_early_stopping_waits_as_keras_does(patience, epochs):
    losses = [4, 2, 3, 3, 1, 1, 5, 5, 0.5]
    stop = EarlyStopping(patience=patience)
    _, history, seen = scripted(losses, stop)
    assert len(history.epochs) == len(seen) == epochs
    assert stop.stopped_epoch == (epochs - 1 if epochs < 9 else None)
    best = int(np.argmin(losses[:epochs]))
    assert stop.best_epoch == best and stop.best == pytest.approx(losses[best])


def test_small_improvements_count_for_nothing():
    stop = EarlyStopping(patience=2, min_delta=0.5)
    _, history, _ = scripted([4, 3.8, 3.6, 1, 1, 1], stop)
    assert len(history.epochs) == 3 and stop.best == pytest.approx(4)


def test_the_largest_can_be_the_best():
    for stop in (EarlyStopping("val_mae", mode="max"), EarlyStopping("val_mae")):
        _, history, _ = scripted([1, 4, 9, 4, 1], stop)
        assert len(history.epochs) == (4 if stop.mode == "max" else 2)


def test_the_best_weights_come_back():
    losses = [4, 1, 9, 16, 25]
    model, _, _ = scripted(losses, EarlyStopping(patience=2, restore_best_weights=True))
    assert model.bias.item() == 1
    model, _, _ = scripted(losses, EarlyStopping(patience=2))
    assert model.bias.item() == 4
    # Also where the training ended by itself.
    model, history, _ = scripted(losses, EarlyStopping(patience=9, restore_best_weights=True))
    assert model.bias.item() == 1 and len(history.epochs) == 5


class Keep(Callback):
    """Keeps what the model is after each epoch, and after two of them goes far too fast."""

    def __init__(self) -> None:
        self.kept: list[dict[str, np.ndarray]] = []

    def on_epoch_end(self, epoch, logs):
        self.kept.append({k: v.numpy().copy() for k, v in self.model.state_dict().items()})
        if epoch == 1:
            self.learner.optimizers["optimizer"].param_groups[0]["lr"] = 50.0


def test_the_best_weights_come_with_their_buffers_and_a_callback_serves_twice(task, network):
    stop = EarlyStopping("loss", patience=1, restore_best_weights=True)
    for _ in range(2):
        model, keep = network(), Keep()
        minigrad.fit(
            model, *task, loss="CrossEntropyLoss", optimizer="sgd", lr=0.1, epochs=9, seed=0,
            verbose=0, callbacks=[keep, stop],
        )  # fmt: skip
        assert len(keep.kept) < 9
        best, now = keep.kept[stop.best_epoch], model.state_dict()
        assert all((now[name].numpy() == value).all() for name, value in best.items())


# -- checkpoints --------------------------------------------------------------------------------


def test_a_checkpoint_every_epoch_and_the_best_alone(tmp_path):
    every = Checkpoint(tmp_path / "all" / "w-{epoch:02d}-{val_loss:.1f}.safetensors")
    best = Checkpoint(tmp_path / "best", save_best_only=True, save_weights_only=True)
    scripted([4, 1, 9], every, best)
    names = ["w-01-4.0.safetensors", "w-02-1.0.safetensors", "w-03-9.0.safetensors"]
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == names
    loaded = [minigrad.load(tmp_path / "all" / name) for name in names]
    assert [type(model) for model in loaded] == [nn.FullConnection] * 3
    assert [model.bias.item() for model in loaded] == [2, 1, 3]
    state = minigrad.load(tmp_path / "best")
    assert list(state) == ["weight", "bias"] and state["bias"].item() == 1
    model = nn.FullConnection(1, 1)
    model.load_state_dict(state)
    assert model.bias.item() == 1


def test_a_checkpoint_that_fails_leaves_the_one_before(tmp_path, monkeypatch):
    path = tmp_path / "c"
    scripted([4], Checkpoint(path))
    before = path.read_bytes()

    def full(*arguments: Any, **settings: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("safetensors.numpy.save", full)
    with pytest.raises(OSError, match="no space left"):
        scripted([1], Checkpoint(path))
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


# -- CSV ----------------------------------------------------------------------------------------


def read(path: Any, separator: str = ",") -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))


def test_the_csv_file_is_the_history(tmp_path):
    path = tmp_path / "new" / "log.csv"
    _, history, _ = scripted([4, 1, 9], CSVLogger(path))
    rows = read(path)
    assert list(rows[0]) == ["epoch", "loss", "mae", "val_loss", "val_mae"]
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    for name, values in history.history.items():
        assert [float(row[name]) for row in rows] == values


def test_every_line_is_there_as_soon_as_its_epoch_is_over(tmp_path):
    counts = []

    class Look(Callback):
        def on_epoch_end(self, epoch, logs):
            counts.append(len(read(tmp_path / "log.csv", ";")))

    scripted([1, 2, 3], CSVLogger(tmp_path / "log.csv", separator=";"), Look())
    assert counts == [1, 2, 3]


def test_appending_to_a_csv_file(tmp_path):
    path = tmp_path / "log.csv"
    scripted([4, 1], CSVLogger(path, append=True))
    scripted([9], CSVLogger(path, append=True))
    assert [row["epoch"] for row in read(path)] == ["1", "2", "1"]
    scripted([9], CSVLogger(path))
    assert [row["epoch"] for row in read(path)] == ["1"]
    path.write_text("epoch,loss\n1,2\n")
    with pytest.raises(ValueError, match=r"has the columns epoch, loss; this training's are epoch"):
        scripted([9], CSVLogger(path, append=True))
    assert path.read_text() == "epoch,loss\n1,2\n"


# -- learning rates -----------------------------------------------------------------------------


class Rates(Callback):
    def __init__(self) -> None:
        self.rates: list[float] = []

    def on_train_batch_end(self, batch, logs):
        optimizer = self.learner.optimizers["optimizer"]
        self.rates.append(round(optimizer.param_groups[0]["lr"], 9))


def rates(schedule: Any, **options: Any) -> list[float]:
    """The rate of every step of four epochs of two batches."""
    model = nn.FullConnection(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    seen = Rates()
    x = np.zeros((4, 1), np.float32)
    minigrad.fit(
        model, x, x, loss="mse", optimizer=optimizer, epochs=4, batch_size=2, verbose=0,
        validation_data=(x, x),
        callbacks=[seen, LearningRate(schedule(optimizer), **options)],
    )  # fmt: skip
    return seen.rates


def test_schedules_step_after_epochs_or_batches():
    assert rates(lambda o: lr_scheduler.StepLR(o, 2, 0.1)) == [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1]
    assert rates(lambda o: lr_scheduler.ExponentialLR(o, 0.5), every="batch") == [
        1, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125,
    ]  # fmt: skip
    chained = rates(lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.StepLR(o, 1, 0.5)]))
    assert chained == [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]


def test_a_plateau_is_shown_the_monitored_number():
    def plateau(optimizer):
        return lr_scheduler.ReduceLROnPlateau(
            optimizer, patience=0, threshold=10, threshold_mode="abs"
        )

    # The loss falls too little to count, so that every epoch after the first is one too many.
    assert rates(plateau) == [1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01]
    assert rates(plateau, monitor="loss") == [1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01]


# -- what is seen -------------------------------------------------------------------------------


def test_a_live_plot_is_a_file_that_grows(tmp_path):
    path = tmp_path / "curves.svg"
    sizes = []

    class Look(Callback):
        def on_epoch_end(self, epoch, logs):
            sizes.append(path.read_text().count("<use"))

    scripted([4, 1, 9], LivePlot(path, title="a < b", pause=0.0), Look())
    assert len(sizes) == 3
    text = path.read_text()
    assert text.lstrip().startswith("<?xml") and "a &lt; b" in text
    late = tmp_path / "late.png"
    scripted([4, 1, 9], LivePlot(late, pause=1000.0))
    assert late.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"\.png, \.svg or \.pdf"):
        scripted([4], LivePlot(tmp_path / "x.txt"))


def test_the_history_s_plot(tmp_path):
    _, history, _ = scripted([4, 1, 9])
    history.plot(tmp_path / "h.png", title="three epochs")
    assert (tmp_path / "h.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in history._repr_svg_()


def test_pictures_are_kept_where_there_are_any(tmp_path):
    from PIL import Image

    keep = pictures.Pictures(tmp_path / "p")
    scripted([1, 1], keep)
    assert keep.written == 0 and not (tmp_path / "p").exists()

    class Shown(Callback):
        def on_train_begin(self):
            self.learner.picture = lambda: np.full((4, 6, 3), 40 * self.run.epoch, np.uint8)

    scripted([1, 1, 1], Shown(), keep)
    names = sorted(path.name for path in (tmp_path / "p").iterdir())
    assert names == ["epoch-0001.png", "epoch-0002.png", "epoch-0003.png"] and keep.written == 3
    with Image.open(tmp_path / "p" / "epoch-0002.png") as image:
        assert image.size == (6, 4) and image.getpixel((0, 0)) == (80, 80, 80)


def test_a_line_every_few_steps(task, network, capsys):
    minigrad.fit(
        network(), *task, loss="CrossEntropyLoss", optimizer="sgd", epochs=2, batch_size=10,
        callbacks=[Progress(bar=False, steps=4)], verbose=0, metrics=["accuracy"],
    )  # fmt: skip
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("   ")[:2] for line in lines] == [
        ["epoch 1/2", "step 4"],
        ["epoch 1/2", "step 8"],
        ["epoch 1/2", lines[2].split("   ")[1]],
        ["epoch 2/2", "step 4"],
        ["epoch 2/2", "step 8"],
        ["epoch 2/2", lines[5].split("   ")[1]],
    ]
    assert lines[2].split("   ")[1].startswith("train loss")


# -- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda: EarlyStopping("val_los"),
            "EarlyStopping: .* no 'val_los'; did you mean 'val_loss'",
        ),
        (lambda: EarlyStopping("lr"), "EarlyStopping: .* no 'lr'; there are loss, mae, val_loss"),
        (lambda: EarlyStopping("val_accuracy"), "no 'val_accuracy'.* need validation data"),
        (lambda: EarlyStopping(patience=-1), "patience of at least 0, got -1"),
        (lambda: EarlyStopping(mode="most"), "mode to be one of auto, max, min, got 'most'"),
        (lambda: Checkpoint("x", "val_los", True), "Checkpoint: .* no 'val_los'"),
        (lambda: Checkpoint("{los}"), "Checkpoint: .* no 'los'; did you mean 'loss'"),
    ],
)
def test_names_that_a_training_does_not_have(make, told):
    with pytest.raises(ValueError, match=told):
        scripted([1], make())


def test_a_metric_of_one_s_own_needs_a_mode(task, network):
    def run(**options: Any) -> None:
        minigrad.fit(
            network(), *task, loss="CrossEntropyLoss", optimizer="sgd", verbose=0,
            metrics={"own": lambda outputs, targets: 1.0},
            callbacks=[EarlyStopping("own", **options)],
        )  # fmt: skip

    with pytest.raises(ValueError, match=r"whether 'own' is best at its least.*say mode="):
        run()
    run(mode="min")


def test_schedules_that_make_no_sense():
    model = nn.FullConnection(1, 1)
    with pytest.raises(TypeError, match=r"LearningRate: expected a schedule of optim"):
        LearningRate(0.1)  # type: ignore[arg-type]
    schedule = lr_scheduler.StepLR(optim.SGD(model.parameters()), 1)
    with pytest.raises(ValueError, match='expected every="epoch" or "batch", got \'step\''):
        LearningRate(schedule, every="step")
    plateau = lr_scheduler.ReduceLROnPlateau(optim.SGD(model.parameters()))
    with pytest.raises(ValueError, match="ReduceLROnPlateau looks at epochs"):
        LearningRate(plateau, every="batch")
    with pytest.raises(ValueError, match="LearningRate: the schedule is of another optimizer"):
        scripted([1], LearningRate(schedule))
    with pytest.raises(ValueError, match=r"LearningRate: .* no 'val_acc'"):
        rates(lr_scheduler.ReduceLROnPlateau, monitor="val_acc")
