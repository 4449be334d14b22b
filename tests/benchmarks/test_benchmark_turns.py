"""Turns: who may go when, which rounds count, and what is reported of them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from benchmarks import report as reports
from benchmarks import turns, usage
from benchmarks.case import Case
from benchmarks.catalogue import CASES
from benchmarks.measuring import Run, differences, ratios
from benchmarks.turns import FOREIGN_SHARE, PATIENCE, Measurement, Worker, take_turns

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


class Played:
    """Answers as a worker would, with the next of these numbers of ms; bad ones were disturbed."""

    def __init__(self, log: list[str], name: str, times: list[float], bad: tuple[int, ...] = ()):
        self.log, self.name, self.times, self.bad, self.turn = log, name, times, bad, 0

    def round(self, seconds: float) -> dict[str, Any]:
        self.log.append(self.name)
        turn, self.turn = self.turn, self.turn + 1
        if turn == len(self.times):
            return {"failed": "MemoryError: no more"}
        return {"ms": self.times[turn], "foreign": 0.5 * (turn in self.bad), "peak_mb": 7.0 + turn}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PAUSE", 0.0)


def test_turns_alternate_and_disturbed_rounds_are_repeated() -> None:
    log: list[str] = []
    players = {
        "a": Played(log, "a", [1.0, 2.0, 3.0]),
        "b": Played(log, "b", [5.0, 900.0, 6.0, 7.0], bad=(1,)),
    }
    done: list[int] = []
    found = take_turns(players, rounds=3, seconds=0.1, progress=done.append)
    assert "".join(log) == "abababb"
    assert found["a"].quiet == [1.0, 2.0, 3.0] and found["b"].quiet == [5.0, 6.0, 7.0]
    assert found["b"].disturbed == [900.0]
    assert done == [1, 1, 2, 3]
    assert found["b"].summary() == {
        "median_ms": 6.0,
        "p10_ms": pytest.approx(5.2),
        "p90_ms": pytest.approx(6.8),
        "rounds": 3,
        "peak_memory_mb": 10.0,
    }


def test_a_machine_that_is_never_quiet_is_told_by_no_rounds() -> None:
    times = [float(n) for n in range(PATIENCE * 2)]
    player = Played([], "a", times, bad=tuple(range(len(times))))
    found = take_turns({"a": player}, rounds=2, seconds=0.1)["a"].summary()
    assert found["rounds"] == 0 and found["median_ms"] == np.median(times)


def test_one_that_fails_does_not_stop_the_others() -> None:
    log: list[str] = []
    players = {"a": Played(log, "a", [1.0]), "b": Played(log, "b", [2.0, 2.0, 2.0])}
    found = take_turns(players, rounds=3, seconds=0.1)
    assert "".join(log) == "ababb"
    assert found["a"].failed == "MemoryError: no more" and found["b"].failed is None


def test_others_are_seen_and_oneself_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = {"perf_counter": 10.0, "process_time": 3.0}
    busy = 50.0
    for clock in now:
        monkeypatch.setattr(usage.time, clock, lambda clock=clock: now[clock])
    monkeypatch.setattr(usage, "_busy_seconds", lambda: busy)
    watch = usage.Watch()
    now["perf_counter"] += 2.0
    now["process_time"] += 3.0
    busy += 3.0
    assert watch.elapsed() == 2.0 and watch.foreign() == 0.0
    busy += 1.02
    assert watch.foreign() == pytest.approx(0.5)


@linux
def test_a_busy_process_is_seen() -> None:
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.1)
        watch = usage.Watch()
        time.sleep(0.5)
        assert watch.foreign() > FOREIGN_SHARE
    finally:
        other.kill()
        other.wait()


@linux
def test_peak_memory_counts_from_where_it_is_forgotten() -> None:
    """In a process of its own, whose memory no library keeps."""
    code = (
        "import numpy as np; from benchmarks.usage import forget_peak, peak_mb\n"
        "np.ones(12_000_000); forget_peak(); before = peak_mb(); np.ones(6_000_000)\n"
        "print(peak_mb() - before)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert 44 < float(found.stdout) < 52, found.stderr


@linux
@pytest.mark.slow
@pytest.mark.parametrize("engine", ["minigrad", "torch"])
def test_a_waiting_worker_uses_no_processor(engine: str) -> None:
    """After a pause its threads, which wait for work in a loop at first, are asleep."""

    def used(pid: int) -> int:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])  # hundredths of a second

    with Worker(engine, "mlp", device="cpu", seconds=0.01) as worker:
        worker.round(0.01)
        time.sleep(0.1)
        before = used(worker.pid)
        time.sleep(0.5)
        assert used(worker.pid) - before <= 1
        pid = worker.pid
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.slow
def test_a_worker_that_cannot_says_why() -> None:
    with Worker("minigrad", "mlp", device="cuda:7", seconds=0.01) as worker:
        assert "failed" in worker.told and "cuda" in worker.told["failed"]
    with Worker("minigrad", "nosuch", device="cpu", seconds=0.01) as worker:
        assert "KeyError: 'nosuch'" in worker.told["failed"]


@pytest.mark.slow
def test_a_worker_that_is_killed_is_told() -> None:
    with Worker("minigrad", "chain", device="cpu", seconds=0.01) as worker:
        worker._process.kill()
        worker._process.wait()
        assert worker.round(0.01)["failed"].startswith("its process ended with code -9")


def test_engines_that_compute_something_else_are_named() -> None:
    first = {
        "minigrad": [2.3026, 2.2],
        "torch": [2.3025, 2.2],
        "jax": [2.3025, 2.3025],
        "autograd": [float("nan"), 2.2],
    }
    found = differences(CASES["mlp"], first)
    assert [line.partition(" does")[0] for line in found] == ["mlp: jax", "mlp: autograd"]
    assert "step 2 returned 2.3025, torch's 2.2;" in found[0]
    assert "step 1 returned nan, torch's 2.3025;" in found[1]
    assert differences(CASES["cnn"], first) == []  # dropout
    assert differences(CASES["mlp"], {}) == []


def test_ratios_are_against_both_ways_of_torch() -> None:
    times = {
        name: {"median_ms": ms}
        for name, ms in (("minigrad", 3.0), ("torch", 2.0), ("torch-malloc", 1.0))
    }
    assert ratios(times) == {
        "minigrad/torch": 1.5,
        "torch-malloc/torch": 0.5,
        "minigrad/torch-malloc": 3.0,
    }
    assert ratios({"minigrad": {"median_ms": 3.0}}) == {}


def test_a_run_tells_of_absence_failure_and_disturbance(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: dict[str, dict[str, Any]] = {
        "minigrad": {"absent": "there is none"},
        "torch": {"results": [1.0], "path": "eager", "versions": {"torch": "9"}, "blas": {}},
        "torch-malloc": {"failed": "OSError: no"},
        "jax": {"absent": "there is none"},
    }

    class Fake(Played):
        def __init__(self, engine: str, case: str, *, device: str, seconds: float) -> None:
            super().__init__([], engine, [1.0] * PATIENCE, bad=(0, 1, 2, 3))
            self.engine, self.told = engine, answers[engine]

        def __enter__(self) -> Fake:
            return self

        def __exit__(self, *error: object) -> None:
            pass

    monkeypatch.setattr("benchmarks.measuring.Worker", Fake)
    run = Run(list(answers), device="cpu", rounds=1, seconds=0.1)
    times = run.measure(CASES["mlp"])
    assert list(times) == ["torch"] and times["torch"]["path"] == "eager"
    assert run.wrong == ["mlp: torch-malloc failed: OSError: no"]
    assert run.notes() == [
        "minigrad, jax: absent: there is none",
        "mlp: others were busy; quiet were of 1 rounds: torch 0; repeat it on a quiet machine",
    ]
    assert run.head()["versions"]["torch"] == "9"


def test_tables() -> None:
    case = Case("a", "", lambda engine: lambda: None)
    measurement = Measurement(quiet=[1.0, 2.0, 3.0], peak_mb=12.34)
    times = {
        "minigrad": {**measurement.summary(), "path": "eager, NumPy"},
        "torch": {**Measurement(quiet=[4.0]).summary(), "path": "eager"},
        "torch-malloc": {**Measurement(quiet=[8.0]).summary(), "path": "eager"},
    }
    report = {
        "cases": {
            case.name: {"engines": times, "ratios": ratios(times)},
            "b": {"engines": {"torch": times["torch"]}, "ratios": {}},
        }
    }
    names = reports.engines(report)
    assert names == ["minigrad", "torch", "torch-malloc"]
    assert reports.times_table(report, names[:2]) == (
        "| case | minigrad, ms | torch, ms | minigrad/torch |\n"
        "|---|--:|--:|--:|\n"
        "| a | 2 (1.2–2.8) | 4 (4–4) | 0.5 / 0.25 |\n"
        "| b |  | 4 (4–4) |  |"
    )
    assert "| a | 0.5 / 0.25 | 2 |" in reports.ratios_table(report, ["minigrad", "torch-malloc"])
    assert "| a | 12 |  |  |" in reports.memory_table(report, names)
    assert "| b |  | eager |  |" in reports.paths_table(report, names)
