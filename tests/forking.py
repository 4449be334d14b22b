"""Processes by fork: what commands and scripts import is imported once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]

Done = subprocess.CompletedProcess[str]
Program = Callable[..., Done]


class Ready:
    """Asks the process of ``ready.py``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(
        self,
        folder: Path,
        environment: Mapping[str, str],
        arguments: Sequence[str] = (),
        code: str = "",
    ) -> Done:
        """``python -m minigrad`` with the arguments, or ``python -c code``, in that folder."""
        asking, answers = self._process.stdin, self._process.stdout
        assert asking is not None and answers is not None
        with TemporaryDirectory() as kept:
            said = [Path(kept) / "stdout", Path(kept) / "stderr"]
            asked = {
                "folder": str(folder),
                "environment": dict(environment),
                "arguments": list(arguments),
                "code": code,
                "stdout": str(said[0]),
                "stderr": str(said[1]),
            }
            asking.write(json.dumps(asked) + "\n")
            asking.flush()
            status = int(answers.readline())
            return subprocess.CompletedProcess(
                arguments, status, *(x.read_text("utf-8") for x in said)
            )


@contextmanager
def forking(*flags: str, **environment: str) -> Iterator[Ready | None]:
    """A process that forks for as long as this is entered, started with flags of Python; None where
    nothing can fork."""
    if not hasattr(os, "fork"):
        yield None
        return
    with subprocess.Popen(
        [sys.executable, *flags, str(Path(__file__).with_name("ready.py"))],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Ready(process)
