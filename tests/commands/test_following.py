"""What `train` shows and writes while it goes on."""

from __future__ import annotations

import csv
import json

WITH_PICTURES = """
import sys
import numpy as np
from minigrad.training.learner import Learner
Learner.picture = lambda self: np.zeros((8, 8), np.uint8)
from minigrad.commands import main
sys.exit(main(sys.argv[1:]))
"""


def test_train_writes_a_csv_live_curves_and_lines_of_steps(command, small_mnist, tmp_path):
    arguments = ["train", "D5", "--data", str(small_mnist), "--csv", "log/h.csv", "--live"]
    done = command(*arguments, "--epochs", "2", "--steps", "3")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("epoch")]
    starts = [line.split("   ")[:2] for line in lines]
    assert starts[:3:2] == [["epoch 1/2", "step 3"], starts[2]] and len(lines) == 6
    assert starts[1] == ["epoch 1/2", "step 6"] and starts[2][1].startswith("train loss")
    out = tmp_path / "runs" / "D5"
    assert "<svg" in (out / "curves.svg").read_text()

    def rows() -> list[dict[str, str]]:
        with (tmp_path / "log" / "h.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def history() -> list[dict[str, float]]:
        return json.loads((out / "report.json").read_text())["history"]["minigrad"]

    assert list(rows()[0]) == ["epoch", "loss", "accuracy", "test_loss", "test_accuracy"]
    assert [float(row["test_loss"]) for row in rows()] == [row["test_loss"] for row in history()]
    # A run that goes on has the epochs before in its file as well.
    done = command(*arguments, "--epochs", "3", "--resume")
    assert done.returncode == 0, done.stderr
    assert [row["epoch"] for row in rows()] == ["1", "2", "3"]
    assert [float(row["loss"]) for row in rows()] == [row["train_loss"] for row in history()]


def test_train_keeps_the_pictures_of_a_learner_that_has_any(command, small_mnist, tmp_path):
    done = command(
        "train", "D5", "--data", str(small_mnist), "--epochs", "2", code=WITH_PICTURES
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pictures = sorted((tmp_path / "runs" / "D5" / "pictures").iterdir())
    assert [path.name for path in pictures] == ["epoch-0001.png", "epoch-0002.png"]
    assert pictures[0].read_bytes().startswith(b"\x89PNG")
    assert "2 pictures in" in done.stdout
