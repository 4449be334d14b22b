"""The GPU half of the test suite, and how many of its tests passed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ENDS = ("passed", "failed", "error", "errors", "skipped", "deselected", "xfailed", "xpassed")


def finding(seconds: float, where: str = "tests") -> dict[str, Any]:
    """Run ``pytest -m gpu``: the counts, its exit code (None where there are no tests: an installed
    package has none), and the names of what failed. ``complete``: whether the time was enough."""
    if not (ROOT / where).exists():
        return {"complete": True, "code": None, "counts": {}, "failed": []}
    command = [sys.executable, "-m", "pytest", "-m", "gpu", "-q", "-p", "no:cacheprovider", where]
    try:
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        said = error.stdout or b""
        text = said.decode(errors="replace") if isinstance(said, bytes) else said
        return {"complete": False, "code": None, "counts": {}, "failed": _failed(text)}
    return {
        "complete": True,
        "code": ran.returncode,
        "counts": counts(ran.stdout),
        "failed": _failed(ran.stdout),
    }


def counts(text: str) -> dict[str, int]:
    """How many tests ended how, by the last line that pytest writes."""
    last = (text.strip().splitlines() or [""])[-1]
    found = re.findall(rf"(\d+) ({'|'.join(ENDS)})\b", last)
    return {word: int(number) for number, word in found}


def wrong(found: dict[str, Any]) -> list[str]:
    """What is wrong with the suite, in words; pytest's code 5 says that there was no test."""
    if found["failed"] or found["code"] not in (0, 5, None):
        names = ", ".join(found["failed"][:5]) or f"pytest ended with code {found['code']}"
        return [f"suite: {found['counts']}: {names}"]
    return []


def _failed(text: str) -> list[str]:
    return re.findall(r"^(?:FAILED|ERROR) (\S+)", text, re.MULTILINE)
