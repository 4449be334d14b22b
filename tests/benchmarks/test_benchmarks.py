"""The benchmark command, in real processes; the times themselves are nobody's test."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from benchmarks import report as reports
from benchmarks.cases import CASES, TRAINING, chosen
from benchmarks.engines import ENGINES
from benchmarks.timing import take_turns


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], capture_output=True, text=True
    )


@pytest.mark.slow
def test_the_command_writes_table_report_and_picture(tmp_path: Path) -> None:
    found = run(
        "chain", "dnn", "--rounds", "1",
        "--json", str(tmp_path / "r.json"), "--plot", str(tmp_path / "r.png"),
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    report = json.loads((tmp_path / "r.json").read_text())
    assert set(report) == {"machine", "versions", "commit", "cases"}
    assert set(report["cases"]) == {"chain", "dnn"}
    times = report["cases"]["dnn"]["engines"]
    assert times["minigrad"]["p10_ms"] <= times["minigrad"]["median_ms"]
    ratio = times["minigrad"]["median_ms"] / times["torch"]["median_ms"]
    assert report["cases"]["dnn"]["ratios"]["minigrad/torch"] == pytest.approx(ratio)
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    assert "| dnn |" in found.stdout
    assert reports.table(report) in found.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nosuch"], "no case 'nosuch'; there are dnn"),
        (["dnn", "--engines", "jax"], "no engine 'jax'"),
        (["dnn", "--rounds", "0"], "expected 1 or more"),
    ],
)
def test_bad_arguments_are_named(arguments: list[str], message: str) -> None:
    found = run(*arguments)
    assert found.returncode == 2
    assert message in found.stderr


def test_help_lists_the_cases() -> None:
    found = run("--help")
    assert found.returncode == 0
    assert all(case.name in found.stdout for case in TRAINING)


def test_words_for_several_cases() -> None:
    assert len(chosen(["all"])) == len(CASES)
    assert [case.name for case in chosen(["mlp", "mlp"])] == ["mlp"]
    assert all("/" in case.name for case in chosen(["ops"]))


def test_turns_alternate_and_a_slow_step_is_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.timing.ROUND_SECONDS", 0.01)
    order: list[str] = []

    def fast() -> None:
        order.append("fast")

    def slow() -> None:
        order.append("slow")
        time.sleep(0.002)

    nothing = {"fast": lambda: None, "slow": lambda: None}
    found = take_turns({"fast": fast, "slow": slow}, nothing, rounds=3)
    assert np.median(found["slow"].times) > np.median(found["fast"].times)
    changes = sum(a != b for a, b in pairwise(order))
    assert changes >= 6


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [c.name for c in TRAINING if c.name not in ("chain", "loader", "cnn", "alexnet28",
                                                        "resnet34-224", "by-hand")]
)  # fmt: skip
def test_both_sides_do_the_same_work(name: str) -> None:
    """The losses of the first three steps agree: the ratio compares like with like. (Networks with
    dropout draw their own numbers on each side.)"""
    steps = [CASES[name].make(ENGINES[engine]("cpu")) for engine in ("minigrad", "torch")]
    for _ in range(3):
        ours, theirs = (float(step().detach()) for step in steps)
        assert ours == pytest.approx(theirs, rel=2e-4)
