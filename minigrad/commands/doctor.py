"""``doctor``: what this machine offers, and whether minigrad computes rightly on it; with a file,
what is wrong with that training script."""

from __future__ import annotations

import argparse
import ctypes
import io
import json
import os
import platform
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import numpy as np

import minigrad
from minigrad import nn
from minigrad.cache import cache_folder
from minigrad.commands.tables import show
from minigrad.compiler.targets.cuda.device import blaslt, nvrtc
from minigrad.datasets import MNIST, Diabetes, FashionMNIST
from minigrad.device import cupy
from minigrad.diagnosis import examine
from minigrad.gradcheck import gradcheck
from minigrad.native.compiler import compiler
from minigrad.native.library import enabled
from minigrad.serialization.whole import write_whole
from minigrad.threads import get_num_threads, openblas
from minigrad.training.report import version

_NO_TORCH = "not installed; compare, in a checkout, needs it: the extra 'reference'"


def add_to(verbs: Any) -> None:
    """Make the verb known."""
    verb = verbs.add_parser(
        "doctor",
        help="check this machine, or a training script",
        description=(
            "Without FILE show what is installed and where data is found, and check some "
            "derivatives. With FILE run this training script, its loops cut short, and tell what "
            "is wrong with it; the exit code is 1 if anything is."
        ),
    )
    verb.add_argument("file", nargs="?", metavar="FILE", help="a training script to examine")
    verb.add_argument("--data", metavar="DIR", help="look for data here")
    verb.add_argument("--json", metavar="OUT", help="write the findings of FILE here as well")
    verb.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Print the findings; 0, or 1 where there are any, or where a derivative is wrong."""
    if asked.file is not None:
        return _script(asked)
    if asked.json is not None:
        raise ValueError("--json goes with a FILE; of the machine nothing is written")
    healthy, gradients = _gradients()
    rows = [
        ("Python", platform.python_version()),
        ("NumPy", f"{np.__version__}, {_blas()}"),
        ("C compiler", _compiler()),
        ("cores", str(os.cpu_count())),
        ("GPU", _gpu()),
        ("CuPy", _cupy()),
        ("NVRTC", _library(nvrtc.version)),
        ("cuBLASLt", _library(blaslt.version)),
        ("PyTorch", version("torch") or _NO_TORCH),
        *((name, _found(name, asked.data)) for name in ("MNIST", "FashionMNIST", "Diabetes")),
        ("cache", str(cache_folder())),
        ("derivatives", gradients),
    ]
    show("minigrad on this machine", ("what", "found"), rows)
    return 0 if healthy else 1


def _script(asked: argparse.Namespace) -> int:
    """Examine a training script. What it prints goes through; the findings come after it."""
    if not Path(asked.file).is_file():
        raise ValueError(f"there is no file {asked.file}")
    try:
        report = examine(asked.file)
    except SyntaxError as error:
        traceback.print_exception(error, limit=0)
        return 1
    if asked.json is not None:
        write_whole(asked.json, (json.dumps(list(report), indent=2) + "\n").encode(), "--json")
    if report.error is not None:
        traceback.print_exception(report.error)
    elif report.empty and not report:
        print(
            "(nothing of minigrad was seen. A script of PyTorch's is examined with its imports "
            "changed: import minigrad as torch)",
            file=sys.stderr,
        )
    if report.cut:
        print(f"(loops were cut short: {report.steps} steps were seen)", file=sys.stderr)
    for failed in report.failed:
        print(f"(a check could not be made: {failed})", file=sys.stderr)
    print(report)
    return 1 if report or report.error is not None else 0


def _blas() -> str:
    blas: Any = np.show_config(mode="dicts")
    found = blas.get("Build Dependencies", {}).get("blas", {})
    told = f"BLAS {found.get('name', 'unknown')} {found.get('version', '')}".strip()
    core = openblas("openblas_get_corename")
    if core is None:
        return told
    core.restype = ctypes.c_char_p
    told += f", {core().decode()} kernels, {_threads(get_num_threads())}"
    if "OPENBLAS_CORETYPE" in os.environ:  # it may be half as fast as what the processor can
        told += " (chosen by OPENBLAS_CORETYPE)"
    return told


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _compiler() -> str:
    found = compiler()
    if found is None:
        return "none: NumPy computes everything, compiled steps as well"
    return f"{found[0]}, " + ("kernels built" if enabled() else "but no kernels: see above")


def _gpu() -> str:
    try:
        xp = cupy()
    except RuntimeError as error:
        return str(error)
    runtime = xp.cuda.runtime
    names = []
    for i in range(runtime.getDeviceCount()):
        facts = runtime.getDeviceProperties(i)
        size = facts["totalGlobalMem"] / 2**30
        kind = f"compute capability {facts['major']}.{facts['minor']}"
        names.append(f"{facts['name'].decode()} ({size:.0f} GiB, {kind})")
    driver = runtime.driverGetVersion()
    return f"{', '.join(names)}; its driver serves CUDA up to {driver // 1000}.{driver // 10 % 100}"


def _cupy() -> str:
    names = ("cupy-cuda13x", "cupy-cuda12x", "cupy")
    found = [f"{number} ({name})" for name in names if (number := version(name))]
    return ", ".join(found) or "not installed (a GPU needs it: the extra 'cuda12' or 'cuda13')"


def _library(number: Callable[[], tuple[int, ...]]) -> str:
    """The version of a library that compiled steps on a GPU use."""
    try:
        return ".".join(map(str, number()))
    except RuntimeError as error:
        return str(error)


def _found(name: str, root: str | None) -> str:
    readers: dict[str, Callable[[], Any]] = {
        "MNIST": lambda: MNIST(root).source,
        "FashionMNIST": lambda: FashionMNIST(root).source,
        "Diabetes": lambda: Diabetes(root).path,
    }
    with redirect_stderr(io.StringIO()):
        try:
            return str(readers[name]())
        except (OSError, RuntimeError, ValueError) as error:
            return str(error)


def _gradients() -> tuple[bool, str]:
    """The gradients of a small convolutional network against numeric ones, in float64."""
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(), nn.FullConnection(8, 3)
    ).double()
    x = minigrad.randn(2, 1, 6, 6, dtype=minigrad.float64, requires_grad=True)
    try:
        gradcheck(model, (x,))
    except Exception as error:  # whatever it is, it is the finding
        return False, f"wrong: {error}"
    return True, "right, against numeric ones in float64"
