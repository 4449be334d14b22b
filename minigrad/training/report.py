"""What a run was: settings, versions, machine and numbers, as JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from minigrad.errors import FileFormatError
from minigrad.serialization.whole import write_whole

PACKAGES = ("numpy", "cupy", "torch", "safetensors")


def surroundings() -> dict[str, Any]:
    """Versions, commit and machine."""
    return {
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := version(name))},
        "commit": commit(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "command": " ".join(["python -m minigrad", *sys.argv[1:]]),
    }


def version(package: str) -> str | None:
    """The version of an installed package, found without importing it."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def commit() -> str | None:
    """The commit of the checkout that runs, with a + where it was changed since."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return None
    try:
        named = subprocess.run(
            [
                "git",
                "-C",
                str(root),
                "describe",
                "--always",
                "--abbrev=40",
                "--dirty=+",
                "--exclude=*",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return named.stdout.strip()


def read_json(path: Path) -> dict[str, Any]:
    """A report that `write_json` wrote. Errors: OSError; FileFormatError, naming the file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"{path}: expected a report in JSON, got: {error}") from error
    if not isinstance(found, dict):
        raise FileFormatError(f"{path}: expected a report, got a {type(found).__name__}")
    return found


def write_json(report: dict[str, Any], path: Path) -> None:
    """The report, readable by people as well, in a file that is there whole or not at all; its
    folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (json.dumps(report, indent=1) + "\n").encode(), "--json")
