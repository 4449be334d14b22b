"""The GPU, its driver, and the version of everything that computes."""

from __future__ import annotations

import importlib
import platform
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from benchmarks.gpu.part import Asked
from benchmarks.machine import machine
from minigrad.compiler.targets.cuda import tuning
from minigrad.device import device
from minigrad.training.report import version

QUERIED = (
    "name", "driver_version", "clocks.sm", "clocks.mem", "power.draw", "temperature.gpu",
    "memory.total", "memory.used",
)  # fmt: skip
"""What nvidia-smi is asked for. Nothing is ever set."""
BINDINGS = "minigrad.compiler.targets.cuda.device"


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """One finding: the machine."""
    yield {
        "section": "machine",
        **machine(asked.device),
        **({"gpu": None} if asked.dry else _gpu()),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            **_versions(asked.dry),
        },
    }


def clocks() -> dict[str, str] | None:
    """What nvidia-smi says now; None where there is none."""
    command = ["nvidia-smi", f"--query-gpu={','.join(QUERIED)}", "--format=csv,noheader"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    first = found.stdout.splitlines()[0]
    return dict(zip(QUERIED, map(str.strip, first.split(",")), strict=True))


def _gpu() -> dict[str, Any]:
    from minigrad.compiler.targets.cuda.device.hardware import gpu as target

    facts = target(device("cuda")).facts()
    table = tuning.table(str(facts["gpu"]))
    tuned = {"tuned products": len(table.products), "limits": asdict(table.limits)}
    return {**facts, **tuned}


def _versions(dry: bool) -> dict[str, Any]:
    """By library; None where it is not installed. A dry run does not ask what PyTorch was built
    for."""
    asked: dict[str, Callable[[], Any]] = {
        "cupy": lambda: importlib.import_module("cupy").__version__,
        "cuda runtime": lambda: importlib.import_module("cupy").cuda.runtime.runtimeGetVersion(),
        "nvrtc": lambda: _dotted(importlib.import_module(f"{BINDINGS}.nvrtc").version()),
        "cublasLt": lambda: _dotted(importlib.import_module(f"{BINDINGS}.blaslt").version()),
        "torch": lambda: importlib.import_module("torch").__version__,
        "torch cuda": lambda: importlib.import_module("torch").version.cuda,
        "cudnn": lambda: importlib.import_module("torch").backends.cudnn.version(),
    }
    found = {"minigrad": importlib.import_module("minigrad").__version__}
    if dry:
        asked = {name: ask for name, ask in asked.items() if name not in ("torch cuda", "cudnn")}
        asked["torch"] = lambda: version("torch")
    for name, ask in asked.items():
        try:
            found[name] = ask()
        except (ImportError, RuntimeError, AttributeError):
            found[name] = None
    return {**found, "triton": version("triton")}


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
