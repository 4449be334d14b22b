"""The units of the course: what they name is there, what they type prints what they say."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from minigrad.commands.learn import find
from minigrad.course import UNITS, Unit
from minigrad.course.notebook import exercise_cells, notebook, write
from minigrad.exercise.book import EXERCISES
from minigrad.lessons import LESSONS
from minigrad.lessons.formulas import typeset
from minigrad.recipes import RECIPES

ALL = list(UNITS.values())


def test_they_are_in_order_and_whole():
    assert list(UNITS) == [*map(str, range(1, 32)), "K"]
    before: set[str] = set()
    for unit in ALL:
        assert set(unit.needs) <= before, f"{unit.name} needs what comes later"
        before.add(unit.name)
        assert all(s in LESSONS or s in RECIPES for s in unit.systems), unit.name
        assert 10 <= unit.minutes <= 40 and unit.ask and unit.answer
        assert len(unit.code.strip().splitlines()) <= 42, unit.name
        assert max(map(len, unit.words.splitlines())) <= 80, unit.name
        assert unit.exercises or unit.name == "K", f"{unit.name} has no exercise"
        assert set(unit.leads) == {u.name for u in ALL if unit.name in u.needs}
    assert {e.unit for e in EXERCISES.values()} <= set(UNITS)


def test_every_lesson_is_in_a_unit():
    assert set(LESSONS) <= {name for unit in ALL for name in unit.systems}


@pytest.mark.parametrize("unit", ALL, ids=lambda u: u.name)
def test_what_is_typed_prints_what_is_said(unit: Unit, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(unit.code, unit.name, "exec"), {"__name__": "__main__"})
    assert out.getvalue().strip() == unit.shows.strip()


def test_a_unit_is_a_notebook_without_solutions(tmp_path):
    for unit in ALL:
        made = notebook(unit)
        assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
        text = json.dumps(made)
        for name in unit.exercises:
            exercise = EXERCISES[name]
            assert f'minigrad.exercise.check(\\"{name}\\"' in text
            for cell in exercise_cells(exercise):
                assert exercise.solution.strip() not in "".join(cell["source"])
        for cell in made["cells"]:
            if cell["cell_type"] == "code":
                compile("".join(cell["source"]), unit.name, "exec")
    write(UNITS["4"], tmp_path / "4.ipynb")
    assert json.loads((tmp_path / "4.ipynb").read_text(encoding="utf-8"))["nbformat"] == 4


def test_formulas_of_units_are_typeset():
    for unit in ALL:
        typeset(unit.words)


def learn(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "minigrad", "learn", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd)


def test_the_command_lists_shows_runs_and_writes(tmp_path):
    done = learn(cwd=tmp_path)
    assert done.returncode == 0 and all(unit.title in done.stdout for unit in ALL)
    done = learn("k", cwd=tmp_path)
    assert done.returncode == 0 and "Still to come" in done.stdout and "D7" in done.stdout
    done = learn("5", "--run", cwd=tmp_path)
    assert done.stdout.strip() == UNITS["5"].shows.strip()
    done = learn("all", "--notebook", "book", cwd=tmp_path)
    assert len(list((tmp_path / "book").glob("*.ipynb"))) == len(ALL), done.stderr
    done = learn("99", cwd=tmp_path)
    assert done.returncode == 1 and "there is no unit '99'" in done.stderr


def test_units_are_found_by_number_or_nearly_by_title():
    assert find("k") is UNITS["K"]
    with pytest.raises(KeyError, match="did you mean 5"):
        find("build the tap")
