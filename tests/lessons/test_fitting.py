"""Lessons P1 to P3, a curve fitted three ways, and A, activations."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forking import Program

from minigrad.lessons import LESSONS, run
from minigrad.lessons.run import execute

FIGURES = {
    "P1": {"fit", "search"},
    "P2": {"fit", "loss", "path"},
    "P3": {"fit", "path"},
    "A": {"classic", "relatives", "softmax"},
}
each = pytest.mark.parametrize("name", FIGURES)


@cache
def left(name: str) -> dict[str, Any]:
    """What the lesson leaves behind; run once."""
    return run(LESSONS[name], None)


def points(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The 30 points, in float64 from the float32 that the lessons have."""
    x = np.linspace(-3, 3, 30)
    return x, x**2 + np.random.default_rng(seed).standard_normal(30)


@each
def test_twins_agree(name: str) -> None:
    pytest.importorskip("torch")
    from reference.lessons import compare_lesson

    outcome = compare_lesson(LESSONS[name], None)
    assert outcome.agrees, outcome.differences
    assert outcome.differences.keys() == set(LESSONS[name].results)
    assert compare_lesson(LESSONS[name], None, SEED=3).agrees


@each
def test_figures(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(LESSONS[name], tmp_path)
    expected = {f"{figure}.{kind}" for figure in FIGURES[name] for kind in ("png", "svg")}
    assert {path.name for path in tmp_path.iterdir()} == expected
    for path in tmp_path.glob("*.png"):
        assert path.stat().st_size > 10_000  # not empty


@pytest.mark.slow
@each
def test_as_a_program(name: str, program: Program, tmp_path: Path) -> None:
    """In a process of its own, as a student starts it: the words, no warnings, no window."""
    done = program(LESSONS[name].path, anew=name == "P1")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) >= 4
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["P1", "P2"])
def test_they_run_on_pytorch_as_they_say(name: str, tmp_path: Path) -> None:
    """Change `import minigrad as torch` to `import torch`: the same numbers."""
    torch = pytest.importorskip("torch")
    script = LESSONS[name].path.read_text(encoding="utf-8")
    changed, count = re.subn(r"^import minigrad as torch$", "import torch", script, flags=re.M)
    assert count == 1 and "minigrad" not in re.sub(r"minigrad.lessons|`.*`", "", changed)
    path = tmp_path / "script.py"
    path.write_text(changed, encoding="utf-8")
    found = execute(path, None)
    assert found["torch"] is torch
    for result in LESSONS[name].results:
        np.testing.assert_allclose(found[result], left(name)[result], rtol=1e-5, atol=1e-6)


# -- P1 -------------------------------------------------------------------------------------------


def test_monte_carlo_keeps_the_best_of_all_triples() -> None:
    found = left("P1")
    x, y = points()
    a, b, c = found["triples"].numpy().astype(float).T[:, :, None]
    sums = ((a * x**2 + b * x + c - y) ** 2).sum(axis=1)
    assert sums.shape == (100_000,)
    np.testing.assert_allclose(found["sums"], sums, rtol=1e-5)
    assert found["least"].item() == pytest.approx(sums.min(), rel=1e-5)
    assert found["best"].tolist() == found["triples"][int(sums.argmin())].tolist()
    least_squares = np.linalg.lstsq(np.stack([x**2, x, x**0], axis=1), y, rcond=None)
    np.testing.assert_allclose(found["exact"], least_squares[0], atol=1e-5)
    assert found["floor"].item() == pytest.approx(least_squares[1][0], rel=1e-5)


@pytest.mark.parametrize("chunk", [1, 7, 100, 1000])
def test_chunks_change_nothing(chunk: int) -> None:
    found = run(LESSONS["P1"], None, TRIPLES=100, CHUNK=chunk)
    assert found["sums"].shape == (100,) and len(found["parts"]) == -(-100 // chunk)
    whole = run(LESSONS["P1"], None, TRIPLES=100, CHUNK=100)
    assert found["best"].tolist() == whole["best"].tolist()


def test_the_law_of_the_tries() -> None:
    """Over many searches the excess is of the size that the docstring expects."""
    found = left("P1")
    excess = (found["sums"].numpy().reshape(1000, 100) - found["floor"].item()).min(axis=1)
    volume = (2 * found["SPREAD"]) ** 3
    M = found["M"].numpy().astype(float)
    expected = (3 * volume * np.sqrt(np.linalg.det(M)) / (4 * np.pi * 100)) ** (2 / 3)
    assert 0.7 < np.median(excess) / expected < 1.3


# -- P2 and P3 ------------------------------------------------------------------------------------


def descend(steps: int, rate: float, seed: int) -> tuple[list[np.ndarray], list[float]]:
    """The same descent in float64, by the matrix of the problem."""
    x, y = points(seed)
    X, p = np.stack([x**2, x, x**0], axis=1), np.ones(3)
    path, losses = [p], []
    for _ in range(steps):
        losses.append(((X @ p - y) ** 2).mean())
        p = p - rate * 2 / 30 * X.T @ (X @ p - y)
        path.append(p)
    return path, losses


@pytest.mark.parametrize("name", ["P2", "P3"])
def test_the_descent(name: str) -> None:
    path, losses = descend(20, 0.05, 0)
    np.testing.assert_allclose(left(name)["path"], path, atol=2e-6)
    np.testing.assert_allclose(left(name)["losses"], losses, rtol=2e-6)
    found = run(LESSONS[name], None, STEPS=7, RATE=0.01, SEED=5)
    np.testing.assert_allclose(found["path"], descend(7, 0.01, 5)[0], atol=2e-6)


def test_a_line_a_step(capsys: pytest.CaptureFixture[str]) -> None:
    found = run(LESSONS["P2"], None)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    table = [list(map(float, line)) for line in lines if line[0].isdigit()]
    rows = zip(range(1, 21), found["losses"], found["path"][1:], strict=True)
    expected = [[step, loss, *place] for step, loss, place in rows]
    np.testing.assert_allclose(table, expected, atol=6e-5)


def test_the_rate_at_which_it_no_longer_converges() -> None:
    found = left("P2")
    limit = 2 / found["eigenvalues"].max().item()
    assert 0.05 < limit < 0.053
    few, many = (run(LESSONS["P2"], None, RATE=0.053, STEPS=n)["losses"][-1] for n in (200, 400))
    assert many > few > 10 * found["losses"][0]


def test_autograd_walks_as_the_gradients_by_hand_do() -> None:
    by_hand, found = left("P2"), left("P3")
    assert found["by_hand"] == by_hand["path"]  # the step beside it is P2's, to the bit
    np.testing.assert_allclose(found["path"], by_hand["path"], atol=2e-7)
    assert found["gap"] < 1e-6


def test_a_step_that_is_not_the_same_is_found(tmp_path: Path) -> None:
    script = LESSONS["P3"].path.read_text(encoding="utf-8")
    path = tmp_path / "script.py"
    path.write_text(script.replace("lr=RATE", "lr=1.001 * RATE"), encoding="utf-8")
    with pytest.raises(AssertionError, match="autograd and the gradients by hand are"):
        execute(path, None)


# -- A --------------------------------------------------------------------------------------------


def test_slopes_against_numbers() -> None:
    found = left("A")
    x, h = found["x"].detach().numpy(), 1e-6
    assert list(found["activations"]) == [
        *("sigmoid", "tanh", "ReLU", "LeakyReLU", "PReLU", "ELU", "SELU", "Threshold")
    ]
    away = (np.abs(x) > 2 * h) & (np.abs(x - 1) > 2 * h)  # from the corners
    assert away.all()
    for (layer, _, _), slope in zip(found["activations"].values(), found["slopes"], strict=True):
        up, down = (layer(found["torch"].tensor(x + step)).detach().numpy() for step in (h, -h))
        np.testing.assert_allclose(slope, (up - down) / (2 * h), atol=1e-9)


def test_the_worked_softmax(capsys: pytest.CaptureFixture[str]) -> None:
    found = run(LESSONS["A"], None)
    z = np.array([1.0, 2, 1, 5, 6])
    p = np.exp(z) / np.exp(z).sum()
    np.testing.assert_allclose(found["p"], p, rtol=1e-14)
    np.testing.assert_allclose(found["p"], [0.0048, 0.0131, 0.0048, 0.2628, 0.7145], atol=5e-5)
    np.testing.assert_allclose(found["jacobian"], np.diag(p) - np.outer(p, p), atol=1e-15)
    assert np.isnan(found["naive"].numpy()).all()
    np.testing.assert_allclose(found["shifted"], p, rtol=1e-5)
    told = capsys.readouterr().out
    assert "403.429        0.7145" in told and "564.668        1.0000" in told


def test_selu_keeps_mean_and_variance() -> None:
    selu, relu = left("A")["through_selu"].numpy(), left("A")["through_relu"].numpy()
    assert abs(selu.mean()) < 0.05 and abs(selu.var() - 1) < 0.1
    assert relu.var() < 0.01
    he = left("A")["through_he"].numpy()
    assert abs((he**2).mean() - 1) < 0.2, "He's weights make up for the half that ReLU cuts off"


def test_other_settings_of_the_activations() -> None:
    found = run(LESSONS["A"], None, LEAK=0.3, THRESHOLD=0.0, VALUE=-2.0, SCORES=(0.0, 0.0))
    assert found["slopes"][3].numpy().min() == 0.3
    assert found["functions"][7].numpy().min() == -2
    assert found["p"].tolist() == [0.5, 0.5]
