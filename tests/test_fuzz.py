"""The fuzzer: past failures on every side, a short run, and faults that it must find."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from fuzz import __main__ as command
from fuzz.agree import fault
from fuzz.campaign import DRAWS, Campaign
from fuzz.drawn import drawn
from fuzz.given import LAYOUTS, Given, laid
from fuzz.shrink import fails
from fuzz.sides import run, run_group
from fuzz.truth import truth

import minigrad
from minigrad.compiler.targets.cuda.device import host
from minigrad.native.library import enabled
from minigrad.op import register

CORPUS = sorted((Path(__file__).parent / "fuzz" / "corpus").glob("*.py"))
TEXTS = [file.read_text(encoding="utf-8") for file in CORPUS]


@pytest.mark.parametrize("side", ["eager", "numpy"])
@pytest.mark.parametrize("text", TEXTS, ids=[file.stem for file in CORPUS])
def test_a_past_failure_is_none_any_more(text: str, side: str) -> None:
    assert fault(text, side, run(text, side), truth(text)) is None


def together(side: str) -> None:
    for file, text, outcome in zip(CORPUS, TEXTS, run_group(TEXTS, side), strict=True):
        found = fault(text, side, outcome, truth(text))
        assert found is None, f"{file.name}: {found}"


@pytest.mark.skipif(not enabled(), reason="there is no C compiler")
def test_past_failures_in_c() -> None:
    together("native")


@pytest.mark.slow
@pytest.mark.skipif(host.compiler() is None, reason="there is no g++")
def test_past_failures_on_the_simulated_gpu() -> None:
    together("simulated")


def told(campaign: Campaign) -> str:
    return "\n".join(f"{found}\n{program.text()}" for found, program in campaign.tally.faults)


@pytest.mark.skipif(not enabled(), reason="there is no C compiler")
def test_random_programs_agree() -> None:
    campaign = Campaign(SEED, native=100, simulated=0, seconds=0)
    tally = campaign.go(time.monotonic() + 300, 10)
    assert not tally.faults, told(campaign)
    assert tally.counts["eager"] == 10 and tally.counts["native"] >= 5


SEED = 14
"""Whose first programs are run."""


def test_a_seed_is_a_program() -> None:
    assert drawn(5).text() == drawn(5).text() != drawn(6).text()


def hunted(side: str, most: int, **shares: int) -> Any:
    """The first fault that is found, with its program made small."""
    campaign = Campaign(SEED, **{"native": 0, "simulated": 0, **shares}, seconds=20)
    for start in range(0, most, 4):
        campaign.go(time.monotonic() + 300, start + 4, start)
        found = [pair for pair in campaign.tally.faults if pair[0].side == side]
        if found:
            return found[0]
    raise AssertionError(f"nothing was found in {most} programs")


def test_a_wrong_derivative_is_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = register["mul"].rule_for(0)
    assert rule is not None
    right = rule.pull
    monkeypatch.setattr(rule, "pull", lambda g, node, i: right(g, node, i) * 1.0001)
    found, program = hunted("eager", 60)
    assert found.kind == "number" and len(program.body) <= 4 and fails(program, "eager")
    monkeypatch.undo()
    assert fails(program, "eager") is None


@pytest.mark.skipif(not enabled(), reason="there is no C compiler")
def test_a_wrong_kernel_is_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register["mul"], "scalar", "x * y + (1 if x > 1 else 0)")
    found, program = hunted("native", 60, native=100)
    assert found.kind == "number" and len(program.body) <= 4 and fails(program, "native")
    monkeypatch.undo()
    assert fails(program, "native") is None


def test_an_internal_error_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "def program(torch, given):\n    def step():\n        return [torch.ones(2, 2).cumsum(0)]\n"
        "    return step, [[]], []\n"
    )
    assert fault(text, "eager", run(text, "eager"), truth(text)) is None
    monkeypatch.setattr(register["cumsum"], "forward", lambda *args, **params: {}["x"])
    monkeypatch.setattr(register["cumsum"], "ufunc", None)
    found = fault(text, "eager", run(text, "eager"), truth(text))
    assert found is not None and found.kind == "internal"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_has_the_same_numbers(layout: str) -> None:
    import numpy as np

    x = np.array([[1.0, 2.0], [1.0, 2.0]])
    if layout == "overlapping":
        x = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]])
    y = laid(x, layout)
    np.testing.assert_array_equal(x, y)
    assert layout == "dense" or layout == "offset" or not y.flags.c_contiguous
    assert Given(minigrad)("float64", x.shape, x.ravel().tolist(), layout).tolist() == x.tolist()


def test_the_command_replays_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(CORPUS[0])]) == 0
    assert f"{CORPUS[0].name} eager: agrees" in capsys.readouterr().out


DIES = """
import json, os, pathlib, sys
out, first = pathlib.Path(sys.argv[1]), int(sys.argv[2])
(out / f"report-0-{first}.json").write_text(json.dumps({"counts": {"programs": 3}, "faults": []}))
(out / "running-0.txt").write_text([sys.argv[3] + "3", "what minigrad ran"][first > 0])
os.abort()
"""
"""A process that dies while PyTorch is at work, and one that dies of minigrad."""


def test_a_process_that_dies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def started(options: Any, worker: int, first: int, seconds: float) -> Any:
        return subprocess.Popen([sys.executable, "-c", DIES, str(tmp_path), str(first), DRAWS])

    monkeypatch.setattr(command, "_started", started)
    assert command.main(["--out", str(tmp_path), "--own"]) == 1
    told = capsys.readouterr().out
    assert "PyTorch died: 1, programs: 6" in told  # it went on with the fourth
    assert "what minigrad ran" in told and "1 faults of 1 sorts" in told
