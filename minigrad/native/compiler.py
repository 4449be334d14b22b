"""C source becomes a library: built once, kept in the cache folder, and None where that cannot be.

A library is stored under the hash of its source, the flags and what the compiler says of itself and
of this processor, so another compiler or another machine never meets it. Its own checksum stands
behind it in the same file: one that is damaged is built again.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from minigrad.cache import cache_folder

COMPILERS = ("cc", "gcc", "clang")
# No -ffast-math: nan and inf are results. Only errno and trapping are given up, which nobody reads.
FLAGS = (
    "-O3 -march=native -ffp-contract=fast -fno-math-errno -fno-trapping-math -fopenmp-simd "
    "-fPIC -shared -pthread"
).split()
DIGEST = hashlib.sha256().digest_size


@lru_cache(maxsize=1)
def compiler() -> tuple[str, bytes] | None:
    """The command of a C compiler and what it predefines here: its version and the processor's
    instructions. None where there is none."""
    for name in COMPILERS if os.name == "posix" else ():
        path = shutil.which(name)
        if path is None:
            continue
        made = _output([path, *FLAGS, "-dM", "-E", "-x", "c", os.devnull])
        if made is not None:
            return path, made
    return None


def load(source: str) -> ctypes.CDLL | None:
    """The library of this C source, its names open to those loaded later. None where there is no
    compiler or the folder cannot be written.

    Errors: RuntimeError with the compiler's words for a source that does not compile.
    """
    found = compiler()
    if found is None:
        return None
    command, facts = found
    name = hashlib.sha256(b"\0".join([source.encode(), " ".join(FLAGS).encode(), facts]))
    try:
        path = _folder() / f"{name.hexdigest()[:32]}.so"
        if not _whole(path):
            _build(command, source, path)
        return ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return None


def _folder() -> Path:
    """Where libraries are kept. Errors: OSError where others may write there: what lies in it is
    run."""
    folder = cache_folder() / "native"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.stat()
    if facts.st_uid != os.getuid() or facts.st_mode & 0o022:
        raise PermissionError(f"native: {folder} can be written by others; remove it")
    return folder


def _whole(path: Path) -> bool:
    """Whether the file is there and ends with the checksum of what stands before."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return False
    return hashlib.sha256(data[:-DIGEST]).digest() == data[-DIGEST:]


def _build(command: str, source: str, path: Path) -> None:
    """Compile beside the place, then move there at once, whole."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        text, made = Path(folder) / "source.c", Path(folder) / "library.so"
        text.write_text(source, encoding="utf-8")
        done = subprocess.run(
            [command, *FLAGS, "-o", str(made), str(text), "-lm"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"native: {command} refused the source:\n{done.stderr}")
        with made.open("r+b") as file:
            digest = hashlib.sha256(file.read()).digest()
            file.write(digest)
        os.replace(made, path)


def _output(command: list[str]) -> bytes | None:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout
