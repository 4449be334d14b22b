"""What a run of gpu-check writes down, and what is made of it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from gpu_report import report, run

from benchmarks import readme
from benchmarks.gpu import budget, plot, record, suite, table
from benchmarks.gpu.budget import Budget
from benchmarks.gpu.record import DRY, Record, checked


def test_the_file_is_there_whole_after_each_finding(tmp_path: Path) -> None:
    path = tmp_path / "new" / "gpu.json"
    made = Record(path, False, {"commit": "abc", "seed": 0})

    def written() -> dict:  # type: ignore[type-arg]
        found: dict = json.loads(path.read_text())  # type: ignore[type-arg]
        return found

    assert written()["complete"] is False and written()["commit"] == "abc"
    made.add("ceilings", {"copy_TBs": 4.0})
    assert written()["ceilings"] == {"copy_TBs": 4.0}
    made.add("kernels", {"kernel": "a"})
    made.add("kernels", {"kernel": "b"})
    assert [each["kernel"] for each in written()["kernels"]] == ["a", "b"]
    made.tell("wrong", "it is wrong")
    made.tell("wrong", "it is wrong")
    assert written()["wrong"] == ["it is wrong"]
    made.finish()
    assert written()["complete"] is True and "dry_run" not in path.read_text()
    assert checked(written(), "gpu.json") == written()
    assert list(path.parent.iterdir()) == [path]


def test_a_dry_run_says_so_in_every_finding(tmp_path: Path) -> None:
    path = tmp_path / "dry.json"
    made = Record(path, True, {})
    made.add("ceilings", {"copy_TBs": 4.0})
    made.add("runs", {"wall_us": 1.0})
    found = json.loads(path.read_text())
    assert found["dry_run"] == found["ceilings"]["dry_run"] == found["runs"][0]["dry_run"] == DRY
    with pytest.raises(ValueError, match=r"dry\.json: it is a dry run, in which nothing was meas"):
        checked(found, "dry.json")


@pytest.mark.parametrize("facts", [{"schema": 0}, {"kind": "steps"}])
def test_another_kind_of_file_is_refused(facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected a report of gpu-check with schema 1, got kind"):
        checked(report(**facts), "x.json")


def test_a_budget_counts_down(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(budget.time, "monotonic", lambda: now[0])
    made = Budget(2.0)
    assert made.left() == 120.0 and made.share(0.25) == 30.0
    now[0] += 100.0
    assert made.left() == 20.0 and made.share(0.25) == 20.0
    assert made.share(0.25, keep=0.1) == pytest.approx(8.0)
    now[0] += 21.0
    assert made.left() == -1.0 and time is budget.time


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ("...\n3 passed in 0.1s\n", {"passed": 3}),
        ("FAILED a - x\n1 failed, 2 deselected in 3.21s", {"failed": 1, "deselected": 2}),
        ("ERROR a - x\n2 errors in 0.1s", {"errors": 2}),
        ("no tests ran in 0.01s", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_counts_are_read_off_the_last_line(said: str, counted: dict[str, int]) -> None:
    assert suite.counts(said) == counted


def test_what_is_wrong_with_a_suite() -> None:
    fine = {"complete": True, "code": 0, "counts": {"passed": 3}, "failed": []}
    assert suite.wrong(fine) == suite.wrong({**fine, "code": 5}) == []
    assert suite.wrong({**fine, "complete": False, "code": None}) == []
    failed = {"complete": False, "code": None, "counts": {}, "failed": ["tests/a.py::b"]}
    assert suite.wrong(failed) == ["suite: {}: tests/a.py::b"]
    assert "pytest ended with code 4" in suite.wrong({**fine, "code": 4})[0]


def test_a_suite_that_takes_too_long_is_ended() -> None:
    found = suite.finding(0.01)
    assert found["complete"] is False and suite.wrong(found) == []
    assert suite.finding(5.0, "no/such/folder") == {
        "complete": True, "code": None, "counts": {}, "failed": [],
    }  # fmt: skip


def test_times_have_ratios_to_each_rival() -> None:
    titles, rows = table.times(report())
    found = {row[2]: dict(zip(titles, row, strict=True)) for row in rows}
    assert list(found) == ["torch-eager", "torch-compile-ro", "minigrad-graph", "minigrad-graph-x8"]
    best = found["minigrad-graph-x8"]
    assert best["x eager"] == "7.50" and best["x compile-ro"] == "2.50" and best["x graph"] == ""
    assert best["step, µs"] == "40 (40–80)" and best["device, µs"] == "" and best["MB"] == "3"
    assert found["torch-compile-ro"]["kernels"] == "" and found["minigrad-graph"]["error"] == ""
    assert found["torch-eager"]["loss at 0, 10, last"] == "2.3 1.2 0.1"


def test_goals_are_told_of_the_best_that_ran() -> None:
    assert table.goals(report()) == [
        "mlp: 7.50 times torch-eager, goal 6: reached (minigrad-graph-x8)",
        "mlp: 2.50 times torch-compile-ro, goal 3: not reached (minigrad-graph-x8)",
    ]
    assert table.goals(report(dry_run=DRY)) == []
    slow = report(runs=[run("torch-eager", 10.0), run("minigrad-eager", 20.0)])
    assert table.goals(slow) == [
        "mlp: 0.50 times torch-eager, goal 6: not reached (minigrad-eager)"
    ]


def test_the_readme_shows_a_measured_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readme, "RESULTS", tmp_path)
    text = "before <!-- results: gpu --> <!-- end --> behind"
    assert "No run on a GPU has been made yet" in readme.filled(text)
    (tmp_path / "gpu.json").write_text(json.dumps(report()))
    shown = readme.filled(text)
    assert "| mlp | default | minigrad-graph-x8 | 40 (40–80) | 7.50 | 2.50 |  |" in shown
    assert "Paper 9000, 2001-02-03; torch 9.9; commit abcdef." in shown
    assert (
        "- D3 (a net): minigrad 95.10 %, torch 95.20 %, after 2 of 5 epochs; 60,000 train" in shown
    )
    assert "cut short" not in shown
    (tmp_path / "gpu.json").write_text(json.dumps(report(complete=False)))
    assert "The run was cut short" in readme.filled(text)
    (tmp_path / "gpu.json").write_text(json.dumps(report(dry_run=DRY)))
    with pytest.raises(ValueError, match=r"gpu\.json: it is a dry run"):
        readme.filled(text)


def test_everything_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    table.show(report())
    said = " ".join(capsys.readouterr().out.split())
    for words in (
        "gpu-check on Paper 9000", "mlp, default", "ceilings: copy_TBs 4.3", "yes: it is so.",
        "not asked: it is too.", "kernels: 1 of 1 as near", "tests for a GPU: 3 passed",
        "torch-compile-ro: it launched no graph (mlp)", "absent: torch-graph: it is not there",
        "skipped: steps: gan under fp32", "goal 6: reached",
    ):  # fmt: skip
        assert words in said
    assert "DRY RUN" not in said
    table.show(report(dry_run=DRY))
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("DRY RUN") > 8 and "7.50" not in said and "goal" not in said


def test_the_picture_tells_a_dry_run() -> None:
    drawn = plot.draw(report()).render("svg").decode()
    assert ">Paper 9000</text>" in drawn and ">minigrad-graph-x8</text>" in drawn
    assert "DRY RUN" not in drawn
    assert "DRY RUN" in plot.draw(report(dry_run=DRY)).render("svg").decode()
    assert plot.draw(report(runs=[])).render("png").startswith(b"\x89PNG")


def test_the_schema_is_the_one_that_is_read() -> None:
    assert set(Record(None, False, {"commit": ""}).report) == set(report())
    assert record.SCHEMA == report()["schema"]
