"""``python -m benchmarks gpu-check`` in a process of its own, on the simulated device."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from benchmarks.engines.engine import Absent
from benchmarks.gpu.contenders import CONTENDERS
from benchmarks.gpu.record import DRY, checked
from minigrad.cuda import is_available


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "gpu-check", *arguments],
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.usefixtures("gxx")
def test_a_dry_run_does_everything_and_measures_nothing(tmp_path: Path) -> None:
    path, picture = tmp_path / "dry.json", tmp_path / "dry.svg"
    found = run("--dry-run", "--cases", "mlp", "--json", str(path), "--plot", str(picture))
    assert found.returncode == 0, found.stdout + found.stderr
    report: dict[str, Any] = json.loads(path.read_text())
    assert report["complete"] and report["dry_run"] == DRY and report["wrong"] == []
    assert list(report["seconds"]) == [
        "dry_run", "environment", "ceilings", "questions", "kernels", "suite", "steps", "accuracy",
    ]  # fmt: skip
    for section in ("questions", "kernels", "runs", "accuracy"):
        assert report[section] and all(each["dry_run"] == DRY for each in report[section])
    assert {each["question"]: each["ok"] for each in report["questions"]} == {
        "refused": None, "product_captured": True, "epilogues": None, "first_choice": None,
        "feature_code": None, "two_streams": None, "many_steps": True,
    }  # fmt: skip
    assert set(report["ceilings"]) == {
        "dry_run", "copy_TBs", "copy_bytes", "graph_us", "graph_fixed_us", "graph_node_us",
        "launch_us", "gemm_size", "minigrad_fp32", "minigrad_tf32", "bf16", "tf32", "fp32",
    }  # fmt: skip
    assert len(report["kernels"]) > 10 and all(each["ok"] for each in report["kernels"])
    assert max(each["error"] for each in report["kernels"]) < 1e-6
    assert "skipped" in report["suite"]["counts"] or is_available()
    runs = {each["contender"]: each for each in report["runs"]}
    assert list(runs) == ["torch-eager", *(name for name in CONTENDERS if "minigrad" in name)]
    for each in runs.values():
        assert each["rel_err"] < 1e-5 and each["loss_err"] < 1e-5 and each["batch"] == 4
        # Two, and others where somebody else was using the processor meanwhile.
        assert len(each["blocks_us"]) == len(each["blocks_steps"]) >= 2
    paths = [runs[f"minigrad-{rung}"]["path"] for rung in ("launches", "graph", "graph-x8")]
    assert paths[0].startswith("simulated launches, ")
    assert paths[1] == paths[2] and paths[1].startswith("simulated graph, ")
    absent = [line.partition(":")[0] for line in report["absent"]]
    assert absent == [name for name in CONTENDERS if name.startswith("torch-")][1:]
    with pytest.raises(ValueError, match="it is a dry run"):
        checked(report, "dry.json")
    assert found.stdout.count("DRY RUN") > 10 and DRY in picture.read_text()


@pytest.mark.slow
@pytest.mark.usefixtures("gxx")
def test_only_what_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "dry.json"
    found = run("--dry-run", "--only", "questions", "--minutes", "1", "--json", str(path))
    assert found.returncode == 0, found.stderr
    report = json.loads(path.read_text())
    assert report["questions"] and not report["runs"] and not report["kernels"]
    assert "DRY RUN: questions ..." in found.stderr and "steps" not in found.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_was_found_before_ctrl_c_is_kept(tmp_path: Path, signals: None) -> None:
    path = tmp_path / "dry.json"
    command = [sys.executable, "-m", "benchmarks", "gpu-check", "--dry-run", "--json", str(path)]
    command += ["--only", "ceilings,steps", "--contenders", "minigrad-eager"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        while "steps" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert f"stopped; {path} has what was found" in said and "Traceback" not in said
    report = json.loads(path.read_text())
    assert report["ceilings"] and not report["complete"] and not report["runs"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(is_available(), reason="a GPU is there")
def test_without_a_gpu_it_says_what_is_needed() -> None:
    found = run()
    assert found.returncode == 2 and found.stdout == ""
    assert "gpu-check: it needs an NVIDIA GPU with its driver, CuPy" in found.stderr
    assert "--dry-run does everything on the simulated device" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "thinking"], "no 'thinking'; there are ceilings, questions, kernels, suite"),
        (["--cases", "nosuch"], "no 'nosuch'; there are dnn, diabetes"),
        (["--policy", "bf16"], "no 'bf16'; there are default, tf32, fp32"),
        (["--contenders", "jax"], "no 'jax'; there are torch-eager"),
        (["--minutes", "0"], "expected minutes, more than 0, got '0'"),
        (["--minutes", "many"], "expected minutes, more than 0, got 'many'"),
        (["--json", "."], "--json: . is a folder"),
        (["--plot", "r.jpg"], "expected a name that ends in .png, .svg or .pdf"),
    ],
)
def test_bad_arguments_are_named(arguments: list[str], message: str) -> None:
    found = run("--dry-run", *arguments)
    assert found.returncode == 2 and message in " ".join(found.stderr.split())


def test_the_help_lists_parts_policies_and_contenders() -> None:
    found = run("--help")
    assert found.returncode == 0
    for word in ("ceilings", "accuracy", "fp32", *CONTENDERS):
        assert word in found.stdout


def test_the_contenders_modules_are_there() -> None:
    for name, entry in CONTENDERS.items():
        try:
            entry.load("cpu")
        except Absent as error:
            assert name.startswith("torch-") and "CUDA" in str(error)
