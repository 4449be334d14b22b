"""Locks between processes, by files. They end with the process that has them, however it ends."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

BREATH = 0.05
"""Seconds between two tries."""


def taken(descriptor: int, shared: bool = False) -> bool | None:
    """Lock an open file, for this process alone or, ``shared``, for all that ask so; whether it
    could be had at once. None where there are no locks, as on Windows or on some file systems."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


class Lock:
    """A block that one process is in at a time: the one that has locked the file, which is gone
    afterwards. Where there are no locks, nobody waits.

    ``patience``: how many seconds to wait for others. Errors: TimeoutError; OSError where the file
    cannot be made.
    """

    def __init__(self, path: Path, patience: float) -> None:
        self.path, self.patience = path, patience
        self._descriptor = -1

    def __enter__(self) -> Lock:
        end = time.monotonic() + self.patience
        while True:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            self._descriptor = os.open(self.path, flags, 0o600)
            try:
                if taken(self._descriptor) is not False:
                    if self._is_there():
                        return self
                elif time.monotonic() >= end:
                    told = f"another process has held it for {self.patience:.0f} s"
                    raise TimeoutError(errno.ETIMEDOUT, told, str(self.path))
                else:
                    time.sleep(BREATH)
            except BaseException:
                os.close(self._descriptor)
                raise
            os.close(self._descriptor)

    def __exit__(self, *_: Any) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def _is_there(self) -> bool:
        """Whether what was locked is still the file of that name: who had it before has removed
        it."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), os.stat(self.path))
        except FileNotFoundError:
            return False
