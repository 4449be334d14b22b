"""The report as text, page and data; the command line, pytest's fixture; the class of a fault."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.__main__ import main
from minigrad.gradcheck.suspects import Evidence, suspect

X = np.random.default_rng(0).standard_normal((2, 3))


def wrong() -> Any:
    pair = (np.sin, lambda g, x: (-g * np.cos(x),))
    return minigrad.check(pair, [X], seed=1)


def test_text_says_what_is_wrong() -> None:
    said = str(wrong())
    assert "wrong" in said and "suspected: the sign is wrong" in said
    assert "expected" in said and "got" in said and "ulps apart" in said and "seed 1" in said


def test_data_is_json() -> None:
    told = json.loads(wrong().json())
    assert told["ok"] is False and told["suspect"] == "sign" and told["seed"] == 1
    assert told["findings"][0]["rung"] == "oracle"


def test_the_page_needs_nothing_and_escapes_names() -> None:
    report = wrong()
    report.name = "<script>alert(1)</script>"
    report.notes = ["<b>"]
    page = report.html()
    assert "<script" not in page and "&lt;script&gt;" in page and "<b></p>" not in page
    assert "http:" not in page and "https:" not in page and "src=" not in page
    assert page.count("<svg") == 3, "two Jacobians and their difference"
    assert report._repr_html_() in page


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "import numpy as np\n"
        "def check_right():\n"
        "    return (np.sin, lambda g, x: (g * np.cos(x),)), [np.ones(3)]\n"
        "def other():\n"
        "    return (np.sin, lambda g, x: (g * np.sin(x),)), [np.ones(3)]\n"
    )
    page, data = tmp_path / "page.html", tmp_path / "data.json"
    assert main(["gradcheck", str(file), "softmax", "--level", "quick"]) == 0
    assert "2 of 2 right" in capsys.readouterr().out
    settings = ["--html", str(page), "--json", str(data), "--seed", "3"]
    assert main(["gradcheck", f"{file}::other", "sin", *settings]) == 1
    assert "1 of 2 right" in capsys.readouterr().out
    assert [told["ok"] for told in json.loads(data.read_text())] == [False, True]
    assert "<!doctype html>" in page.read_text(encoding="utf-8")
    assert main(["gradcheck", "no_such_function"]) == 1
    assert "there is no function 'no_such_function'" in capsys.readouterr().err


def test_the_fixture_of_pytest(tmp_path: Path) -> None:
    file = tmp_path / "test_mine.py"
    file.write_text(
        "import numpy as np\n"
        "def test_right(gradcheck):\n"
        "    assert gradcheck((np.sin, lambda g, x: (g * np.cos(x),)), [np.ones(3)]).ok\n"
        "def test_wrong(gradcheck):\n"
        "    gradcheck((np.sin, lambda g, x: (-g * np.cos(x),)), [np.ones(3)])\n"
    )
    # Where minigrad is installed, its entry point has it already.
    here = any(e.value == "minigrad.gradcheck.plugin" for e in entry_points(group="pytest11"))
    plugin = () if here else ("-p", "minigrad.gradcheck.plugin")
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *plugin,
            *("--gradcheck-level", "quick", str(file)),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**__import__("os").environ, "PYTHONPATH": str(Path(minigrad.__file__).parents[1])},
    )
    assert "1 failed, 1 passed" in run.stdout, run.stdout + run.stderr
    assert "suspected: the sign is wrong" in run.stdout and "repeat it with seed=" in run.stdout


G = np.random.default_rng(1).standard_normal((4, 4))


@pytest.mark.parametrize(
    ("name", "got"),
    {
        "sign": -G,
        "constant": 1.5 * G,
        "mean for sum": G / 4,
        "transposed": G.T,
        "reversed": G[:, ::-1],
        "shifted": np.roll(G, 1, 0),
        "missing": 0 * G,
        "constant added": G + 0.25,
        "permuted": G.reshape(-1)[np.random.default_rng(2).permutation(16)].reshape(4, 4),
        "border lost": np.where(np.arange(4) == 3, 0, G),
        "element": np.where(np.arange(16).reshape(4, 4) == 5, 2.0, G),
        "rounded": G.astype(np.float16).astype(float),
    }.items(),
)
def test_the_class_of_a_fault_from_two_arrays(name: str, got: Any) -> None:
    assert suspect(Evidence([got], [G])) == name


def test_exchanged_operands() -> None:
    assert suspect(Evidence([G, 2 * G.T], [2 * G.T, G])) == "operands exchanged"
