"""What kernels are built with here. CI sets MINIGRAD_REQUIRE_SHIM=1: then nothing is left out."""

from __future__ import annotations

import os

import pytest
from paper import ADD, TAKE, Paper

from minigrad.compiler.targets.cuda.device import host
from minigrad.compiler.targets.cuda.device.hardware import Hardware
from minigrad.compiler.targets.cuda.device.libraries import library
from minigrad.errors import DeviceError


def missing(what: str) -> None:
    message = f"no {what} here"
    if os.environ.get("MINIGRAD_REQUIRE_SHIM"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def gxx() -> None:
    """A compiler that builds kernels for the CPU."""
    if host.compiler() is None:
        missing("g++")


@pytest.fixture(scope="session")
def nvrtc() -> None:
    """The compiler that builds them for a GPU."""
    try:
        library("nvrtc")
    except DeviceError:
        missing("NVRTC")


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> Paper:
    """A GPU on paper."""
    return Paper(monkeypatch)


@pytest.fixture
def target(paper: Paper) -> Hardware:
    """It as a target, with two kernels loaded."""
    made = Hardware(paper.xp, 0)
    made.load([ADD, TAKE])
    paper.done.clear()
    return made
