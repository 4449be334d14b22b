"""A little of what `tests.damage` and `tests.kills` do in full."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import damage
import pytest


@pytest.fixture
def kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache folder that one of the kinds sets is undone."""
    monkeypatch.setenv("MINIGRAD_CACHE", os.environ.get("MINIGRAD_CACHE", ""))


@pytest.mark.parametrize("kind", damage.KINDS)
def test_damaged_files_give_clear_errors(kind: str, kept_apart: None) -> None:
    refused, _ = damage.examine(kind, 60, 0)
    assert (refused > 10) is (kind != "cache")  # an entry is built again


@pytest.mark.slow
@pytest.mark.parametrize("kind", damage.KINDS)
def test_many_damaged_files_give_clear_errors(kind: str, kept_apart: None) -> None:
    damage.examine(kind, 1000, 1)


def test_an_error_that_is_not_clear_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The instrument itself: a reader that lets an error of its own out, or names no file."""
    make, _ = damage.KINDS["histories"]

    def careless(path: Path) -> None:
        path.read_bytes().decode("ascii")[200]

    monkeypatch.setitem(damage.KINDS, "histories", (make, careless))
    with pytest.raises(AssertionError, match=r"histories 0, file \d+: (Unicode|Index)"):
        damage.examine("histories", 200, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("count", [20, pytest.param(500, marks=pytest.mark.slow)])
def test_kills_leave_one_whole_file_and_no_litter(count: int) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills", "--count", f"{count}", "--seed", "0"], cwd=root,
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert f"{count} kills, seed 0: the file always whole" in done.stdout
