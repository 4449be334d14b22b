"""Drafts: what is written beside a file before it takes the file's place.

A draft is locked by its writer for as long as that lives, by the system's own lock, which ends with
the process however it ends. So a draft that nobody holds was left by a writer that was killed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from minigrad.locks import taken

FIRST, LAST = ".minigrad-", ".tmp"
"""How the name of every draft begins and ends."""
SHOWN = 24
"""Letters of the file's name that its drafts show: with them a name is never too long."""
OLD = 24 * 3600.0
"""Seconds after which a draft is given up, where the file system has no locks to tell by."""


class Draft:
    """A new file beside ``goal``, which is removed at the end of the block unless it took the
    goal's place. ``old`` is what is known of the file that is there.

    Attributes:
        file: open for writing, without a buffer.
    """

    def __init__(self, goal: Path, old: os.stat_result | None) -> None:
        self.goal = goal
        while True:
            self.path = goal.with_name(_name(goal.name))
            # A file that others may not read is not open to them while it grows.
            mode = 0o666 if old is None else 0o600
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            self.file: Any = os.fdopen(os.open(self.path, flags, mode), "wb", buffering=0)
            taken(self.file.fileno())
            if os.fstat(self.file.fileno()).st_nlink:  # else swept away before it was locked
                break
            self.file.close()
        try:
            if old is not None:
                self._like(old)
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise

    def _like(self, old: os.stat_result) -> None:
        """Take over the owner, as far as that may be, and the mode."""
        if not hasattr(os, "fchown"):
            return
        descriptor = self.file.fileno()
        own = os.fstat(descriptor)
        for owner, group in ((old.st_uid, -1), (-1, old.st_gid)):
            if (owner, group) not in ((own.st_uid, -1), (-1, own.st_gid)):
                try:
                    os.fchown(descriptor, owner, group)
                except PermissionError:
                    pass
        os.fchmod(descriptor, stat.S_IMODE(old.st_mode) & 0o777)

    def take_place(self) -> None:
        """Be the file from now on, also after a loss of power."""
        os.fsync(self.file.fileno())
        if os.name == "nt":
            self.file.close()  # an open file cannot be renamed there
        os.replace(self.path, self.goal)
        _sync_folder(self.goal.parent)

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is not None:
            self.path.unlink(missing_ok=True)
        self.file.close()


def sweep(folder: Path) -> None:
    """Remove the drafts that killed writers have left in the folder, whatever file they were of."""
    for path in _drafts(folder):
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            try:
                facts = os.fstat(descriptor)
                if not stat.S_ISREG(facts.st_mode):
                    continue
                alone = taken(descriptor)
                if alone or (alone is None and time.time() - facts.st_mtime > OLD):
                    path.unlink()
            finally:
                os.close(descriptor)
        except OSError:  # gone meanwhile, or somebody else's
            continue


def _drafts(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            names = [each.name for each in found if each.name.startswith(FIRST)]
    except OSError:  # it may be written to but not listed
        return
    yield from (folder / name for name in names if name.endswith(LAST))


def _name(name: str) -> str:
    """One for a draft of the file of that name."""
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    shown = name[:SHOWN].lstrip(".")
    return f"{FIRST}{shown}-{digest}-{os.urandom(6).hex()}{LAST}"


def _sync_folder(folder: Path) -> None:
    """Make the renaming itself last. Windows has no such call on folders, nor have some file
    systems; and a folder may be written to that cannot be opened for reading."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EROFS, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)
