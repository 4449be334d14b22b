"""What a run of gpu-check writes down, and what is made of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gpu_report import report, run, stored

from benchmarks import readme
from benchmarks.gpu import plot, record, table
from benchmarks.gpu.part import Part
from benchmarks.gpu.record import DRY, Record, checked, sorted_out

PART = Part("kernels:mlp", "kernels", 5.0)


def test_the_file_is_there_whole_after_each_finding(tmp_path: Path) -> None:
    path = tmp_path / "new" / "gpu.json"
    made = Record(path, False, {"commit": "abc", "seed": 0})

    def written() -> dict:  # type: ignore[type-arg]
        found: dict = json.loads(path.read_text())  # type: ignore[type-arg]
        return found

    assert written()["complete"] is False and written()["commit"] == "abc"
    made.begin(PART)
    assert written()["parts"][PART.name]["state"] == "running"
    made.add(PART.name, {"kernel": "a"})
    made.add(PART.name, {"kernel": "b", "wrong": ["b is wrong"]})
    found = written()["parts"][PART.name]
    assert found["findings"] == [{"kernel": "a"}, {"kernel": "b", "wrong": ["b is wrong"]}]
    made.end(PART.name, "done", 1.5)
    made.leave("steps:mlp")
    made.finish(True)
    assert written()["complete"] is True and "dry_run" not in path.read_text()
    assert written() == made.report and checked(written(), "gpu.json") == written()
    assert list(path.parent.iterdir()) == [path]
    seen = sorted_out(written())
    assert [each["kernel"] for each in seen["kernels"]] == ["a", "b"]
    assert seen["wrong"] == ["b is wrong"] and seen["states"] == {PART.name: "done"}
    assert seen["skipped"] == ["steps:mlp: no time was left"]


def test_a_part_that_broke_is_wrong_and_keeps_what_it_found() -> None:
    made = Record(None, False, {})
    made.begin(PART)
    made.add(PART.name, {"kernel": "a"})
    made.end(PART.name, "crashed", 1.0, "its process ended with code -11")
    seen = sorted_out(made.report)
    assert seen["wrong"] == ["kernels:mlp crashed: its process ended with code -11"]
    assert [each["kernel"] for each in seen["kernels"]] == ["a"]


def test_what_was_found_stays_until_a_new_attempt_has_found_as_much() -> None:
    made = Record(None, False, {})
    findings = made.parts
    for attempt, count, state in ((1, 3, "hung"), (2, 2, "failed"), (3, 3, "hung"), (4, 1, "done")):
        made.begin(PART)
        for i in range(count):
            made.add(PART.name, {"attempt": attempt, "i": i})
        made.end(PART.name, state, 1.0)
        shown = {each["attempt"] for each in findings[PART.name]["findings"]}
        assert shown == {1: {1}, 2: {1}, 3: {3}, 4: {4}}[attempt]
        assert "newer" not in findings[PART.name]


def test_a_dry_run_says_so(tmp_path: Path) -> None:
    path = tmp_path / "dry.json"
    Record(path, True, {"commit": "abc"}).finish(True)
    found = json.loads(path.read_text())
    assert found["dry_run"] == DRY
    with pytest.raises(ValueError, match=r"dry\.json: it is a dry run, in which nothing was meas"):
        checked(found, "dry.json")
    with pytest.raises(ValueError, match="what is there is a dry run, and what was asked for is n"):
        record.read(path, dry=False)
    assert record.read(path, dry=True) == found


@pytest.mark.parametrize("facts", [{"schema": 1}, {"kind": "steps"}])
def test_another_kind_of_file_is_refused(facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected a report of gpu-check with schema 2, got kind"):
        checked(stored(**facts), "x.json")


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
    (tmp_path / "gpu.json").write_text(json.dumps(stored()))
    shown = readme.filled(text)
    assert "| mlp | default | minigrad-graph-x8 | 40 (40–80) | 7.50 | 2.50 |  |" in shown
    assert "Paper 9000, 2001-02-03; torch 9.9; commit abcdef." in shown
    assert (
        "- D3 (a net): minigrad 95.10 %, torch 95.20 %, after 2 of 5 epochs; 60,000 train" in shown
    )
    assert "cut short" not in shown
    (tmp_path / "gpu.json").write_text(json.dumps(stored(complete=False)))
    assert "The run was cut short" in readme.filled(text)
    (tmp_path / "gpu.json").write_text(json.dumps(stored(dry_run=DRY)))
    with pytest.raises(ValueError, match=r"gpu\.json: it is a dry run"):
        readme.filled(text)


def test_everything_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    table.show(report())
    said = " ".join(capsys.readouterr().out.split())
    for words in (
        "gpu-check on Paper 9000", "mlp, default", "ceilings: copy_TBs 4.3", "yes: it is so.",
        "not asked: it is too.", "kernels: 1 of 1 as near", "tests for a GPU: 3 passed",
        "torch-compile-ro: it launched no graph (mlp)", "absent: torch-graph: it is not there",
        "skipped: steps: gan under fp32", "goal 6: reached", "prepared once: library 9.5 s",
        "mlp, 12.5 µs: product 3 x 2.5 µs", "mlp by ncu: it may not look",
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


def test_ratios_are_of_what_was_timed_in_turns() -> None:
    """A contender that was timed twice, among others, has two times: each counts beside its own."""
    quick = {"torch-eager": 300.0, "minigrad-graph-x8": 40.0}
    later = {"torch-compile-ro": 100.0, "minigrad-graph-x8": 50.0}
    runs = [run(name, us, beside=quick) for name, us in quick.items()]
    runs += [run(name, us, beside=later) for name, us in later.items()]
    (found,) = table.cells(report(runs=runs)).values()
    assert table.ratio(found, "minigrad-graph-x8", "torch-eager") == 7.5
    assert table.ratio(found, "minigrad-graph-x8", "torch-compile-ro") == 2.0
    assert table.ratio(found, "minigrad-graph-x8", "torch-graph") is None


def test_what_is_sorted_out_is_what_is_shown() -> None:
    found, made = sorted_out(stored()), report()
    assert {**found, "seconds": {}, "states": {}}.keys() == made.keys()
    for name in ("machine", "ceilings", "wrong", "absent", "skipped"):
        assert found[name] == made[name]
    assert [each["contender"] for each in found["runs"]] == [
        each["contender"] for each in made["runs"]
    ]
    assert record.SCHEMA == made["schema"]
