"""Where files are kept that can be made or fetched again.

What is built here, such as a library, is found again under its name. Its checksum stands behind it
in the same file: one that is damaged is built again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

CACHE = "MINIGRAD_CACHE"
DIGEST = hashlib.sha256().digest_size


def cache_folder() -> Path:
    """The folder of downloads and compiled kernels: MINIGRAD_CACHE, or the platform's own cache
    folder."""
    named = os.environ.get(CACHE)
    if named:
        return Path(named).expanduser()
    try:
        from pooch import os_cache
    except ImportError:
        return Path.home() / ".cache" / "minigrad"
    return Path(os_cache("minigrad"))


def built(kind: str, name: str, make: Callable[[Path], None]) -> Path:
    """The file of that name in the cache's folder ``kind``. Where it is not there whole,
    ``make(path)`` writes it: beside its place, and it is moved there at once.

    Errors: OSError where the folder cannot be written, and where others may write there: what lies
    in it is run.
    """
    folder = cache_folder() / kind
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.stat()
    if os.name == "posix" and (facts.st_uid != os.getuid() or facts.st_mode & 0o022):
        raise PermissionError(f"cache: {folder} can be written by others; remove it")
    path = folder / name
    if not _whole(path):
        with tempfile.TemporaryDirectory(dir=folder) as beside:
            made = Path(beside) / name
            make(made)
            with made.open("r+b") as file:
                digest = hashlib.sha256(file.read()).digest()
                file.write(digest)
            os.replace(made, path)
    return path


def content(path: Path) -> bytes:
    """What was written into a file that `built` keeps."""
    return path.read_bytes()[:-DIGEST]


def _whole(path: Path) -> bool:
    """Whether the file is there and ends with the checksum of what stands before."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return False
    return hashlib.sha256(data[:-DIGEST]).digest() == data[-DIGEST:]
