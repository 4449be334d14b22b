"""A small MNIST of random images, so that the command line can be run anywhere."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from forking import Ready, forking

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
def ready() -> Iterator[Ready | None]:
    """A process that forks commands; None where nothing can."""
    with forking(**ONE_THREAD) as found:
        yield found


@pytest.fixture
def command(tmp_path: Path, environment: dict[str, str], ready: Ready | None) -> Command:
    """Runs ``python -m minigrad ...``, or ``code`` with the same arguments, in an empty folder: in
    a fork of the process that is ready, or, ``anew``, in one that is started as people start it."""

    def run(
        *arguments: str, code: str = "", anew: bool = False
    ) -> subprocess.CompletedProcess[str]:
        if ready is not None and not anew:
            return ready.run(tmp_path, environment, arguments, code)
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
