"""The queue of gpu-check: what becomes of its parts, how long they may take, and what is kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.gpu import plan, suite
from benchmarks.gpu.part import BESIDE, Asked, Part, ends, groups
from benchmarks.gpu.progress import Progress
from benchmarks.gpu.queue import Queue
from benchmarks.gpu.record import Record, sorted_out

HERE = Path(__file__).parent


class Clock:
    """A machine on which parts take the seconds that a test says."""

    def __init__(self, takes: Mapping[str, float]) -> None:
        self.now, self.takes, self.did = 0.0, takes, list[str]()

    def __call__(self) -> float:
        return self.now

    def run(
        self, kind: str, asked: Asked, seconds: float, settings: Mapping[str, str]
    ) -> Iterator[dict[str, Any]]:
        self.did.append(asked.case)
        yield {"case": asked.case}
        took = self.takes.get(asked.case, seconds)
        self.now += min(took, seconds)
        over = {"failed": f"it was ended after {seconds:.0f} s", "state": "hung"}
        yield {"done": True} if took <= seconds else over


def part(name: str, seconds: float = 10.0) -> Part:
    return Part(name, "some", seconds, {"case": name})


def worked(clock: Clock, record: Record, parts: list[Part], seconds: float) -> list[str]:
    """What a run of so many seconds does."""
    clock.did = []
    Queue(parts, record, "cuda", seconds, run=clock.run, clock=clock).run()
    return clock.did


# -- time ------------------------------------------------------------------------------------------


def test_the_whole_plan_fits_and_what_matters_most_comes_first() -> None:
    parts = plan.plan()
    latest = ends(parts)
    assert len(latest) == len(parts) and max(latest.values()) <= 11 * 60
    first = [name for name in latest if latest[name] <= 5 * 60]
    kinds = {name.partition(":")[0] for name in first}
    assert kinds == {
        "environment", "prepare", "questions", "ceilings", "truths", "suite", "kernels", "steps",
    }  # fmt: skip
    for case in plan.CASES:
        assert f"kernels:{case}" in first and f"truths:{case}" in first
    for case in plan.CASES[:5]:
        assert f"steps:{case}:default" in first
    assert [name for name in latest if "steps" in name][:5] == [x for x in first if "steps" in x]
    asked = {part.name: part.facts for part in parts}
    rivals = {
        name
        for name, facts in asked.items()
        for x in facts.get("contenders", ())
        if x == "torch-eager"
    }
    assert rivals == {name for name in asked if name.startswith(("steps", "compile"))}
    assert {name.rpartition(":")[2] for name in rivals} == {"default", "tf32", "fp32", "bf16"}
    everyone = {x for facts in asked.values() for x in facts.get("contenders", ())}
    assert {"torch-eager-tuned", "torch-compile", "torch-compile-ro", "torch-graph"} < everyone
    assert {"accuracy:D3", "accuracy:N1", "steps:resnet34-224-128:default"} < set(asked)


def test_every_file_with_tests_for_a_gpu_is_in_the_plan() -> None:
    files = {part.facts["file"] for part in plan.plan() if part.kind == "suite"}
    assert {"tests/cuda/test_on_a_gpu.py", "tests/test_dlpack.py", *plan.HEAVY} < files
    shares = [p.facts["share"] for p in plan.plan() if p.facts.get("file") in plan.HEAVY]
    for file, count in plan.HEAVY.items():
        assert {(i, count) for i in range(count)} <= set(shares), file


def test_parts_beside_each_other_end_when_the_last_worker_does() -> None:
    many = [Part(f"x{i}", "x", 10.0, beside="x") for i in range(BESIDE + 1)]
    assert [len(group) for group in groups([part("a"), *many, part("b"), part("c")])] == [
        1, BESIDE + 1, 1, 1,
    ]  # fmt: skip
    assert ends([part("a"), *many, part("b")])["b"] == 40.0


def test_a_run_stops_where_its_time_does_and_another_goes_on() -> None:
    """The plan under a clock on which every part takes all of its limit: five minutes, then the
    rest."""
    parts = [Part(p.name, p.kind, p.seconds, {"case": p.name}) for p in plan.plan() if not p.beside]
    clock, record = Clock({}), Record(None, False, {})
    first = worked(clock, record, parts, 200.0)
    assert clock.now <= 200.0 and not record.report["complete"]
    assert record.report["left"] == [p.name for p in parts if p.name not in first]
    again = Record(None, False, {}, record.report)
    rest = worked(clock, again, parts, 600.0)
    assert sorted([*first, *rest]) == sorted(p.name for p in parts)
    assert again.report["complete"] and again.report["left"] == []


def test_what_does_not_fit_leaves_its_time_to_what_does() -> None:
    parts = [part("a", 10.0), part("b", 50.0), part("c", 10.0)]
    clock, record = Clock({"a": 1.0, "c": 1.0}), Record(None, False, {})
    assert worked(clock, record, parts, 30.0) == ["a", "c"]
    assert sorted_out(record.report)["skipped"] == ["b: no time was left"]
    assert worked(clock, record, parts, 5.0) == []


def test_a_part_that_hangs_costs_its_own_limit() -> None:
    parts = [part("a"), part("b"), part("c")]
    clock, record = Clock({"a": 1.0, "b": 1e9, "c": 1.0}), Record(None, False, {})
    assert worked(clock, record, parts, 30.0) == ["a", "b", "c"] and clock.now == 12.0
    assert [record.state(each.name) for each in parts] == ["done", "hung", "done"]


def test_a_step_is_told_the_truth_about_its_case() -> None:
    given: list[Asked] = []

    def run(kind: str, asked: Asked, *facts: object) -> Iterator[dict[str, Any]]:
        given.append(asked)
        yield {"losses": [1.0]}
        yield {"done": True}

    parts = [
        Part("truths:mlp", "truths", 1.0, {"case": "mlp"}),
        Part("steps:mlp:default", "steps", 1.0, {"case": "mlp"}),
        Part("steps:gan:default", "steps", 1.0, {"case": "gan"}),
    ]
    Queue(parts, Record(None, False, {}), "cuda", 60.0, run=run).run()
    assert [asked.truth for asked in given] == [None, {"losses": [1.0]}, None]


# -- what may become of a part ---------------------------------------------------------------------


@pytest.mark.parametrize("beside", ["", "together"])
def test_who_fails_crashes_or_hangs_is_told_as_that_and_the_others_go_on(
    beside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In processes of their own."""
    monkeypatch.setenv("PYTHONPATH", f"{HERE}:{HERE.parents[1]}")
    words = ["fine", "fails", "crashes", "hangs", "too"]
    limits = {"hangs": 3.0}
    parts = [
        Part(w, "some", limits.get(w, 60.0), {"case": w}, beside, module="gpu_standins")
        for w in words
    ]
    record = Record(None, False, {})
    said: list[tuple[str, str]] = []
    progress = Progress(parts, record, False)

    def shown(part: Part, state: str) -> None:
        progress(part, state)
        said.append((part.name, state))

    Queue(parts, record, "simulated", 600.0, shown=shown).run()
    states = {name: entry["state"] for name, entry in record.parts.items()}
    assert states == dict(zip(words, ["done", "failed", "crashed", "hung", "done"], strict=True))
    found = {
        name: [each["i"] for each in entry["findings"]] for name, entry in record.parts.items()
    }
    assert found == {"fine": [0, 1], "fails": [0], "crashes": [0], "hangs": [0], "too": [0, 1]}
    whys = {name: entry.get("why", "") for name, entry in record.parts.items()}
    assert whys["fails"] == "ValueError: it does not compute"
    assert whys["crashes"].startswith("its process ended with code -11")
    assert whys["hangs"].startswith("it was ended after 3 s; it had said nothing for ")
    assert {state for _, state in said} == {"running", "done", "failed", "crashed", "hung"}
    assert len(sorted_out(record.report)["wrong"]) == 3
    table = progress.table()
    assert table.row_count == 1 and record.report["complete"]


def test_a_queue_that_is_killed_twenty_times_loses_nothing(tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / "gpu_kills.py"), str(tmp_path), "7"]
    ran = subprocess.run(command, capture_output=True, text=True, env=_with_path())
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {"kills": 20, "lost": [], "twice": [], "ended": 40}


TESTS = """
import pytest

@pytest.mark.gpu
@pytest.mark.parametrize("place", ["cpu", "gpu"])
@pytest.mark.parametrize("i", range(7))
def test_some(i, place):
    assert i != 3 or place == "cpu", "three is too many"

@pytest.mark.parametrize("i", range(9))
def test_elsewhere(i):
    raise ValueError("it is not asked for")

@pytest.mark.gpu
def test_last():
    import os, signal
    if os.environ.get("DIES"):
        os.kill(os.getpid(), signal.SIGSEGV)
"""


def test_tests_are_told_as_they_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, in whatever share it is."""
    (tmp_path / "test_x.py").write_text(TESTS)
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    told = [_suite(str(tmp_path / "test_x.py"), share) for share in ((0, 2), (1, 2))]
    counts = [findings[-1]["counts"] for findings in told]
    assert [sum(each.values()) for each in counts] == [8, 7]
    failed = [each for findings in told for each in findings[:-1]]
    assert [each["test"].rpartition("::")[2] for each in failed] == ["test_some[3-gpu]"]
    assert failed[0]["why"] == "AssertionError: three is too many" and failed[0]["wrong"]
    monkeypatch.setenv("DIES", "1")
    with pytest.raises(RuntimeError, match=r"pytest died in \S+::test_last: .* code -11"):
        _suite(str(tmp_path / "test_x.py"), (0, 1))
    assert _suite("no/such.py", (0, 1))[0]["skipped"]


def _suite(file: str, share: tuple[int, int]) -> list[dict[str, Any]]:
    return list(suite.findings(Asked("cuda", 120.0, file=file, share=share)))


def _with_path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{HERE}:{HERE.parents[1]}"}
