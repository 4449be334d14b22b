"""Compiled steps where C cannot be compiled: the same numbers, by NumPy."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import Any

import pytest

import minigrad
from minigrad.compiler.targets.cpu import generated
from minigrad.native.compiler import Unavailable
from minigrad.native.library import enabled, plainly


def refuses(source: str) -> Any:
    raise RuntimeError("native: cc refused the source")


def gone(source: str) -> Any:
    raise Unavailable("no C compiler (cc, gcc, clang) is found in PATH")


@pytest.mark.skipif(not enabled(), reason="no C compiler")
@pytest.mark.parametrize("load", [refuses, gone], ids=["error", "gone"])
def test_numpy_takes_over(monkeypatch: Any, load: Any) -> None:
    monkeypatch.setattr(generated, "load", load)
    step = minigrad.compile(lambda x: (x * 2).tanh() + 1)
    x = minigrad.tensor([0.5, -1.0])
    with pytest.warns(RuntimeWarning, match=r"is replayed by NumPy"):
        first = step(x)
    assert first.tolist() == step(x).tolist() == ((x * 2).tanh() + 1).tolist()
    assert step.path == "numpy"


def test_no_kernels_where_they_are_switched_off() -> None:
    with plainly():
        step = minigrad.compile(lambda x: (x * 2).tanh() + 1)
        x = minigrad.tensor([0.5, -1.0])
        assert step(x).tolist() == ((x * 2).tanh() + 1).tolist()
        assert step.path == "numpy"


@pytest.mark.skipif(not enabled(), reason="no C compiler")
def test_numpy_takes_over_where_a_group_of_kernels_cannot_be_built() -> None:
    """After the runtime was: the compiler is gone meanwhile, or the disk is full."""
    program = """
        import minigrad
        from minigrad.native import compiler, library
        assert library.enabled()
        def gone(*sources):
            raise compiler.Unavailable("the disk is full")
        library.load = gone
        x = minigrad.arange(1000.0).reshape(5, 200)
        print(round(x.softmax(-1).sum().item()), library.enabled())
        step = minigrad.compile(lambda x: x.softmax(-1).sum())
        print(round(step(x).item()), round(step(x).item()), step.path)
    """
    asked = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert done.stdout == "5 False\n5 5 numpy\n"
    assert done.stderr.count("only NumPy computes: the disk is full") == 1
