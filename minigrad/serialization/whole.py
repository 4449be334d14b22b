"""A file that is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: str | os.PathLike[str], caller: str = "save") -> Iterator[Path]:
    """A draft beside the path, to be written in the block; then it takes the path's place.

    Until then what was there stays there, and if anything is raised it stays for good and the
    draft is removed. Errors: OSError (a folder that is missing or read-only, a full disk),
    IsADirectoryError that names the caller.
    """
    goal = Path(path).resolve()  # the file behind a link, not the link, is replaced
    if goal.is_dir():
        raise IsADirectoryError(f"{caller}: {path} is a folder; expected the name of a file")
    draft = goal.with_name(f".{goal.name}.{os.urandom(6).hex()}.tmp")
    try:
        with draft.open("xb"):  # the folder's own complaint, if there is one
            pass
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(draft, goal)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(goal.parent)


def _sync_folder(folder: Path) -> None:
    """Make the renaming itself last. Windows has no such call on folders."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
