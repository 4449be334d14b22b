"""A small MNIST of random images, so that the command line can be run anywhere."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def small_mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 640 training and 100 test images: noise around a pattern a class."""
    root = tmp_path_factory.mktemp("data")
    folder = root / "mnist"
    folder.mkdir()
    draw = np.random.default_rng(0)
    patterns = draw.integers(0, 160, (10, 28, 28))
    for prefix, count in (("train", 640), ("t10k", 100)):
        labels = draw.integers(0, 10, count).astype(np.uint8)
        images = (patterns[labels] + draw.integers(0, 96, (count, 28, 28))).astype(np.uint8)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            (folder / f"{prefix}-{kind}-ubyte").write_bytes(header + array.tobytes())
    return root


@pytest.fixture
def environment() -> dict[str, str]:
    """This process's, with the checkout importable from anywhere and no data at hand."""
    root = str(Path(__file__).parents[2])
    kept = {k: v for k, v in os.environ.items() if k != "MINIGRAD_DATA"}
    return {**kept, "PYTHONPATH": root, **ONE_THREAD}


@pytest.fixture
def memory_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison in this process needs no other ones: those that measure memory are started
    where the figures are looked at."""
    pytest.importorskip("torch")
    import reference.compare
    from reference.memory import Memory

    monkeypatch.setattr(reference.compare, "peak_memory", lambda *of: Memory(321.0, 21.0))


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def ready() -> Iterator[subprocess.Popen[str] | None]:
    """A process that forks commands: what they import is imported once. None where nothing can."""
    if not hasattr(os, "fork"):
        yield None
        return
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("ready.py"))],
        env={**os.environ, "PYTHONPATH": str(root), **ONE_THREAD},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


@pytest.fixture
def command(
    tmp_path: Path, environment: dict[str, str], ready: subprocess.Popen[str] | None
) -> Command:
    """Runs ``python -m minigrad ...``, or ``code`` with the same arguments, in an empty folder: in
    a fork of the process that is ready, or, ``anew``, in one that is started as people start it."""

    def run(
        *arguments: str, code: str = "", anew: bool = False
    ) -> subprocess.CompletedProcess[str]:
        if ready is not None and not anew:
            return _forked(ready, tmp_path, environment, arguments, code)
        start = ["-c", code] if code else ["-m", "minigrad"]
        return subprocess.run(
            [sys.executable, *start, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def _forked(
    ready: subprocess.Popen[str],
    folder: Path,
    environment: dict[str, str],
    arguments: tuple[str, ...],
    code: str,
) -> subprocess.CompletedProcess[str]:
    assert ready.stdin is not None and ready.stdout is not None
    with TemporaryDirectory() as kept:
        said = [Path(kept) / "stdout", Path(kept) / "stderr"]
        asked = {
            "folder": str(folder),
            "environment": environment,
            "arguments": arguments,
            "code": code,
            "stdout": str(said[0]),
            "stderr": str(said[1]),
        }
        ready.stdin.write(json.dumps(asked) + "\n")
        ready.stdin.flush()
        status = int(ready.stdout.readline())
        return subprocess.CompletedProcess(arguments, status, *(x.read_text() for x in said))
