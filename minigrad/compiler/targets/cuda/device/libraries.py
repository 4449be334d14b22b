"""NVIDIA's shared libraries: where they are and how they are opened, whatever CUDA they are of."""

from __future__ import annotations

import ctypes
import importlib
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from minigrad.errors import DeviceError

MAJORS = (13, 12)
"""The releases of CUDA that are looked for, the newest first."""


@lru_cache
def library(name: str) -> ctypes.CDLL:
    """The library of that name, "nvrtc" or "cublasLt".

    It is looked for as CuPy looks for its own (cuda-pathfinder), then among the installed packages,
    then by the system's loader.

    Errors: DeviceError that says what to install, where it is nowhere.
    """
    for path in _places(name):
        try:
            return ctypes.CDLL(path)
        except OSError:
            continue
    raise DeviceError(
        f"cuda: found no lib{name}.so of CUDA {' or '.join(map(str, MAJORS))}; install minigrad's "
        "extra 'cuda13' or 'cuda12' and NVIDIA's toolkit (the package cuda-toolkit), or stay on "
        "the CPU"
    )


def _places(name: str) -> Iterator[str]:
    known = _by_pathfinder(name)
    if known is not None:
        yield known
    for major in MAJORS:
        for folder in sys.path:
            for path in sorted(Path(folder, "nvidia").glob(f"*/lib/lib{name}.so.{major}")):
                yield str(path)
    for major in MAJORS:
        yield f"lib{name}.so.{major}"


def _by_pathfinder(name: str) -> str | None:
    """Where NVIDIA's own finder, which CuPy brings along, has found it; None without."""
    try:
        finder = importlib.import_module("cuda.pathfinder")
        found = finder.load_nvidia_dynamic_lib(name).abs_path
    except (ImportError, RuntimeError):
        return None
    return None if found is None else str(found)
