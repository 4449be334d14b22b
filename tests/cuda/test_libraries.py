"""NVIDIA's libraries are found in every place where they are installed."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from minigrad.compiler.targets.cuda.device import libraries
from minigrad.errors import DeviceError


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with one empty folder of packages, and no finder."""
    monkeypatch.setattr(libraries, "_by_pathfinder", lambda name: None)
    monkeypatch.setattr(libraries, "library", libraries.library.__wrapped__)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    return tmp_path


def built(path: Path, answer: int) -> None:
    """A library whose function ``answer`` returns a number."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    path.parent.mkdir(parents=True)
    command = [compiler, "-shared", "-fPIC", "-x", "c", "-o", str(path), "-"]
    subprocess.run(command, input=f"int answer(void) {{ return {answer}; }}", text=True, check=True)


def test_the_newest_installed_package_is_taken(elsewhere: Path) -> None:
    built(elsewhere / "nvidia" / "thing" / "lib" / "libthing.so.12", 12)
    assert libraries.library("thing").answer() == 12
    built(elsewhere / "nvidia" / "cu13" / "lib" / "libthing.so.13", 13)
    assert libraries.library("thing").answer() == 13


def test_one_that_cannot_be_opened_is_passed_over(elsewhere: Path) -> None:
    built(elsewhere / "nvidia" / "thing" / "lib" / "libthing.so.12", 12)
    torn = elsewhere / "nvidia" / "cu13" / "lib" / "libthing.so.13"
    torn.parent.mkdir(parents=True)
    torn.write_bytes(b"\x7fELF")
    assert libraries.library("thing").answer() == 12


def test_what_the_finder_knows_comes_first(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(elsewhere / "nvidia" / "cu13" / "lib" / "libthing.so.13", 13)
    built(elsewhere / "known" / "libthing.so", 1)
    path = str(elsewhere / "known" / "libthing.so")
    monkeypatch.setattr(libraries, "_by_pathfinder", lambda name: path)
    assert libraries.library("thing").answer() == 1


def test_nowhere_says_what_to_install(elsewhere: Path) -> None:
    with pytest.raises(DeviceError, match=r"found no libthing\.so of CUDA 13 or 12; install"):
        libraries.library("thing")


def test_a_finder_that_fails_is_no_finder() -> None:
    assert libraries._by_pathfinder("no such library") is None


def test_a_library_is_opened_once() -> None:
    try:
        first = libraries.library("cublasLt")
    except DeviceError:
        pytest.skip("cuBLASLt is not installed")
    assert isinstance(first, ctypes.CDLL) and libraries.library("cublasLt") is first
