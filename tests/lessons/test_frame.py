"""The frame of the lessons: their form, the runner, the figures that it keeps, the comparison."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

matplotlib = pytest.importorskip("matplotlib")
import matplotlib.pyplot as plt  # noqa: E402

from minigrad.lessons import LESSONS, Lesson, parameters  # noqa: E402
from minigrad.lessons.program import CELL, PARAMETERS  # noqa: E402
from minigrad.lessons.run import execute  # noqa: E402

each = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)

SCRIPT = '''\
# %% [markdown]
"""A script."""

# %% tags=["parameters"]
SEED = 0
RATE = 0.5
WIDTHS = (1, 2)
DATA = None

# %%
import matplotlib.pyplot as plt

SEED_AFTER = 7
left = [SEED, RATE, WIDTHS, DATA]
'''
FIGURE = 'plt.figure("{}")\nplt.plot([1, 2])\n'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the script with these lines at its end."""

    def write(more: str = "", name: str = "script") -> Path:
        path = tmp_path / f"{name}.py"
        path.write_text(SCRIPT + more)
        return path

    return write


# -- the form of every lesson ---------------------------------------------------------------------


def cells(path: Path) -> Iterator[tuple[str, str]]:
    """(the line that begins the cell, the rest), as notebooks see them."""
    parts = re.split(rf"^({CELL}.*)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert parts[0] == "", f"{path}: something stands before the first cell"
    yield from zip(parts[1::2], parts[2::2], strict=True)


@each
def test_cells_are_those_of_a_notebook(lesson: Lesson) -> None:
    heads = [head for head, _ in cells(lesson.path)]
    assert heads[:2] == ["# %% [markdown]", PARAMETERS]
    assert set(heads[2:]) == {"# %%", "# %% [markdown]"}
    for head, body in cells(lesson.path):
        code = ast.parse(body)
        if head == "# %% [markdown]":  # a string, which is the docstring, or comments alone
            assert all(isinstance(node, ast.Expr) for node in code.body)
            assert body.strip() and len(code.body) <= 1
        else:
            assert code.body, f"{lesson.path}: an empty cell"


@each
def test_parameters_are_constants_and_the_twin_has_the_same(lesson: Lesson) -> None:
    twins = pytest.importorskip("reference.lessons.compare")
    ours = parameters(lesson.path)
    assert all(re.fullmatch("[A-Z][A-Z_]*", name) for name in ours)
    assert parameters(twins.twin(lesson)) == ours
    assert set(lesson.quick) <= set(ours)


@each
def test_no_name_stands_before_a_library(lesson: Lesson) -> None:
    """Started by its path, a lesson has its own folder first on the path of imports."""
    names = {path.stem for path in lesson.path.parent.glob("*.py")}
    assert not names & (sys.stdlib_module_names | {"matplotlib", "minigrad", "numpy", "rich"})


@each
def test_figures_have_names_and_are_shown(lesson: Lesson) -> None:
    code = lesson.path.read_text(encoding="utf-8")
    calls = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("plt.figure", "plt.subplots", "plt.subplot_mosaic")
    ]
    for call in calls:
        assert re.match(r"plt\.figure\('[\w-]+'|.*num='[\w-]+'", call), call
    assert "matplotlib.use" not in code


# -- the runner -----------------------------------------------------------------------------------


def test_parameters_and_their_replacement(write: Write) -> None:
    path = write()
    usual = {"SEED": 0, "RATE": 0.5, "WIDTHS": (1, 2), "DATA": None}
    assert parameters(path) == usual
    assert execute(path, None)["left"] == list(usual.values())
    found = execute(path, None, RATE=-2, WIDTHS=[3, (4.5, "x")], DATA="a 'folder'")
    assert found["left"] == [0, -2, [3, (4.5, "x")], "a 'folder'"]
    assert found["RATE"] == -2 and found["__file__"] == str(path)


@pytest.mark.parametrize("name", ["EPOCHS", "SEED_AFTER", "left", "seed"])
def test_a_parameter_that_there_is_not(write: Write, name: str) -> None:
    with pytest.raises(ValueError, match=rf"script: {name} is no .*SEED, RATE, WIDTHS, DATA$"):
        execute(write(), None, **{name: 1})


@pytest.mark.parametrize("value", [Path("data"), float("nan"), {1, object()}, print])
def test_a_value_that_is_no_literal(write: Write, value: Any) -> None:
    with pytest.raises(ValueError, match="script: DATA takes a number, a string"):
        execute(write(), None, DATA=value)


def test_scripts_that_are_no_lessons(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text("SEED = 0\n")
    with pytest.raises(ValueError, match=r'script.py: expected a cell .* tags=\["parameters"\]'):
        execute(path, None)
    path.write_text(f"{PARAMETERS}\nSEED = 0\nRATE = 1 / SEED\n")
    with pytest.raises(ValueError, match=r"script.py, line 3: expected a literal .* 1 / SEED"):
        parameters(path)


def test_errors_pass_through_with_their_line(write: Write) -> None:
    path = write("def fail():\n    raise LookupError('here')\n\nfail()\n")
    with pytest.raises(LookupError, match="here") as caught:
        execute(path, None, SEED=12345678901)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [(f.filename, f.lineno, f.line) for f in frames[-2:]] == [
        (str(path), 18, "fail()"),
        (str(path), 16, "raise LookupError('here')"),
    ]


def test_a_run_leaves_nothing_behind_in_this_process(write: Write) -> None:
    path, modules, argv = write("import types\nclass Own: ...\n"), set(sys.modules), sys.argv[:]
    main = sys.modules["__main__"]
    assert execute(path, None)["Own"].__name__ == "Own"
    assert set(sys.modules) == modules and sys.argv == argv and sys.modules["__main__"] is main
    assert not hasattr(main, "left")


# -- figures --------------------------------------------------------------------------------------


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_figures_become_files(write: Write, tmp_path: Path) -> None:
    shown = FIGURE.format("first") + FIGURE.format("second-2") + "plt.show()\n"
    left = "n = plt.get_fignums()\n" + FIGURE.format("last")  # never shown: at the end, then
    out = tmp_path / "new" / "folder"
    found = execute(write(shown + left), out)
    assert found["n"] == [] == plt.get_fignums()
    assert names(out) == {f"{n}.{k}" for n in ("first", "second-2", "last") for k in ("png", "svg")}
    assert (out / "first.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (out / "first.svg").read_text(encoding="utf-8")


def test_without_a_folder_figures_are_only_closed(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(FIGURE.format("first") + "plt.show(block=False)\n")
    execute(path, None)
    assert plt.get_fignums() == [] and names(tmp_path) == {"script.py"}


def test_a_figure_that_was_open_before_is_not_drawn_into(write: Write, tmp_path: Path) -> None:
    plt.figure("first").suptitle("mine")
    execute(write(FIGURE.format("first") + "n = len(plt.gcf().texts)\nplt.show()\n"), tmp_path)
    assert names(tmp_path) == {"first.png", "first.svg", "script.py"}
    assert plt.get_fignums() == []


@pytest.mark.parametrize("label", ["", "two words", "a/b", "../up", "naïve", ".hidden"])
def test_a_label_that_is_no_name_of_a_file(write: Write, tmp_path: Path, label: str) -> None:
    out = tmp_path / "out"
    with pytest.raises(ValueError, match=r'becomes the name of its file.*plt.figure\("fit"\)'):
        execute(write(FIGURE.format(label) + "plt.show()\n"), out)
    assert names(out) == set() and plt.get_fignums() == []


def test_a_label_that_was_used_before(write: Write, tmp_path: Path) -> None:
    twice = (FIGURE.format("one") + "plt.show()\n") * 2
    with pytest.raises(ValueError, match="two figures are called 'one'"):
        execute(write(twice), tmp_path)


@pytest.mark.parametrize("end", ["", "plt.show()\n", "raise KeyError\n"])
def test_matplotlib_is_afterwards_what_it_was(write: Write, end: str) -> None:
    change = "plt.rcParams['lines.linewidth'] = 9\nplt.style.use('minigrad.lessons.look')\n"
    show, settings = plt.show, dict(matplotlib.rcParams)
    matplotlib.use("svg")
    try:
        try:
            execute(write(change + FIGURE.format("one") + end), None)
        except KeyError:
            assert end.startswith("raise")
        assert plt.show is show and matplotlib.get_backend() == "svg"
        assert {**matplotlib.rcParams, "backend": ""} == {**settings, "backend": ""}
        assert plt.get_fignums() == []
    finally:
        matplotlib.use(settings["backend"])


def test_a_file_is_written_whole_or_not_at_all(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    execute(write(FIGURE.format("one")), out)
    before = (out / "one.png").read_bytes()

    def full(*paths: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="the disk is full"):
        execute(write(FIGURE.format("one") + "plt.title('new')\n"), out)
    assert names(out) == {"one.png", "one.svg"} and (out / "one.png").read_bytes() == before
    with pytest.raises(FileExistsError):
        execute(write(FIGURE.format("one")), out / "one.png")


def test_equal_runs_make_equal_files(write: Write, tmp_path: Path) -> None:
    path = write("plt.style.use('minigrad.lessons.look')\n" + FIGURE.format("one"))
    for out in ("a", "b"):
        execute(path, tmp_path / out)
    for kind in ("png", "svg"):
        first, second = ((tmp_path / out / f"one.{kind}").read_bytes() for out in "ab")
        assert first == second


# -- the comparison -------------------------------------------------------------------------------


def outcome(
    monkeypatch: pytest.MonkeyPatch, write: Write, ours: str, theirs: str, **more: Any
) -> Any:
    """The comparison of two scripts that end like this."""
    twins = pytest.importorskip("reference.lessons.compare")
    paths = write(ours, "ours"), write(theirs, "theirs")
    monkeypatch.setattr(Lesson, "path", property(lambda self: paths[0]))
    monkeypatch.setattr(twins, "twin", lambda lesson: paths[1])
    changes = more.pop("changes", {})
    return twins.compare_lesson(Lesson("X", "", "ours", ("y", "z"), **more), None, **changes)


def test_comparison(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    pytest.importorskip("torch")
    ours = "import minigrad\ny = minigrad.tensor([RATE, 4.0])\nz = [minigrad.tensor(2.0), 1]\n"
    theirs = "import torch\ny = torch.tensor([RATE, 4.0002])\nz = [torch.tensor(2.0), 1]\n"
    same = outcome(monkeypatch, write, ours, ours, changes={"RATE": 3.0})
    assert same.agrees and same.differences == {"y": 0, "z": 0}
    assert same.parameters == {"SEED": 0, "RATE": 3.0, "WIDTHS": (1, 2), "DATA": None}
    found = outcome(monkeypatch, write, ours, theirs)
    assert not found.agrees and found.differences["z"] == 0
    assert found.differences["y"] == pytest.approx(0.0002 / 4.0002, rel=1e-2)
    assert [row[::3] for row in found.rows()] == [("y", "differs"), ("z", "equal")]
    plain = json.loads(json.dumps(found.as_dict()))
    assert plain["agrees"] is False and plain["lesson"]["name"] == "X"
    assert plain["differences"] == found.differences and plain["test_accuracy"] is None


@pytest.mark.parametrize("dtype, agrees", [("float32", True), ("float64", False)])
def test_tolerance_is_that_of_the_type(
    monkeypatch: pytest.MonkeyPatch, write: Write, dtype: str, agrees: bool
) -> None:
    found = outcome(monkeypatch, write, "y = z = 1.0\n", "y = z = 1 + 1e-7\n", dtype=dtype)
    assert found.agrees is agrees


@pytest.mark.parametrize("theirs", ["y = [1.0]; z = 1.0", "y = float('nan'); z = 1.0"])
def test_what_cannot_be_compared_does_not_agree(
    monkeypatch: pytest.MonkeyPatch, write: Write, theirs: str
) -> None:
    assert not outcome(monkeypatch, write, "y = z = 1.0\n", theirs + "\n").agrees


def test_a_result_that_is_not_left(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    with pytest.raises(KeyError, match=r"theirs.py leaves no z, a result of lesson X"):
        outcome(monkeypatch, write, "y = z = 1.0\n", "y = 1.0\n")


def test_accuracies_are_told_and_not_judged(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    ours, theirs = (f"y = z = 1.0\ntest_accuracy = {x}\n" for x in (92.5, 92.49))
    found = outcome(monkeypatch, write, ours, theirs, known="91.6")
    assert (found.accuracy, found.twin_accuracy, found.agrees) == (92.5, 92.49, True)
    assert found.rows()[-1] == ("test_accuracy", "92.50 and 92.49 %", "", "known 91.6 %")
    plain = found.as_dict()
    assert (plain["test_accuracy"], plain["twin_test_accuracy"]) == (92.5, 92.49)
    with pytest.raises(KeyError, match=r"theirs.py leaves no test_accuracy"):
        outcome(monkeypatch, write, ours, "y = z = 1.0\n", known="91.6")


def test_the_table() -> None:
    for name, lesson in LESSONS.items():
        assert lesson.name == name and lesson.path.is_file() and lesson.results
        assert lesson.dtype in ("float32", "float64")
        assert json.loads(json.dumps(lesson.as_dict()))["name"] == name
    with pytest.raises(AttributeError):
        LESSONS["P1"].title = "new"  # type: ignore[misc]
    assert replace(LESSONS["P1"], name="P9").title == LESSONS["P1"].title
