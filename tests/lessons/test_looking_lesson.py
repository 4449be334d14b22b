"""Lesson V, looking at a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forking import Program

from minigrad.lessons import LESSONS, run

pytestmark = pytest.mark.slow

LESSON = LESSONS["V"]
SMALL = {"IMAGES": 200, "TESTS": 50, "EPOCHS": 4, "BATCH": 20, "RATE": 0.05}
FIGURES = {"digits", "confusion", "mistakes"}
PICTURES = {"curves", "filters", "features", "dense", "lenet", "inception", "residual"}


@pytest.fixture(scope="module")
def left(digits: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a short run leaves behind, and ``out``, the folder of its figures."""
    out = tmp_path_factory.mktemp("figures")
    return {**run(LESSON, out, DATA=digits, **SMALL), "out": out}


def test_twins_agree(digits: str) -> None:
    pytest.importorskip("torch")
    from reference.lessons import compare_lesson

    outcome = compare_lesson(LESSON, None, DATA=digits, **SMALL)
    assert outcome.differences.keys() == set(LESSON.results)
    assert outcome.tolerance == 1e-10 and outcome.agrees, outcome.differences


def test_it_learns(left: dict[str, Any]) -> None:
    assert left["every"] == 1 and len(left["losses"]) == len(left["history"]) == 40
    assert [row["train_loss"] for row in left["history"]] == left["losses"]
    np.testing.assert_allclose([row["epoch"] for row in left["history"]], np.arange(1, 41) / 10)
    assert np.mean(left["losses"][-10:]) < 0.95 * np.mean(left["losses"][:10])


def test_six_looks_an_epoch(digits: str) -> None:
    found = run(LESSON, None, DATA=digits, **SMALL | {"IMAGES": 250, "EPOCHS": 1})
    assert found["every"] == 2 and len(found["losses"]) == 13 and len(found["history"]) == 6
    assert found["history"][0]["train_loss"] == pytest.approx(np.mean(found["losses"][:2]))
    assert run(LESSON, None, DATA=digits, **SMALL | {"IMAGES": 5})["losses"]  # less than a batch


def test_confusion(left: dict[str, Any]) -> None:
    """Its rows add up to what there is of each class, its diagonal to what is right."""
    confusion, truths = left["confusion"].numpy(), left["y_test"].numpy()
    np.testing.assert_array_equal(confusion.sum(axis=1), np.bincount(truths, minlength=10))
    guesses = left["model"](left["x_test"]).detach().numpy().argmax(axis=1)
    np.testing.assert_array_equal(confusion.sum(axis=0), np.bincount(guesses, minlength=10))
    assert left["right"] == (guesses == truths).sum() == np.trace(confusion)
    last = 100 * left["right"] / len(truths)
    assert left["history"][-1]["test_accuracy"] == pytest.approx(last)
    assert set(left["worst"].tolist()) <= set(np.flatnonzero(guesses != truths).tolist())
    assert (np.diff(left["sure"].numpy()[left["worst"].numpy()]) <= 0).all()


def test_maps_are_the_filters_laid_over_the_image(left: dict[str, Any]) -> None:
    image, filters = left["x_test"].numpy()[0, 0], left["filters"].detach().numpy()[:, 0]
    windows = np.lib.stride_tricks.sliding_window_view(image, (5, 5))
    bias = left["model"].conv1.bias.detach().numpy()
    expected = np.einsum("ijuv,ouv->oij", windows, filters) + bias[:, None, None]
    np.testing.assert_allclose(left["maps"].numpy()[0], expected, rtol=0, atol=1e-10)


def test_the_digits_are_drawn_at_random(left: dict[str, Any], digits: str) -> None:
    """A data set may be sorted by its classes."""
    other = run(LESSON, None, DATA=digits, **SMALL | {"SEED": 1, "EPOCHS": 1})
    assert left["x"].shape == (200, 1, 28, 28) and left["x_test"].shape == (50, 1, 28, 28)
    assert not np.array_equal(left["y"], other["y"])
    assert len(np.unique(left["x"].numpy(), axis=0)) == 200


def test_its_figures(left: dict[str, Any]) -> None:
    from PIL import Image

    expected = {f"{name}.{kind}" for name in FIGURES for kind in ("png", "svg")}
    expected |= {f"{name}.{kind}" for name in PICTURES for kind in ("png", "svg", "pdf")}
    assert {path.name for path in left["out"].iterdir()} == expected
    for path in left["out"].glob("*.png"):
        with Image.open(path) as image:
            ink = np.asarray(image.convert("L"))
        border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
        assert ink.std() > 5, f"{path.name} is empty"
        assert border.min() > 250, f"{path.name} is cut off"


@pytest.mark.parametrize(
    "name, words",
    [
        ("dense", ["images", "labels", "0.weight", "2.bias", "relu", "loss"]),
        ("lenet", ["input", "conv1", "conv2", "fc1", "fc2", "(1, 16, 8, 8)"]),
        ("inception", ["branch1.conv", "branch4.0", "cat", "(1, 256, 28, 28)"]),
        ("residual", ["conv1", "bn2", "add", "(1, 64, 56, 56)"]),
    ],
)
def test_graphs_say_what_they_show(left: dict[str, Any], name: str, words: list[str]) -> None:
    svg = (left["out"] / f"{name}.svg").read_text(encoding="utf-8")
    for word in words:
        assert word in svg


def test_live(digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a window the curves grow in a file."""
    monkeypatch.chdir(tmp_path)
    run(LESSON, None, DATA=digits, LIVE=True, **SMALL | {"EPOCHS": 1})
    assert (tmp_path / "live.png").read_bytes().startswith(b"\x89PNG")


def test_as_a_program(digits: str, program: Program, tmp_path: Path) -> None:
    """In a process of its own, with the data where MINIGRAD_DATA says."""
    done = program(LESSON.path, MINIGRAD_DATA=digits)
    assert (done.returncode, done.stderr) == (0, "")
    assert "600 images to learn from, 200 to test with" in done.stdout
    assert "of 200 are right" in done.stdout and not list(tmp_path.iterdir())
