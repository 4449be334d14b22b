"""Small files of the real kinds, and no way to the machine's own data."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

WriteIdx = Callable[..., Path]


@pytest.fixture
def write_idx() -> WriteIdx:
    """Writes an array of uint8 as an IDX file; the header's shape may lie."""

    def write(path: Path, array: np.ndarray, shape: tuple[int, ...] | None = None) -> Path:
        shape = array.shape if shape is None else shape
        raw = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape) + array.tobytes()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
        return path

    return write


@pytest.fixture
def lonely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, no MINIGRAD_DATA and no proxy; returns the cache folder."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("MINIGRAD_CACHE", str(cache))
    monkeypatch.delenv("MINIGRAD_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return cache
