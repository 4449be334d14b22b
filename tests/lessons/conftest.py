"""A small MNIST of random images, for lessons to be run on anywhere."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from forking import ROOT, Done, Program, Ready, forking

SURROUNDINGS = {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8"}


@pytest.fixture(scope="session")
def ready() -> Iterator[Ready | None]:
    """A process that forks lessons; a warning is an error in it."""
    with forking("-W", "error", **SURROUNDINGS) as found:
        yield found


@pytest.fixture
def program(tmp_path: Path, ready: Ready | None) -> Program:
    """Runs a script in a process of its own, in an empty folder and without a window; ``anew``, in
    one that is started as a student starts it."""

    def run(script: Path, *, anew: bool = False, **environment: str) -> Done:
        kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
        kept |= {**SURROUNDINGS, **environment}
        if ready is not None and not anew:
            code = f"import runpy\nrunpy.run_path({str(script)!r}, run_name='__main__')"
            return ready.run(tmp_path, kept, code=code)
        return subprocess.run(
            [sys.executable, "-W", "error", script],
            env=kept,
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A data folder with 600 training and 200 test images: a pattern a class, as dark as MNIST's
    digits, and noise."""
    root = tmp_path_factory.mktemp("data")
    draw = np.random.default_rng(0)
    patterns = 200 * (draw.random((10, 28, 28)) < 0.12)
    for prefix, count in (("train", 600), ("t10k", 200)):
        labels = draw.integers(0, 10, count).astype(np.uint8)
        images = (patterns[labels] + draw.integers(0, 30, (count, 28, 28))).astype(np.uint8)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            (root / f"{prefix}-{kind}-ubyte").write_bytes(header + array.tobytes())
    return str(root)
