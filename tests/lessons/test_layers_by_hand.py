"""Lesson D6, a network by hand: each layer's backward, the training, its twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forking import Program

from minigrad.lessons import LESSONS, run

LESSON = LESSONS["D6"]
SMALL = {"WIDTHS": (8, 16), "SEEDS": 2, "SEARCH_EPOCHS": 3, "EPOCHS": 5}


@pytest.fixture(scope="module")
def left(digits: str) -> dict[str, Any]:
    """What a short run in float64 leaves behind."""
    return run(LESSON, None, DATA=digits, DTYPE="float64", **SMALL)


def slopes(function: Callable[[], float], array: np.ndarray, h: float = 1e-6) -> np.ndarray:
    """∂function/∂array by differences; the array is changed and put back."""
    found = np.empty_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        values = []
        for array[place] in (kept + h, kept - h):
            values.append(function())
        array[place] = kept
        found[place] = (values[0] - values[1]) / (2 * h)
    return found


def sample(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("kind", ["FullConnection", "ReLU", "Softmax"])
def test_backward_of_each_layer_against_numbers(left: dict[str, Any], kind: str) -> None:
    arguments = (4, 3, np.random.default_rng(1)) if kind == "FullConnection" else ()
    layer = left[kind](*arguments)
    x = sample(5, 4)
    g = sample(*layer.forward(x).shape, seed=2)
    returned = layer.backward(g)
    np.testing.assert_allclose(
        returned, slopes(lambda: float((layer.forward(x) * g).sum()), x), atol=1e-8
    )
    if kind == "FullConnection":
        weight = layer.weight
        expected = slopes(lambda: float((layer.forward(x) * g).sum()), weight)
        np.testing.assert_allclose(layer.gradient, expected, atol=1e-8)
        assert weight.shape == (5, 3) and not weight[-1].any()
        weight[-1] = 7  # the bias
        assert layer.forward(np.zeros((2, 4))).tolist() == [[7, 7, 7]] * 2
        layer = left[kind](*arguments, bias=False)
        assert layer.weight.shape == (4, 3) and not layer.forward(np.zeros((2, 4))).any()
        layer.forward(x)
        assert layer.backward(g).shape == (5, 4) and layer.gradient.shape == (4, 3)


def test_cross_entropy_against_numbers(left: dict[str, Any]) -> None:
    loss, y = left["CrossEntropy"](), np.eye(3)[[0, 2, 2, 1]]
    p = np.random.default_rng(0).uniform(0.1, 0.9, (4, 3))
    assert loss.forward(p, y) == pytest.approx(-np.log(p[range(4), [0, 2, 2, 1]]).mean())
    expected = slopes(lambda: loss.forward(p, y), p)
    np.testing.assert_allclose(loss.backward(), expected, atol=1e-8)


def test_softmax_and_cross_entropy_together_give_p_less_y(left: dict[str, Any]) -> None:
    softmax, loss, y = left["Softmax"](), left["CrossEntropy"](), np.eye(3)[[0, 2, 2, 1]]
    p = softmax.forward(sample(4, 3))
    loss.forward(p, y)
    np.testing.assert_allclose(softmax.backward(loss.backward()), (p - y) / 4, atol=1e-15)


def test_large_scores_stay_finite(left: dict[str, Any]) -> None:
    softmax, loss, y = left["Softmax"](), left["CrossEntropy"](), np.eye(2)[[0, 1]]
    p = softmax.forward(np.array([[1e4, -1e4], [1e4, -1e4]]))
    assert p.tolist() == [[1, 0], [1, 0]]
    assert np.isfinite(loss.forward(p, y))
    assert np.isfinite(softmax.backward(loss.backward())).all()


def test_weights_start_as_he_did(left: dict[str, Any]) -> None:
    weight = left["FullConnection"](784, 300, np.random.default_rng(0)).weight
    assert weight[:-1].std() == pytest.approx(np.sqrt(2 / 784), rel=0.01)
    assert not weight[-1].any()


def test_the_split(left: dict[str, Any], digits: str) -> None:
    assert left["x"].shape == (550, 784) and left["x_validation"].shape == (50, 784)
    assert sorted(left["order"]) == list(range(600))
    images, labels = left["images"].data.numpy(), left["images"].targets.numpy()
    first = left["order"][50]
    expected = (images[first].reshape(784) / 255 - 0.1307) / 0.3081
    np.testing.assert_allclose(left["x"][0], expected, rtol=1e-12)
    assert left["labels"][0] == labels[first] == left["y"][0].argmax()
    assert run(LESSON, None, DATA=digits, IMAGES=120, **SMALL)["x"].shape == (110, 784)


def test_training(left: dict[str, Any]) -> None:
    """The loss falls, the width is the best on the validation images, the end is scored."""
    assert len(left["losses"]) == len(left["accuracies"]) == 5
    assert left["losses"][-1] < left["losses"][0]
    assert {width: runs.shape for width, runs in left["search"].items()} == {8: (2, 3), 16: (2, 3)}
    ends = {width: runs[:, -1].mean() for width, runs in left["search"].items()}
    assert ends[left["best_width"]] == max(ends.values())
    assert not np.array_equal(*left["search"][16]), "each start is another"
    right = left["predictions"] == left["tests"].targets.numpy()
    assert left["test_accuracy"] == pytest.approx(100 * right.mean())
    assert [c.weight.shape for c in left["network"].connections] == [
        (785, left["best_width"]),
        (left["best_width"], 10),
    ]


@pytest.mark.slow
def test_it_learns_what_can_be_learned(digits: str) -> None:
    found = run(LESSON, None, DATA=digits, WIDTHS=(30,), SEEDS=1, SEARCH_EPOCHS=1, EPOCHS=30)
    assert found["test_accuracy"] > 90


@pytest.mark.slow
def test_twins_agree(digits: str) -> None:
    pytest.importorskip("torch")
    from reference.lessons import compare_lesson

    outcome = compare_lesson(LESSON, None, DATA=digits, **SMALL)
    assert outcome.agrees, outcome.differences
    assert outcome.accuracy == pytest.approx(outcome.twin_accuracy, abs=0.5)  # an image of 200
    exact = replace(LESSON, dtype="float64")
    outcome = compare_lesson(exact, None, DATA=digits, DTYPE="float64", SEED=1, **SMALL)
    assert outcome.tolerance == 1e-10 and outcome.agrees, outcome.differences


@pytest.mark.slow
def test_figures(digits: str, tmp_path: Path) -> None:
    run(LESSON, tmp_path, DATA=digits, **SMALL)
    figures = ("search", "training", "units", "mistakes")
    expected = {f"{name}.{kind}" for name in figures for kind in ("png", "svg")}
    assert {path.name for path in tmp_path.iterdir()} == expected


@pytest.mark.slow
def test_as_a_program(digits: str, program: Program, tmp_path: Path) -> None:
    """In a process of its own, with the data where MINIGRAD_DATA says."""
    done = program(LESSON.path, MINIGRAD_DATA=digits)
    assert (done.returncode, done.stderr) == (0, "")
    assert "550 to train, 50 to validate, 200 to test" in done.stdout
    assert "test accuracy" in done.stdout and not list(tmp_path.iterdir())
