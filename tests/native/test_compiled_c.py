"""Building C: once, whole, found again; and what happens without a compiler or a folder."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad.native import compiler

SOURCE = "int answer(void) { return 42; }"
needs_compiler = pytest.mark.skipif(compiler.compiler() is None, reason="no C compiler")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path))
    return tmp_path / "native"


@pytest.fixture
def no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    compiler.compiler.cache_clear()
    yield
    monkeypatch.undo()
    compiler.compiler.cache_clear()


@needs_compiler
def test_a_source_is_built_once_and_found_again(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = compiler.load(SOURCE)
    assert library.answer() == 42
    (file,) = cache.iterdir()
    assert file.suffix == ".so" and cache.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(compiler, "_build", None)  # would be a TypeError
    again = compiler.load(SOURCE)
    assert again.answer() == 42


@needs_compiler
def test_another_source_is_another_file(cache: Path) -> None:
    compiler.load(SOURCE)
    other = compiler.load(SOURCE.replace("42", "43"))
    assert other.answer() == 43
    assert len(list(cache.iterdir())) == 2


@needs_compiler
@pytest.mark.parametrize("damage", ["cut", "changed", "emptied"])
def test_a_damaged_file_is_built_again(cache: Path, damage: str) -> None:
    # In processes of their own: a library that is loaded already would be found by its name.
    code = f"from minigrad.native.compiler import load; print(load({SOURCE!r}).answer())"
    asked = [sys.executable, "-W", "error", "-c", code]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == "42\n"
    (file,) = cache.iterdir()
    data = file.read_bytes()
    spoiled = {"cut": data[:-100], "changed": data[:900] + b"?" + data[901:], "emptied": b""}
    file.write_bytes(spoiled[damage])
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == "42\n"
    assert file.read_bytes() != spoiled[damage]


@needs_compiler
def test_a_source_that_does_not_compile_says_why(cache: Path) -> None:
    with pytest.raises(RuntimeError, match=r"refused the source:[\s\S]*error"):
        compiler.load("int answer(void) { return }")
    assert list(cache.iterdir()) == []


@needs_compiler
def test_a_folder_that_others_may_write_is_not_used(cache: Path) -> None:
    cache.mkdir()
    cache.chmod(0o777)
    with pytest.raises(compiler.Unavailable, match="native can be written by others"):
        compiler.load(SOURCE)
    assert list(cache.iterdir()) == []


def test_a_cache_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path / "file"))
    with pytest.raises(compiler.Unavailable, match="file"):
        compiler.load(SOURCE)


def test_no_compiler(cache: Path, no_compiler: None) -> None:
    assert compiler.compiler() is None
    with pytest.raises(compiler.Unavailable, match=r"no C compiler \(cc, gcc, clang\)"):
        compiler.load(SOURCE)
    assert not cache.exists()


def test_a_compiler_that_fails_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in compiler.COMPILERS:
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    compiler.compiler.cache_clear()
    try:
        assert compiler.compiler() is None
    finally:
        monkeypatch.undo()
        compiler.compiler.cache_clear()


def test_everything_works_without_a_compiler_and_that_is_told_once(tmp_path: Path) -> None:
    code = (
        "import minigrad; from minigrad.native.library import enabled;"
        "x = minigrad.ones(2, 3, 8, 8, requires_grad=True);"
        "w = minigrad.ones(4, 3, 3, 3, requires_grad=True);"
        "y = minigrad.nn.functional.max_pool2d(minigrad.nn.functional.conv2d(x, w), 2);"
        "y.sum().backward(); print(enabled(), y.sum().item(), w.grad.sum().item())"
    )
    empty = {**os.environ, "PATH": str(tmp_path), "MINIGRAD_CACHE": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=empty)
    assert done.stdout == "False 1944.0 1944.0\n"
    assert done.stderr.count("minigrad: only NumPy computes: no C compiler (cc, gcc, clang)") == 1


@needs_compiler
def test_it_can_be_called_with_arrays(cache: Path) -> None:
    source = "void twice(double *x, long n) { for (long i = 0; i < n; i++) x[i] *= 2; }"
    library = compiler.load(source)
    x = np.arange(5.0)
    library.twice(ctypes.c_void_p(x.ctypes.data), ctypes.c_long(5))
    np.testing.assert_array_equal(x, np.arange(5.0) * 2)
