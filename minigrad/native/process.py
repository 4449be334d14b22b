"""Programs that are run to the end, or given up with all that they have started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path


def run(
    command: list[str], patience: float, *, text: str = "", folder: Path | None = None
) -> tuple[int, bytes, str]:
    """The program's exit status, and what it wrote to stdout and to stderr. It is given the text
    on stdin; its language is English, and its temporary files lie in ``folder``.

    Errors: TimeoutError where it goes on for more than ``patience`` seconds; OSError where it
    cannot be run.
    """
    return together([command], patience, text=text, folder=folder)[0]


def together(
    commands: list[list[str]], patience: float, *, text: str = "", folder: Path | None = None
) -> list[tuple[int, bytes, str]]:
    """The same for several programs, which go on at the same time."""
    env = {**os.environ, "LC_ALL": "C"}
    if folder is not None:
        env["TMPDIR"] = str(folder)
    started: list[subprocess.Popen[bytes]] = []
    found: list[tuple[int, bytes, str]] = []
    until = time.monotonic() + patience
    try:
        for command in commands:
            started.append(_started(command, env))
        for process in started:
            left = max(0.0, until - time.monotonic())
            told, said = process.communicate(text.encode(), timeout=left)
            found.append((process.returncode, told, said.decode(errors="replace")))
    except subprocess.TimeoutExpired as error:
        names = {Path(command[0]).name for command in commands}
        told_as = f"{', '.join(names)} did not come to an end within {patience:.0f} s"
        raise TimeoutError(told_as) from error
    finally:  # Ctrl-C does not reach them by itself
        for process in started[len(found) :]:
            _end(process)
    return found


def _started(command: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        process_group=0 if os.name == "posix" else None,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and those that it has started, which would hold on to its output."""
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.communicate()
