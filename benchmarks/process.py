"""A process that answers: JSON, a line a message, and all of it is gone at the end of a block."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self


class Process:
    """A module of this interpreter in a process of its own.

    It begins when it is made; ``with`` ends it, and all that it started.
    """

    def __init__(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, **(environment or {})},
            start_new_session=True,  # Ctrl-C reaches the parent alone, which ends the others
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def pid(self) -> int:
        return self._process.pid

    def say(self, line: str) -> None:
        """Send it a line; one that has ended tells why when it is next heard."""
        assert self._process.stdin is not None
        try:
            print(line, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            pass

    def hear(self, seconds: float | None = None) -> dict[str, Any]:
        """Its next message; ``{"failed": why}`` where it ended, with ``late`` beside it where it
        was ended because it said nothing for so many seconds, else with its exit ``code``."""
        assert self._process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            self.kill()

        timer = None if seconds is None else threading.Timer(max(0.0, seconds), stop)
        if timer is not None:
            timer.start()
        line = self._process.stdout.readline()
        if timer is not None:
            timer.cancel()
        if line:
            heard: dict[str, Any] = json.loads(line)
            return heard
        code = self._process.wait()
        if late.is_set():
            why = f"its process said nothing for {seconds:.0f} s and was ended"
            return {"failed": why, "late": True}
        why = f"its process ended with code {code}: {' '.join(self.errors()[-1:])}"
        return {"failed": why, "code": code}

    def errors(self) -> list[str]:
        """The lines that it wrote to its standard error so far."""
        self._errors.seek(0)
        return self._errors.read().strip().splitlines()

    def end(self) -> None:
        """End the process and all that it started."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self.kill()
        self._process.wait()
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        self._process.stdout.close()
        self._errors.close()

    def kill(self) -> None:
        """End it now; what it said before may still be heard."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def end_with_parent() -> None:
    """From now on this process is killed when the one dies that started it, however that one dies.
    (prctl(2), PR_SET_PDEATHSIG; on Linux only.)"""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
