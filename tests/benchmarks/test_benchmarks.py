"""The benchmark commands, in real processes; the times themselves are nobody's test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from benchmarks import report as reports
from benchmarks import scaling, scaling_plot
from benchmarks.__main__ import main
from benchmarks.measuring import Run
from benchmarks.sweeps import SWEEPS, Sweep
from benchmarks.training import TRAINING

SHORT = ("--rounds", "1", "--seconds", "0.01")
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], capture_output=True, text=True
    )


@pytest.mark.slow
def test_the_command_writes_table_report_and_picture(tmp_path: Path) -> None:
    found = run(
        "chain", *SHORT, "--engines", "minigrad,torch,torch-malloc",
        "--json", str(tmp_path / "new" / "r.json"), "--plot", str(tmp_path / "r.png"),
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    report = json.loads((tmp_path / "new" / "r.json").read_text())
    assert set(report) == {"machine", "versions", "commit", "cases"}
    assert set(report["cases"]) == {"chain"}
    assert set(report["cases"]["chain"]) == {"engines", "ratios"}
    times = report["cases"]["chain"]["engines"]
    assert list(times) == ["minigrad", "torch", "torch-malloc"]
    for engine in times.values():
        assert set(engine) == {
            "median_ms", "p10_ms", "p90_ms", "rounds", "peak_memory_mb", "path",
        }  # fmt: skip
        assert engine["p10_ms"] <= engine["median_ms"] <= engine["p90_ms"]
    ratio = times["minigrad"]["median_ms"] / times["torch-malloc"]["median_ms"]
    ratios = report["cases"]["chain"]["ratios"]
    assert ratios["minigrad/torch-malloc"] == pytest.approx(ratio)
    assert set(ratios) == {"minigrad/torch", "minigrad/torch-malloc", "torch-malloc/torch"}
    assert times["minigrad"]["path"].startswith("eager, ")
    assert set(report["machine"]["blas"]) == set(times)
    assert report["machine"]["blas"]["minigrad"]["threads"] >= 1
    assert {"minigrad", "torch", "python", "numpy"} == set(report["versions"])
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    assert reports.times_table(report, list(times)) in found.stdout
    assert "1/1 chain" in found.stderr


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mygrad") is not None, reason="mygrad is installed")
def test_what_is_absent_is_said_and_left_out(tmp_path: Path) -> None:
    found = run("chain", *SHORT, "--engines", "minigrad,mygrad", "--json", str(tmp_path / "r.json"))
    assert found.returncode == 0
    assert "mygrad: absent: the module 'mygrad' is not installed; " in found.stderr
    assert "'.[peers]'" in found.stderr
    report = json.loads((tmp_path / "r.json").read_text())
    assert list(report["cases"]["chain"]["engines"]) == ["minigrad"]
    assert report["cases"]["chain"]["ratios"] == {}


@pytest.mark.slow
def test_without_any_engine_nothing_is_written(tmp_path: Path) -> None:
    found = run("loader", *SHORT, "--engines", "torch-compile", "--json", str(tmp_path / "r.json"))
    assert found.returncode == 1
    assert "torch-compile: absent: loader has no step to compile" in found.stderr
    assert "nothing was written" in found.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nosuch"], "no case 'nosuch'; there are dnn"),
        (["dnn", "--engines", "keras"], "no engine 'keras'; there are minigrad, "),
        (["dnn", "--rounds", "0"], "expected 1 or more, got '0'"),
        (["dnn", "--rounds", "many"], "expected 1 or more, got 'many'"),
        (["dnn", "--seconds", "-1"], "expected seconds, more than 0, got '-1'"),
        (["dnn", "--json", "."], "--json: . is a folder; give the name of a file"),
        (["dnn", "--json", "/dev/null/r.json"], "--json: cannot write in /dev/null"),
        (["dnn", "--plot", "r.jpg"], "expected a name that ends in .png, .svg or .pdf"),
        (["dnn", "--plot", "r.png", "--engines", "minigrad"], "add torch to --engines"),
        (["scaling", "height"], "no sweep 'height'; there are batch, depth"),
    ],
)
def test_bad_arguments_are_named(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_a_process_ends_so() -> None:
    found = run("nosuch")
    assert found.returncode == 2 and "no case 'nosuch'" in found.stderr


def test_help_lists_cases_and_sweeps() -> None:
    found = run("--help")
    assert found.returncode == 0
    assert all(case.name in found.stdout for case in TRAINING)
    found = run("scaling", "--help")
    assert found.returncode == 0
    assert all(sweep.name in found.stdout for sweep in SWEEPS)


def children(pid: int) -> list[int]:
    """Of a process, by the fourth field of /proc/PID/stat."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(pid):
            found.append(int(folder.name))
    return found


def wait_until(holds: Any, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


@linux
@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_their_parent(how: signal.Signals, tmp_path: Path, signals: None) -> None:
    """Stopped by Ctrl-C, and even where it could not clean up."""
    command = [sys.executable, "-m", "benchmarks", "chain", "--engines", "minigrad,torch"]
    command += ["--rounds", "100000", "--seconds", "0.01", "--json", str(tmp_path / "r.json")]
    parent = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert wait_until(lambda: len(children(parent.pid)) == 2)
        workers = children(parent.pid)
        parent.send_signal(how)
        _, said = parent.communicate(timeout=60)
        if how is signal.SIGINT:
            assert parent.returncode == 130
            assert "stopped; nothing was written" in said and "Traceback" not in said
        assert wait_until(lambda: not any(os.path.exists(f"/proc/{pid}/fd/0") for pid in workers))
        assert list(tmp_path.iterdir()) == []
    finally:
        parent.kill()


@pytest.mark.slow
def test_sweeps_are_timed_counted_and_drawn(tmp_path: Path) -> None:
    whole = SWEEPS[0]
    short = Sweep(whole.name, whole.what, whole.variable, whole.points[:2])
    run = Run(["minigrad"], device="cpu", rounds=1, seconds=0.01)
    seen: list[str] = []
    progress: Any = lambda case, what, done: seen.append(case)  # noqa: E731
    roof = scaling.measured_roof(run, progress)
    assert roof is not None and run.wrong == [] and run.engines == ["minigrad"]
    found = scaling.measured(run, [short, short], roof, progress)
    assert run.wrong == [] and len(set(seen)) == 4 and list(found) == ["batch"]
    points = found["batch"]["points"]
    assert [point["value"] for point in points] == [1, 4]
    for point in points:
        ours = point["engines"]["minigrad"]
        assert ours["gflop_s"] == pytest.approx(1000 * point["gflop"] / ours["median_ms"])
        assert point["roof_ms"] == pytest.approx(
            max(1000 * point["gflop"] / roof["gflop_s"], point["megabytes"] / roof["gb_s"])
        )
    report = {**run.head(), "roof": roof, "sweeps": found}
    assert "\n| batch size | GFLOP | roof, ms | minigrad, ms (GFLOP/s) |" in scaling.table(report)
    scaling_plot.draw(report).save(tmp_path / "s.svg")
    assert "GFLOP/s</text>" in (tmp_path / "s.svg").read_text()
