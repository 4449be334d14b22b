"""Lessons T1 to T7: what they teach of tensors is so, and is so in PyTorch."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forking import Program

import minigrad
from minigrad.lessons import LESSONS, run
from minigrad.lessons.run import execute

FIGURES = {
    "T1": set(),
    "T2": {"broadcasting"},
    "T3": set(),
    "T4": {"area", "strides"},
    "T5": {"places"},
    "T6": set(),
    "T7": set(),
}
each = pytest.mark.parametrize("name", FIGURES)


@cache
def ran(name: str) -> tuple[dict[str, Any], str]:
    """What the lesson leaves behind, and what it says; run once."""
    said = io.StringIO()
    with redirect_stdout(said):
        left = run(LESSONS[name], None)
    return left, said.getvalue()


def left(name: str) -> dict[str, Any]:
    return ran(name)[0]


def plain(value: Any) -> Any:
    """As NumPy and Python have it."""
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return np.asarray(value.detach().cpu().numpy()) if hasattr(value, "detach") else value


@each
def test_twins_agree(name: str) -> None:
    pytest.importorskip("torch")
    from reference.lessons import compare_lesson

    outcome = compare_lesson(LESSONS[name], None)
    assert outcome.differences.keys() == set(LESSONS[name].results)
    assert outcome.agrees, outcome.differences


@each
def test_on_torch(name: str, tmp_path: Path) -> None:
    """The lesson itself, with other imports: the same types and numbers."""
    torch = pytest.importorskip("torch")
    source = LESSONS[name].path.read_text(encoding="utf-8")
    changed, count = re.subn(r"^import minigrad as torch$", "import torch", source, flags=re.M)
    changed = changed.replace("from minigrad import nn", "from torch import nn")
    script = tmp_path / "script.py"
    script.write_text(changed.replace("FullConnection", "Linear"), encoding="utf-8")
    assert count == 1
    theirs = execute(script, None)
    compared = 0
    for result in LESSONS[name].results:
        ours, other = left(name)[result], theirs[result]
        pairs = zip(ours, other, strict=True) if isinstance(ours, list) else [(ours, other)]
        for a, b in pairs:
            if isinstance(b, torch.Tensor):
                assert f"torch.{a.dtype}" == str(b.dtype).replace("torch.bool", "torch.bool"), (
                    result
                )
            np.testing.assert_allclose(plain(a), plain(b), rtol=1e-6, atol=1e-7, err_msg=result)
            compared += 1
    assert compared >= len(LESSONS[name].results)


@pytest.mark.slow
@each
def test_as_a_program(name: str, program: Program, tmp_path: Path) -> None:
    """In a process of its own, as a student starts it: the words, no warnings, no window."""
    done = program(LESSONS[name].path, anew=name == "T1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ran(name)[1]
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, figures in FIGURES.items() if figures])
def test_figures(name: str, tmp_path: Path) -> None:
    from PIL import Image

    run(LESSONS[name], tmp_path)
    expected = {f"{figure}.{kind}" for figure in FIGURES[name] for kind in ("png", "svg")}
    assert {path.name for path in tmp_path.iterdir()} == expected
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as image:
            ink = np.asarray(image.convert("L"))
        border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
        assert ink.std() > 5, f"{path.name} is empty"
        assert border.min() > 250, f"{path.name} is cut off"


def test_lessons_without_figures_draw_none(tmp_path: Path) -> None:
    for name in ("T1", "T3", "T6"):
        run(LESSONS[name], tmp_path)
    assert not list(tmp_path.iterdir())


# T1


def test_dtypes_follow_from_the_numbers() -> None:
    lesson = left("T1")
    names = ("whole", "real", "truths", "table", "single", "from_array", "spelled", "spelled_int")
    dtypes = [str(lesson[name].dtype) for name in names]
    assert dtypes == ["int64", "float32", "bool", *["float32"] * 2, "float64", "float32", "int32"]
    assert lesson["single"].shape == () and lesson["spelled"].tolist() == [[1, 2]]


def test_ranges() -> None:
    lesson = left("T1")
    assert lesson["counted"].tolist() == [0, 1, 2, 3, 4]
    assert lesson["stepped"].tolist() == [1, 4, 7]
    assert lesson["spaced"].tolist() == [-1, -0.5, 0, 0.5, 1]


def test_chance() -> None:
    """The same seed, the same draws; another seed, others; each in its range."""
    lesson, again, other = left("T1"), run(LESSONS["T1"], None), run(LESSONS["T1"], None, SEED=1)
    for name in ("uniform", "normal", "dice", "shuffled"):
        assert minigrad.equal(lesson[name], again[name])
    for name in ("uniform", "normal"):
        assert not minigrad.equal(lesson[name], other[name])
    assert minigrad.equal(lesson["uniform"], lesson["again"])
    assert 0 <= lesson["uniform"].min() and lesson["uniform"].max() < 1
    assert 1 <= lesson["dice"].min() and lesson["dice"].max() <= 6
    assert sorted(lesson["shuffled"].tolist()) == lesson["ordered"].tolist() == list(range(6))
    assert abs(lesson["many"].mean()) < 0.02 and abs(lesson["many"].std() - 1) < 0.02


def test_what_a_dtype_can_hold() -> None:
    values = [tenth.item() for tenth in left("T1")["tenths"]]
    assert values == [float(np.float32(0.1)), 0.1, 0, 0, 1]
    assert left("T1")["cut"].tolist() == [-1, 0, 0, 2]
    assert "float32       4  0.10000000149011611938\n" in ran("T1")[1]


# T2


def test_arithmetic() -> None:
    a, b = np.array([-1.5, 0, 0.5, 4]), np.array([2, 0.25, -1, 3])
    found = plain(left("T2")["basic"])
    expected = [a + b, a - b, a * b, a / b, a % b, a**2, -a, abs(a)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert "a % b               0.5        0     -0.5        1\n" in ran("T2")[1]
    assert "log(a)              nan     -inf" in ran("T2")[1]


def test_whole_numbers() -> None:
    lesson = left("T2")
    assert lesson["floored"].tolist() == [3, -4] and lesson["rest"].tolist() == [1, 2]
    kinds = [str(lesson[name].dtype) for name in ("divided", "floored", "mixed")]
    assert kinds == ["float32", "int64", "float32"]


def test_broadcasting() -> None:
    lesson = left("T2")
    assert lesson["each_with_each"].tolist() == [
        [10 * i + j for j in range(1, 5)] for i in range(3)
    ]
    np.testing.assert_allclose(lesson["standard"].numpy().mean(0), 0, atol=1e-7)
    np.testing.assert_allclose(lesson["standard"].numpy().std(0, ddof=1), 1, rtol=1e-6)
    assert "(3, 2) + (3,): add: The size of tensor a (2) must match" in ran("T2")[1]


def test_in_place() -> None:
    """`c += 1` changed what the other name stands for, `c = c + 1` did not."""
    a, b = np.array([-1.5, 0, 0.5, 4]), np.array([2, 0.25, -1, 3])
    changed = (1 + a) * 2 - b + 1
    np.testing.assert_allclose(left("T2")["other_name"], changed)
    np.testing.assert_allclose(left("T2")["c"], changed + 1)
    assert not np.shares_memory(left("T2")["c"].numpy(), left("T2")["other_name"].numpy())


# T3


def test_reductions() -> None:
    lesson = left("T3")
    p = np.array(lesson["P"])
    columns = [p.sum(0), p.mean(0), p.max(0), p.min(0)]
    np.testing.assert_allclose(plain(lesson["by_column"]), columns, rtol=1e-6)
    rows = [p.sum(1), p.mean(1), p.max(1), p.argmin(1)]
    np.testing.assert_allclose(plain(lesson["by_row"]), rows, rtol=1e-6)
    assert lesson["across"].shape == (5, 1) and lesson["down"].shape == (3,)
    assert lesson["indices"].tolist() == p.argmax(1).tolist()


def test_how_many_are_right() -> None:
    lesson = left("T3")
    assert lesson["accuracy"].item() == pytest.approx(0.8)
    assert lesson["right"].tolist() == [True, True, True, False, True]
    assert lesson["unsure"].tolist() == [False, False, False, True, False]
    changed = run(LESSONS["T3"], None, Y=[1, 0, 2, 0, 0])
    assert changed["right"].tolist() == [True, True, True, True, False]


def test_comparisons() -> None:
    p = np.array(left("T3")["P"], np.float32)
    for name, truth in left("T3")["compared"].items():
        # float32, as the numbers are: 0.1 there is not Python's 0.1
        said = re.sub(r"[\d.]+", r"np.float32(\g<0>)", name)
        np.testing.assert_array_equal(truth, eval(said, {"p": p, "np": np}), err_msg=name)
    assert "0.1 + 0.2 == 0.3: False, close: True\n" in ran("T3")[1]


# T4


def test_matrices() -> None:
    lesson = left("T4")
    a = np.array(lesson["A"])
    np.testing.assert_allclose(lesson["inverse"], np.linalg.inv(a), rtol=1e-6)
    assert lesson["det"].item() == pytest.approx(2.5)
    np.testing.assert_allclose(lesson["av"], a @ [1, 2], rtol=1e-6)
    np.testing.assert_allclose(lesson["solution"], [1, 2], rtol=1e-6)
    assert "has det 0. inv: the matrix is singular" in ran("T4")[1]
    assert "B A: matmul: inner sizes differ" in ran("T4")[1]


@pytest.mark.parametrize("A", [[[2.0, 1.0], [0.5, 1.5]], [[0.0, 1.0], [1.0, 0.0]]])
def test_the_determinant_is_the_area(A: list[list[float]]) -> None:
    lesson = run(LESSONS["T4"], None, A=A)
    x, y = np.array(A) @ lesson["square"].numpy()
    area = (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2
    assert lesson["det"].item() == pytest.approx(area)


def test_views_share_their_memory() -> None:
    lesson = left("T4")
    line = lesson["line"].numpy()
    assert line[4] == 40
    for name, shares in (("table", True), ("turned", True), ("guessed", True), ("copied", False)):
        assert np.shares_memory(line, lesson[name].numpy()) is shares, name
    assert lesson["strides"] == [(3, 1), (1, 3), (1, 3)]
    assert "view: size (6,) is not compatible" in ran("T4")[1]


# T5


def test_basic_indexing_gives_views_and_advanced_copies() -> None:
    lesson = left("T5")
    copies = {"x[[2, 0]]", "x[[0, 2], [3, 1]]", "x[x > 5]"}
    assert copies < lesson["taken"].keys()
    fresh = np.arange(12.0).reshape(3, 4)
    fresh[1, 0] = 100  # view[0] = 100
    for name, part in lesson["taken"].items():
        shares = np.shares_memory(part.numpy(), lesson["x"].numpy())
        assert shares is (name not in copies), name
        if shares:
            np.testing.assert_array_equal(part, eval(name, {"x": fresh}), err_msg=name)


def test_writing() -> None:
    lesson = left("T5")
    assert lesson["p"].tolist() == [[0, 1, 1], [1, 0, 0]]
    assert lesson["table"].tolist() == [[1, 7, 1, 1], [0, 8, 0, 5], [0.5, 9.5, 0.5, 5.5]]
    assert lesson["x"][1, 0] == 100 and lesson["copy"].tolist() == [[4, 5, 6, 7]]
    assert "index 3 is out of bounds" in ran("T5")[1]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_samples_and_labels_stay_together(seed: int) -> None:
    lesson = run(LESSONS["T5"], None, SEED=seed)
    samples, labels = lesson["shuffled"].tolist()
    assert sorted(labels) == [1, 2, 3, 4, 5] and samples == [10 * label for label in labels]
    assert lesson["restored"].tolist() == [[10, 20, 30, 40, 50], [1, 2, 3, 4, 5]]


# T6


def test_one_memory() -> None:
    lesson = left("T6")
    assert lesson["array"].tolist() == lesson["tensor"].tolist() == [-10, 20, 30, 0]
    assert lesson["back"].tolist() == [-10, 20, 30, 0] and lesson["copy"].tolist() == [1, 2, 3, 4]
    assert np.shares_memory(lesson["array"], lesson["tensor"].numpy())
    assert not np.shares_memory(lesson["array"], lesson["copy"].numpy())
    assert lesson["weights"].tolist() == [5, 6] and lesson["gradient"].tolist() == [10, 12]
    assert "Use tensor.detach().numpy() instead" in ran("T6")[1]


def test_printing_is_afterwards_what_it_was() -> None:
    run(LESSONS["T6"], None)
    assert str(minigrad.tensor([3.14159])) == "tensor([3.1416])"
    assert "tensor([3.14, 2.72])\n" in ran("T6")[1]


# T7


def test_devices() -> None:
    """Where there is no GPU it says what is missing; where there is one, numbers get there."""
    lesson, said = ran("T7")
    assert lesson["losses"][-1] < 0.1 < lesson["losses"][0] and len(lesson["losses"]) == 10
    assert all(p.device == minigrad.device("cpu") for p in lesson["model"].parameters())
    np.testing.assert_allclose(lesson["predictions"], lesson["on_the_cpu"], rtol=1e-5)
    if minigrad.cuda.is_available():
        assert "its copies on cuda:0 and cuda:0" in said and "ten steps on cuda:0" in said
        assert lesson["y"].is_cuda
    else:
        assert "torch.cuda.is_available() = False" in said and "ten steps on cpu" in said
        assert "stay on the CPU\n" in said
