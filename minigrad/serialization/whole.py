"""A file that is written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from minigrad.serialization.draft import Draft, sweep

Part = bytes | bytearray | memoryview


def write_whole(
    path: str | os.PathLike[str], content: Part | Iterable[Part], caller: str = "save"
) -> None:
    """Put the content, in one part or in many, under the path: all of it or, if anything is
    raised or the process is killed, what was there before.

    It is written to a draft in the same folder, synced and renamed. A new file gets the mode that
    the umask leaves, another one keeps its mode and, where that may be, its owner; a link stays a
    link, and the file behind it is written. What is no regular file is not replaced: a device or a
    FIFO is written to, a folder, a socket or a disk refused. Drafts that killed writers have left
    in the folder are removed.
    Errors: OSError of the class that its number has (a folder that is missing or read-only, a
    read-only file, a full disk), with the path and the caller's name in it.
    """
    parts = [content] if isinstance(content, bytes | bytearray | memoryview) else content
    name = os.fspath(path)
    old = _found(name, caller)
    with _told(name, caller):
        if old is not None and not stat.S_ISREG(old.st_mode):
            with open(name, "wb", buffering=0) as file:
                for part in parts:
                    write_part(file, part)
            return
        goal = Path(os.path.realpath(name))
        sweep(goal.parent)
        with Draft(goal, old) as draft:
            for part in parts:
                write_part(draft.file, part)
            draft.take_place()


def write_part(file: Any, part: Part) -> None:
    """All of the part into an open file, whose writes may stop half-way."""
    left = memoryview(part).cast("B")
    while left.nbytes:
        count = file.write(left)
        left = left[len(left) if count is None else count :]


@contextmanager
def _told(name: str, caller: str) -> Iterator[None]:
    """Errors of the system name the path that was given, not the draft, and the caller."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, f"{caller}: {error.strerror}", name) from error


def _found(name: str, caller: str) -> os.stat_result | None:
    """What is at the path, links followed; None where nothing is. Errors: OSError for what can be
    neither replaced nor written to."""
    with _told(name, caller):
        try:
            facts = os.stat(name)
        except FileNotFoundError:
            return None
    kind = stat.S_IFMT(facts.st_mode)
    if kind == stat.S_IFDIR:
        told = f"{caller}: it is a folder; expected the name of a file"
        raise IsADirectoryError(errno.EISDIR, told, name)
    if kind in (stat.S_IFSOCK, stat.S_IFBLK):
        what = "a socket" if kind == stat.S_IFSOCK else "a disk"
        raise OSError(errno.EINVAL, f"{caller}: it is {what}; expected the name of a file", name)
    if not os.access(name, os.W_OK):
        raise PermissionError(errno.EACCES, f"{caller}: it is write-protected", name)
    return facts
