"""Programs that are run to the end, or given up with all that they have started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path


def run(
    command: list[str], patience: float, *, text: str = "", folder: Path | None = None
) -> tuple[int, bytes, str]:
    """The program's exit status, and what it wrote to stdout and to stderr. It is given the text
    on stdin; its language is English, and its temporary files lie in ``folder``.

    Errors: TimeoutError where it goes on for more than ``patience`` seconds; OSError where it
    cannot be run.
    """
    env = {**os.environ, "LC_ALL": "C"}
    if folder is not None:
        env["TMPDIR"] = str(folder)
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        process_group=0 if os.name == "posix" else None,
    )
    try:
        told, said = process.communicate(text.encode(), timeout=patience)
    except subprocess.TimeoutExpired as error:
        _end(process)
        told_as = f"{Path(command[0]).name} did not come to an end within {patience:.0f} s"
        raise TimeoutError(told_as) from error
    except BaseException:  # Ctrl-C does not reach it by itself
        _end(process)
        raise
    return process.returncode, told, said.decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and those that it has started, which would hold on to its output."""
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.communicate()
