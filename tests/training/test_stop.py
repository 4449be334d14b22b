"""Ctrl-C and SIGTERM, from outside and from inside, and where they are ignored."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from minigrad.serialization import load
from minigrad.training.stop import Stop

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")

ROOT = Path(__file__).parents[2]
TRAIN = [sys.executable, "-m", "minigrad", "train", "D1", "--epochs", "100000", "--out", "o"]
FIT = """
import minigrad
from minigrad import nn
x = minigrad.zeros(64, 4)
minigrad.fit(nn.FullConnection(4, 2), x, minigrad.zeros(64, dtype=minigrad.int64), epochs=10**9,
             loss="CrossEntropyLoss", optimizer="sgd", batch_size=8,
             callbacks=[minigrad.callbacks.CSVLogger("log.csv")])
print("the program goes on", flush=True)
"""
HANDLED = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit("asked to end"))
"""


def sent(
    command: list[str], number: int, folder: Path, ready: str, **how: Callable[[], object]
) -> tuple[int, str, str]:
    """What a program came to that got the signal when its first line with ``ready`` was there."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        **how,  # type: ignore[call-overload]
    )  # fmt: skip
    try:
        for line in process.stdout:
            if line.startswith(ready):
                break
        time.sleep(0.02)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, out, err


def test_sigterm_leaves_a_checkpoint_that_goes_on(tmp_path: Path, signals: None) -> None:
    status, out, err = sent(TRAIN, signal.SIGTERM, tmp_path, "epoch")
    assert status == 128 + signal.SIGTERM and "--resume goes on from" in out, err
    left = load(tmp_path / "o" / "checkpoint.safetensors")["loop"]["epoch"]
    assert left >= 1
    epochs = str(left + 1)
    again = [*TRAIN[:5], "--epochs", epochs, "--out", "o", "--resume"]
    for told in (
        f"continuing in epoch {left + 1}",
        f"finished: o/checkpoint.safetensors has {epochs}",
    ):
        done = subprocess.run(again, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
                              capture_output=True, text=True)  # fmt: skip
        assert done.returncode == 0 and told in done.stdout, done.stderr
    assert "nothing is left to train, --epochs N goes further" in done.stdout
    assert f"epoch {epochs}/" not in done.stdout


def test_fit_ends_at_sigterm_as_the_program_would_have(tmp_path: Path, signals: None) -> None:
    status, out, err = sent([sys.executable, "-c", FIT], signal.SIGTERM, tmp_path, "epoch 3/")
    assert status == -signal.SIGTERM and "stopped after epoch" in out, err
    assert "goes on" not in out and (tmp_path / "log.csv").read_text().endswith("\n")
    status, out, err = sent(
        [sys.executable, "-c", HANDLED + FIT], signal.SIGTERM, tmp_path, "epoch 3/"
    )
    assert (status, err) == (1, "asked to end\n") and "stopped after epoch" in out


def test_a_signal_that_is_ignored_stays_ignored(signals: None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Stop() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert not stop()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop() and stop.status == 143
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_second_signal_of_the_other_kind_does_as_usual(signals: None) -> None:
    heard: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    with Stop() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop() and stop.status == 130 and not heard
        os.kill(os.getpid(), signal.SIGTERM)
        assert heard == [signal.SIGTERM]
    stop.pass_on()
    assert heard == [signal.SIGTERM]
