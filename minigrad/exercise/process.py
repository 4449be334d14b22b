"""A student's file, judged in a process of its own, with a limit of time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from minigrad.exercise.answers import judge_source
from minigrad.exercise.exercise import Exercise, Verdict
from minigrad.serialization.whole import write_whole

LIMIT = 20.0
"""Seconds, unless another limit is given."""


def judged(exercise: Exercise, path: Path, limit: float = LIMIT, quiet: bool = False) -> Verdict:
    """The verdict on a file. What the file prints goes to the terminal, with ``quiet`` to stderr.

    The file is run with the rights of who runs it; what it is asked cannot hang or end the grader.
    Errors: OSError for a file that is not there.
    """
    path.read_bytes()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "verdict.json"
        command = [sys.executable, "-m", "minigrad.exercise.process"]
        root = str(Path(__file__).parents[2])
        before = os.environ.get("PYTHONPATH", "")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, before]))}
        done = None
        try:
            done = subprocess.run(
                [*command, exercise.name, str(path), str(out)],
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno() if quiet else None,
                env=environment,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            verdict = Verdict(
                exercise.name,
                False,
                "time",
                f"it is not done after {limit:g} seconds: is there a loop without an end?",
            )
        else:
            verdict = _read(exercise, out, done.returncode)
    verdict.seconds = time.perf_counter() - begun
    return verdict


def _read(exercise: Exercise, out: Path, code: int) -> Verdict:
    try:
        told: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return Verdict(**told)
    except (OSError, ValueError, TypeError):
        return Verdict(
            exercise.name,
            False,
            "ended",
            f"it ends the whole program (code {code}) before it could be checked",
        )


def main(arguments: list[str]) -> int:
    """What the process of its own does: NAME FILE OUT."""
    from minigrad.exercise.book import EXERCISES

    name, path, out = arguments
    file = Path(path)
    try:
        source = file.read_text(encoding="utf-8")
    except ValueError:
        verdict = Verdict(name, False, "syntax", "it is no text in UTF-8")
    else:
        sys.path.insert(0, str(file.parent.resolve()))
        verdict = judge_source(EXERCISES[name], source, str(file))
    with suppress(AttributeError, OSError, ValueError):  # the file may have closed or replaced it
        sys.stdout.flush()
    write_whole(out, json.dumps(verdict.to_dict()).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
