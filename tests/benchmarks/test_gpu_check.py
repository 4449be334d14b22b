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

from benchmarks.__main__ import main
from benchmarks.engines.engine import Absent
from benchmarks.gpu import plan
from benchmarks.gpu.contenders import CONTENDERS
from benchmarks.gpu.record import DRY, checked, sorted_out
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
    """Every part of every case."""
    path, picture = tmp_path / "dry.json", tmp_path / "dry.svg"
    contenders = [name for name in CONTENDERS if name not in LEFT_OUT]
    found = run(
        "--dry-run", "--contenders", ",".join(contenders), "--json", str(path), "--plot",
        str(picture),
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
    written: dict[str, Any] = json.loads(path.read_text())
    assert written["complete"] and written["dry_run"] == DRY and written["left"] == []
    assert {part["state"] for part in written["parts"].values()} == {"done"}
    assert {part["kind"] for part in written["parts"].values()} == set(plan.KINDS)
    for kind in ("truths", "kernels", "profile"):
        assert {f"{kind}:{case}" for case in plan.CASES} < set(written["parts"])
    assert {f"steps:{case}:default" for case in plan.CASES} < set(written["parts"])
    report = sorted_out(written)
    assert report["wrong"] == [] and report["skipped"] == []
    assert {each["question"]: each["ok"] for each in report["questions"]} == {
        "loaded": True, "nan_kept": True, "pinned": True, "product_captured": True,
        "many_steps": True, "refused": None, "feature_code": None, "two_streams": None,
        "epilogues": None, "first_choice": None,
    }  # fmt: skip
    assert set(report["ceilings"]) == {
        "copy_TBs", "copy_bytes", "graph_us", "graph_fixed_us", "graph_node_us", "launch_us",
        "gemm_size", "minigrad_fp32", "minigrad_tf32", "bf16", "tf32", "fp32",
    }  # fmt: skip
    assert len(report["kernels"]) > 150 and all(each["ok"] for each in report["kernels"])
    assert max(each["error"] for each in report["kernels"]) < 2e-6
    assert all("skipped" in each["counts"] for each in report["suite"]) or is_available()
    runs = {(x["workload"], x["policy"], x["contender"]): x for x in report["runs"]}
    rungs = [name for name in contenders if "minigrad" in name]
    assert {name for case, policy, name in runs if (case, policy) == ("mlp", "default")} == {
        "torch-eager", *rungs
    }  # fmt: skip
    cases = [plan.SMALL[case].name if case in plan.SMALL else case for case in plan.CASES]
    assert {(case, "default", name) for case in cases for name in plan.BRIEF} < set(runs)
    for (case, policy, name), each in runs.items():
        if (policy, name) != ("bf16", "torch-eager"):  # which bfloat16 takes far from it
            # Batch normalisation over two numbers divides by what may be next to nothing.
            most = 1e-3 if case == "resnet34-small" else 1e-5
            assert max(each["rel_err"], each["loss_err"]) < most, (case, name)
        assert each["batch"] == 2 and len(each["blocks_us"]) == len(each["blocks_steps"]) >= 1
        if name.startswith("minigrad-graph"):
            assert each["path"].startswith("simulated graph, "), (case, each["path"])
    assert runs["mlp", "bf16", "torch-eager"]["rel_err"] > 1e-3
    assert runs["mlp", "default", "minigrad-launches"]["path"].startswith("simulated launches, ")
    assert report["absent"] == ["torch-graph: this contender needs CUDA"]
    assert [each["system"] for each in report["accuracy"]] == ["D3", "N1"]
    assert [each["case"] for each in report["profile"]] == cases
    assert all(each["timed"] == each["of"] > 10 for each in report["profile"])
    with pytest.raises(ValueError, match="it is a dry run"):
        checked(written, "dry.json")
    assert found.stdout.count("DRY RUN") > 10 and DRY in picture.read_text()

    # What has ended stays, and what is asked for again is done again.
    again = run(
        "--dry-run", "--continue", str(path), "--again", "quest*", "--only", "questions,ceilings"
    )
    assert again.returncode == 0, again.stderr
    assert "DRY RUN: questions: done" in again.stderr and "ceilings" not in again.stderr
    after = json.loads(path.read_text())["parts"]
    assert {name for name in after if after[name] != written["parts"][name]} == {"questions"}


LEFT_OUT = ("torch-eager-tuned", "torch-compile", "torch-compile-ro")
"""Each would load PyTorch to say that there is no GPU; one of their kind does."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_was_found_before_ctrl_c_is_kept(tmp_path: Path, signals: None) -> None:
    path = tmp_path / "dry.json"
    command = [sys.executable, "-m", "benchmarks", "gpu-check", "--dry-run", "--json", str(path)]
    command += ["--only", "prepare,environment,ceilings", "--cases", "mlp"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        while "prepare:library" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert f"stopped; {path} has what was found" in said and "Traceback" not in said
    report = json.loads(path.read_text())
    assert report["parts"]["prepare:library"]["state"] == "done" and not report["complete"]
    assert report["parts"]["prepare:torch"]["state"] == "running"
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
        (["--only", "thinking"], "no 'thinking'; there are environment, prepare, questions"),
        (["--cases", "nosuch"], "no 'nosuch'; there are dnn, diabetes"),
        (["--policy", "fp8"], "no 'fp8'; there are default, tf32, fp32, bf16"),
        (["--contenders", "jax"], "no 'jax'; there are torch-eager"),
        (["--minutes", "0"], "expected minutes, more than 0, got '0'"),
        (["--minutes", "many"], "expected minutes, more than 0, got 'many'"),
        (["--json", "."], "--json: . is a folder"),
        (["--continue", "no/such.json"], "--continue: [Errno 2] No such file or directory"),
        (["--continue", "pyproject.toml"], "--continue: pyproject.toml: expected a report"),
        (["--plot", "r.jpg"], "expected a name that ends in .png, .svg or .pdf"),
    ],
)
def test_bad_arguments_are_named(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["gpu-check", "--dry-run", *arguments])
    assert message in " ".join(capsys.readouterr().err.split())


def test_the_help_lists_parts_policies_and_contenders(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["gpu-check", "--help"])
    said = capsys.readouterr().out
    for word in ("ceilings", "accuracy", "fp32", "--continue", *plan.KINDS, *CONTENDERS):
        assert word in said


def test_the_plan_is_listed_with_its_times(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gpu-check", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(plan.plan()) and lines[0] == "    20 s  environment"
    assert main(["gpu-check", "--list", "--cases", "mlp", "--only", "steps"]) == 0
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == [
        "truths:mlp", "steps:mlp:default",
    ]  # fmt: skip


def test_the_contenders_modules_are_there() -> None:
    for name, entry in CONTENDERS.items():
        try:
            entry.load("cpu")
        except Absent as error:
            assert name.startswith("torch-") and "CUDA" in str(error)
