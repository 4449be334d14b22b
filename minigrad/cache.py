"""Where files are kept that can be made or fetched again.

What is built here, such as a library, is found again under its name. Its checksum stands behind it
in the same file: one that is damaged is built again. One process builds it, and the others wait.
What was not used for longest goes when a folder outgrows its limit.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from minigrad.bars import working
from minigrad.locks import Lock, taken
from minigrad.safety import check_folder

CACHE = "MINIGRAD_CACHE"
DIGEST = hashlib.sha256().digest_size
LIMIT = 64 * 2**20
"""Bytes that the files of one kind may have together."""
PATIENCE = 300.0
"""Seconds that another process is given to build what is needed here."""
KINDS = {"native": "in C", "host": "for the simulated GPU", "cubin": "for the GPU"}
"""What is built, by its folder, in words for those who wait."""
HELD = 64
"""So many of the files that this process used last are held: no other process removes them."""


def cache_folder() -> Path:
    """The folder of downloads and compiled kernels: MINIGRAD_CACHE, or the platform's own cache
    folder."""
    named = os.environ.get(CACHE)
    if named:
        return Path(named).expanduser()
    try:
        from pooch import os_cache
    except ImportError:
        return Path("~/.cache/minigrad").expanduser()
    return Path(os_cache("minigrad"))


def built(kind: str, name: str, make: Callable[[Path], None]) -> Path:
    """The file of that name in the cache's folder ``kind``. Where it is not there whole,
    ``make(path)`` writes it: beside its place, and it is moved there at once.

    The file stays where it is for as long as it is among those that this process used last.
    Errors: OSError where the folder cannot be written to, where others may write there or above
    (what lies in it is run), where what has the name is no regular file, and TimeoutError where
    another process builds it without end. What ``make`` raises.
    """
    folder = _place() / kind
    _made(folder)
    check_folder(folder)
    path = folder / name
    if not _used(path):
        told = f"building kernels {KINDS.get(kind, kind)}, once"
        with working(told), Lock(folder / f".{name}.lock", PATIENCE):
            if not _used(path):  # nobody else has built it meanwhile
                _build(path, make)
                _trim(folder)
    return path


def content(path: Path) -> bytes:
    """What was written into a file that `built` keeps."""
    return path.read_bytes()[:-DIGEST]


def _place() -> Path:
    """The cache's folder, where it has a place. Errors: FileNotFoundError."""
    with contextlib.suppress(RuntimeError):  # the home of a user that nobody knows
        folder = cache_folder()
        if folder.is_absolute() or os.environ.get(CACHE):
            return folder.absolute()
    raise FileNotFoundError(errno.ENOENT, f"cache: there is no home folder; set {CACHE}", "~")


def _made(folder: Path) -> None:
    """Make the folder and those above it, for this user alone. Errors: OSError."""
    missing = [p for p in (folder, *folder.parents) if not p.is_dir()]
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):
            each.mkdir(mode=0o700)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "cache: it is no folder", str(folder))


_held: deque[tuple[Path, int]] = deque()
_holding = threading.Lock()


def _used(path: Path) -> bool:
    """Whether the file is there and ends with the checksum of what stands before; it is then held,
    and is the one that was used last. Errors: OSError for what is no regular file."""
    descriptor = _opened(path)
    if descriptor is None:
        return False
    kept = False
    try:
        taken(descriptor, shared=True)
        if not os.fstat(descriptor).st_nlink:  # trimmed away before it was held
            return False
        with os.fdopen(os.dup(descriptor), "rb") as file:
            data = file.read(LIMIT + 1)
        if hashlib.sha256(data[:-DIGEST]).digest() != data[-DIGEST:]:
            return False
        with contextlib.suppress(OSError):
            os.utime(descriptor if os.utime in os.supports_fd else path)
        kept = True
    finally:
        if not kept:
            os.close(descriptor)
    _hold(path, descriptor)
    return True


def _hold(path: Path, descriptor: int) -> None:
    with _holding:
        for each in [each for each in _held if each[0] == path]:
            _held.remove(each)
            os.close(each[1])
        _held.append((path, descriptor))
        if len(_held) > HELD:
            os.close(_held.popleft()[1])


def _opened(path: Path) -> int | None:
    """The file, open for reading; None where there is none. Errors: OSError for what is no regular
    file, a link to one included: it may lead anywhere."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        facts = os.lstat(path)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "cache: it is no regular file; remove it", str(path))
        return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return None


def _build(path: Path, make: Callable[[Path], None]) -> None:
    """Make the file in a folder of its own, add its checksum and move it to its place."""
    for left in path.parent.glob(f".{path.name}.*.draft"):  # of builders that were killed
        shutil.rmtree(left, ignore_errors=True)
    beside = path.parent / f".{path.name}.{os.urandom(4).hex()}.draft"
    beside.mkdir(mode=0o700)
    try:
        draft = beside / path.name
        make(draft)
        with draft.open("r+b") as file:
            digest = hashlib.sha256(file.read()).digest()
            file.write(digest)
        os.replace(draft, path)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    if not _used(path):
        raise OSError(errno.EIO, "cache: what was built cannot be read again", str(path))


def _trim(folder: Path) -> None:
    """Remove what was not used for longest, until the rest is within the limit; nothing that a
    process holds. What killed builders have left goes as well."""
    files: list[tuple[float, int, Path]] = []
    for each in _entries(folder):
        with contextlib.suppress(OSError):
            facts = each.stat(follow_symlinks=False)
            path = folder / each.name
            if each.name.endswith(".draft") and stat.S_ISDIR(facts.st_mode):
                _remove_draft(path)
            elif each.name.endswith(".lock"):
                _removed(path)
            elif stat.S_ISREG(facts.st_mode):
                files.append((facts.st_mtime, facts.st_size, path))
    size = sum(length for _, length, _ in files)
    for _, length, path in sorted(files):
        if size <= LIMIT:
            break
        if _removed(path):
            size -= length


def _entries(folder: Path) -> Iterator[Any]:
    try:
        with os.scandir(folder) as found:
            yield from found
    except OSError:
        return


def _removed(path: Path) -> bool:
    """Whether nobody held the file, which is gone then."""
    with contextlib.suppress(OSError):
        descriptor = _opened(path)
        if descriptor is None:
            return True
        try:
            if taken(descriptor):
                path.unlink()
                return True
        finally:
            os.close(descriptor)
    return False


def _remove_draft(path: Path) -> None:
    """Remove a draft whose builder is dead: nobody holds the lock that it was made under."""
    name = path.name[1:].rsplit(".", 2)[0]
    with contextlib.suppress(OSError), Lock(path.parent / f".{name}.lock", 0):
        shutil.rmtree(path, ignore_errors=True)
