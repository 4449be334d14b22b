"""The command line, run as people run it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from minigrad.commands.systems import SYSTEMS, find
from minigrad.lessons import LESSONS
from minigrad.recipes import RECIPES
from minigrad.serialization import load

WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from minigrad.commands import main
sys.exit(main(sys.argv[1:]))
"""


def test_help_shows_the_verbs_and_examples(command):
    done = command("--help", anew=True)
    assert done.returncode == 0
    for word in ("list", "train", "compare", "doctor", "examples:"):
        assert word in done.stdout


def test_list_shows_every_system_and_what_it_last_came_to(command, tmp_path):
    done = command("list", anew=True)
    assert done.returncode == 0
    for name in (*RECIPES, *LESSONS):
        assert f"│ {name} " in done.stdout
    assert "97.94 %" in done.stdout
    history = {"minigrad": [{"train_loss": 1.5, "test_accuracy": 12.345}]}
    for name in ("D3", "D4", "D5"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        report = {"recipe": RECIPES[name].as_dict(), "history": history}
        (tmp_path / "runs" / name / "report.json").write_text(json.dumps(report))
    (tmp_path / "runs" / "D4" / "report.json").write_text("{")  # cut off
    history["torch"] = [{"train_loss": 1.5, "test_accuracy": 23.4}]
    report = {"recipe": RECIPES["D5"].as_dict(), "history": history}
    (tmp_path / "runs" / "D5" / "compare.json").write_text(json.dumps(report))
    done = command("list")
    assert done.returncode == 0, done.stderr
    lines = {line.split()[1]: line for line in done.stdout.splitlines() if line.startswith("│ D")}
    assert "12.35 %" in lines["D3"] and "12.35 %" not in lines["D4"]
    assert "12.35 %, PyTorch" in lines["D5"]


def test_systems_are_found_in_any_case_and_close_names_are_told():
    assert find("d2-BATCHES") is RECIPES["D2-batches"] and find("p2") is LESSONS["P2"]
    assert set(SYSTEMS) == set(RECIPES) | set(LESSONS)
    with pytest.raises(KeyError, match="did you mean N1"):
        find("n11")
    with pytest.raises(KeyError, match=f"nothing is named 'zzz'; there are {next(iter(SYSTEMS))}"):
        find("zzz")


@pytest.mark.parametrize("verb", ["train", "compare"])
def test_an_unknown_name_gets_the_close_ones(command, verb):
    done = command(verb, "D33")
    assert done.returncode == 1
    assert f"{verb}: nothing is named 'D33'; did you mean D3" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["train", "D3", "--epochs", "0"], "expected a positive number"),
        (["train", "D3", "--epochs", "x"], "expected a positive number"),
        (["train"], "NAME"),
        (["bake"], "invalid choice"),
    ],
)
def test_a_wrong_command_line(command, arguments, told):
    done = command(*arguments)
    assert done.returncode == 2 and told in done.stderr


def test_train_without_a_terminal_prints_a_line_an_epoch(command, small_mnist, tmp_path):
    done = command(
        "train", "d5", "--data", str(small_mnist), "--epochs", "2", "--lr", "0.1", "--batch", "32",
        "--json", "deep/r.json", anew=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("epoch")]
    assert [line.split()[1] for line in lines] == ["1/2", "2/2"]
    assert "\x1b" not in done.stdout and "\r" not in done.stdout
    assert f"data: {small_mnist / 'mnist'}" in done.stdout
    assert "15,910" in done.stdout and "(1, 20)" in done.stdout  # the summary of layers
    out = tmp_path / "runs" / "D5"
    report = json.loads((tmp_path / "deep" / "r.json").read_text())
    assert report == json.loads((out / "report.json").read_text())
    assert report["recipe"]["settings"] == {"lr": 0.1} and report["recipe"]["batch"] == 32
    assert report["seed"] == 0 and report["data"] == "640 train, 100 test; mnist"
    assert report["packages"]["numpy"] and report["python"] and report["seconds_per_step"] > 0
    history = report["history"]["minigrad"]
    assert [row["epoch"] for row in history] == [1, 2]
    assert history[1]["train_loss"] < history[0]["train_loss"]
    assert (out / "curves.png").read_bytes().startswith(b"\x89PNG")
    import minigrad.models  # noqa: F401  (the program has the class now)

    model = load(out / "model.safetensors")
    assert type(model).__name__ == "TwoLayer"


def test_a_loss_that_is_no_number_ends_the_run(command, small_mnist):
    done = command("train", "D5", "--data", str(small_mnist), "--epochs", "3", "--lr", "1e38")
    assert done.returncode == 1
    assert (
        "training loss of minigrad is" in done.stderr
        and "smaller learning rate (lr, or --lr)" in done.stderr
    )
    assert "Traceback" not in done.stderr


def test_resume_without_a_checkpoint_and_with_other_settings(command, small_mnist):
    done = command("train", "D5", "--data", str(small_mnist), "--resume")
    assert done.returncode == 1 and "checkpoint.safetensors does not exist" in done.stderr
    done = command("train", "D5", "--data", str(small_mnist), "--epochs", "1")
    assert done.returncode == 0, done.stderr
    done = command(
        "train", "D5", "--data", str(small_mnist), "--resume", "--lr", "0.5", "--seed", "3"
    )
    assert done.returncode == 1
    assert "settings: {'lr': 0.001} in the checkpoint, {'lr': 0.5} now" in done.stderr
    assert "seed: 0 in the checkpoint, 3 now" in done.stderr


INTERRUPTED = """
import os, signal, sys
from minigrad.training import loop
steps, after = 0, int(sys.argv.pop(1))
inner = loop.Loop._block
def block(self, batches):
    global steps
    inner(self, batches)
    steps += 1
    if steps == after:
        os.kill(os.getpid(), signal.SIGINT)
loop.Loop._block = block
from minigrad.commands import main
sys.exit(main(sys.argv[1:]))
"""
"""A training that gets Ctrl-C after some steps; how many is the first argument."""


@pytest.mark.parametrize(
    ("name", "after"),
    [("D3", 1), ("D3", 10), ("D3", 14), ("N4", 7), ("D2-batches", 13), ("D1", 5), ("G1", 9)],
)
def test_a_stopped_and_resumed_run_ends_in_the_same_bits(
    command, name, after, small_mnist, tmp_path, signals
):
    """Weights, optimizer, history and random numbers (N4 has dropout, G1 noise) of a run that
    was stopped after any batch and resumed in a new process are those of one that never was."""
    anew = (name, after) == ("D3", 10)  # once as people start it
    if name == "D2-batches":
        rows = [",a,b,c,d,e,f,g,h,Outcome"]
        rows += [
            f"{i},{i % 7},{i % 5},{i % 3},1,{i % 11},{i % 2},3,{i},{i % 2}" for i in range(400)
        ]
        (tmp_path / "diabetes").mkdir()
        (tmp_path / "diabetes" / "Data.csv").write_text("\n".join(rows))
    data = tmp_path if name == "D2-batches" else small_mnist
    epochs = {"D1": "8", "D2-batches": "8"}.get(name, "2")
    arguments = ["train", name, "--data", str(data), "--epochs", epochs]
    done = command(*arguments, "--out", "whole")
    assert done.returncode == 0, done.stderr
    arguments += ["--out", "parts"]
    stopped = command(str(after), *arguments, code=INTERRUPTED)
    assert stopped.returncode == 130, stopped.stderr
    assert "--resume" in stopped.stdout
    left = load(tmp_path / "parts" / "checkpoint.safetensors")
    assert left["loop"]["epoch"] < int(epochs)
    assert not (tmp_path / "parts" / "model.safetensors").exists()
    done = command(*arguments, "--resume", anew=anew)
    assert done.returncode == 0, done.stderr
    a, b = (
        (tmp_path / part / "checkpoint.safetensors").read_bytes() for part in ("whole", "parts")
    )
    assert a == b
    models = [(tmp_path / part / "model.safetensors").read_bytes() for part in ("whole", "parts")]
    assert models[0] == models[1]


def test_ctrl_c_at_any_moment(environment, small_mnist, tmp_path, signals):
    """From outside, as from a terminal: whatever the process is doing, it ends with 130 and a
    checkpoint that loads."""
    process = subprocess.Popen(
        [sys.executable, "-m", "minigrad", "train", "D3", "--data", str(small_mnist),
         "--epochs", "2000", "--out", "o"],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("epoch"):
            break
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert load(tmp_path / "o" / "checkpoint.safetensors")["loop"]["epoch"] >= 1


def test_without_torch_only_compare_is_missing(command, small_mnist):
    done = command("compare", "D3", "--data", str(small_mnist), code=WITHOUT_TORCH, anew=True)
    assert done.returncode == 1
    assert "PyTorch is not installed" in done.stderr and ".[reference]" in done.stderr
    assert command("list", code=WITHOUT_TORCH, anew=True).returncode == 0
    assert command("doctor", code=WITHOUT_TORCH, anew=True).returncode == 0
    done = command(
        "train", "D4", "--data", str(small_mnist), "--epochs", "1", code=WITHOUT_TORCH, anew=True
    )
    assert done.returncode == 0, done.stderr


def test_doctor_tells_where_data_is(command, small_mnist):
    done = command("doctor", "--data", str(small_mnist), anew=True)
    assert done.returncode == 0, done.stderr
    assert str(small_mnist) in done.stdout.replace("\n", "")
    assert "right, against numeric ones" in done.stdout
    for what in ("C compiler", "GPU", "CuPy", "NVRTC", "cuBLASLt"):
        assert f"│ {what} " in done.stdout


@pytest.mark.parametrize("verb", ["train", "compare"])
def test_a_lesson_runs_and_keeps_its_figures(command, tmp_path, verb):
    if verb == "compare":
        pytest.importorskip("torch")
    done = command(verb, "p2", "--seed", "5", "--json", "l.json")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "runs" / "P2"
    assert (out / "fit.png").read_bytes().startswith(b"\x89PNG")
    report = json.loads((tmp_path / "l.json").read_text())
    assert report["lesson"]["name"] == "P2" and report["parameters"]["SEED"] == 5
    if verb == "compare":
        assert report["agrees"] and max(report["differences"].values()) <= 1e-5
        assert "│ apart " in done.stdout or "┃ apart " in done.stdout
    done = command(verb, "P2", "--set", "STEPS=3", "--json", "l.json")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "l.json").read_text())["parameters"]["STEPS"] == 3
    done = command(verb, "P2", "--batch", "7")
    assert done.returncode == 1
    assert "lesson P2 has no BATCH; it has SEED, STEPS, RATE" in done.stderr


def test_quick_comparisons_agree(command, small_mnist, tmp_path):
    pytest.importorskip("torch")
    for name in ("D5", "P2"):
        done = command("compare", name, "--quick", "--data", str(small_mnist), "--json", "q.json")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 compared: all agree" in done.stdout and name in done.stdout
    done = command("compare", "D5", "--quick", "--data", str(small_mnist), "--json", "q.json")
    found = json.loads((tmp_path / "q.json").read_text())
    assert found["passed"] and found["gradient"] <= 1e-5 and found["losses_apart"] <= 1e-3
    assert [len(losses) for losses in found["losses"].values()] == [20, 20]
    assert found["losses"]["minigrad"][-1] < found["losses"]["minigrad"][0]
    done = command("compare", "G3", "--quick", "--set", "size=40", "--json", "q.json")
    assert done.returncode == 0, done.stdout + done.stderr
    options = json.loads((tmp_path / "q.json").read_text())["options"]
    assert options["size"] == 40 and options["painting_size"] == 48  # asked for; the quick one


@pytest.mark.parametrize("name", ["D5", pytest.param("N4", marks=pytest.mark.slow)])
def test_compare_prints_one_table(command, small_mnist, tmp_path, name):
    pytest.importorskip("torch")
    arguments = ["compare", name, "--data", str(small_mnist), "--epochs", "1", "--json", "c.json"]
    done = command(*arguments, anew=name == "D5")
    assert done.returncode == 0, done.stderr
    for row in (
        "test accuracy",
        "test loss",
        "a step, median",
        "its quartiles",
        "peak memory",
        "of it, training alone",
        "gradients, float32",
        "gradients, float64",
    ):
        assert done.stdout.count(f"│ {row}") == 1
    assert "loss and gradients: within 1e-05 of PyTorch's" in done.stdout
    assert "loss and gradients: within 1e-10 of PyTorch's" in done.stdout
    report = json.loads((tmp_path / "c.json").read_text())
    assert report["parity"]["float64"]["gradient"] <= 1e-10
    assert report["parity"]["float32"]["gradient"] <= 1e-5
    assert set(report["sides"]) == set(report["history"]) == {"minigrad", "torch"}
    for side in report["sides"].values():
        assert side["seconds_per_step"] > 0 and side["peak_memory_mb"]["whole"] > 30
    if name == "D5":  # no dropout: after 7 steps the two still agree
        ours, theirs = (report["history"][side][0] for side in ("minigrad", "torch"))
        assert ours["train_loss"] == pytest.approx(theirs["train_loss"], rel=1e-5)
    assert (tmp_path / "runs" / name / "compare.png").exists()
