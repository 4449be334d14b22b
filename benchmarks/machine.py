"""The machine: its processor, its BLAS, the settings that decide what runs."""

from __future__ import annotations

import importlib
import os
import platform
import subprocess
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

PREFIXES = ("OMP_", "OPENBLAS_", "GOTO_", "MKL_", "KMP_", "GOMP_", "MALLOC_", "XLA_FLAGS")
"""Of the variables that decide about threads, kernels and memory."""


class Blas(TypedDict):
    """What multiplies matrices: its name and version, the kernels it chose, its threads."""

    name: str
    core: str
    threads: int | None


def cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def numpy_blas() -> Blas:
    """NumPy's BLAS in this process; without threadpoolctl only what NumPy was built with."""
    try:
        pools = importlib.import_module("threadpoolctl").threadpool_info()
    except ModuleNotFoundError:
        pools = []
    for pool in pools:
        if pool["user_api"] == "blas" and "numpy" in pool["filepath"]:
            return {
                "name": f"{pool['internal_api']} {pool['version']}",
                "core": pool.get("architecture", ""),
                "threads": pool["num_threads"],
            }
    settings: Any = np.show_config(mode="dicts")
    built = settings.get("Build Dependencies", {}).get("blas", {})
    name = f"{built.get('name', 'unknown')} {built.get('version', '')}".strip()
    return {"name": name, "core": "", "threads": None}


def machine(device: str) -> dict[str, Any]:
    """Where the times are taken."""
    return {
        "processor": _processor(),
        "cores": cores(),
        "system": platform.system(),
        "device": device,
        "environment": {
            name: value for name, value in sorted(os.environ.items()) if name.startswith(PREFIXES)
        },
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def commit() -> str | None:
    """The commit of this checkout; None outside one."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()
