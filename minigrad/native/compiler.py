"""C source becomes a library: built once and kept in the cache folder.

A library is stored under the hash of its source, the flags and what the compiler says of itself and
of this processor, so another compiler or another machine never meets it.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
from functools import lru_cache
from pathlib import Path

from minigrad.cache import built
from minigrad.native.process import run, together

COMPILERS = ("cc", "gcc", "clang")
# No -ffast-math: nan and inf are results. Only errno and trapping are given up, which nobody reads.
FLAGS = (
    "-O3 -march=native -ffp-contract=fast -fno-math-errno -fno-trapping-math -fopenmp-simd "
    "-fPIC -shared -pthread"
).split()


PATIENCE = 120.0
"""Seconds that a compiler has for a source; for a word about itself it has a tenth."""


class Unavailable(RuntimeError):
    """Here no kernels in C can be had; the text says why."""


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


def load(*sources: str) -> ctypes.CDLL:
    """The library of these C sources, its names open to those loaded later. Several are compiled at
    the same time.

    Errors: Unavailable where there is no compiler, where it does not come to an end, and where the
    cache folder cannot be used; RuntimeError with the compiler's words for a source that does not
    compile.
    """
    found = compiler()
    if found is None:
        where = f"no C compiler ({', '.join(COMPILERS)}) is found in PATH"
        raise Unavailable(where if os.name == "posix" else "kernels in C are built on POSIX only")
    command, facts = found
    texts = [source.encode() for source in sources]
    name = hashlib.sha256(b"\0".join([*texts, " ".join(FLAGS).encode(), facts]))
    file = f"{name.hexdigest()[:32]}.so"
    try:
        path = built("native", file, lambda path: _build(command, texts, path))
    except OSError as error:
        raise Unavailable(f"the library cannot be built or kept: {error}") from error
    try:
        return ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        raise Unavailable(
            f"what was built cannot be loaded: {error}; if programs may not be run from that "
            "folder, set MINIGRAD_CACHE to another one"
        ) from error


_too_slow: set[str] = set()
"""Compilers that did not come to an end once: nobody waits for them again."""


def _build(command: str, texts: list[bytes], path: Path) -> None:
    if command in _too_slow:
        raise TimeoutError(f"{command} did not come to an end before")
    files = [str(path.with_name(f"source{i}.c")) for i in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        Path(file).write_bytes(text)
    if len(files) > 1:
        _compile([[command, *FLAGS, "-c", "-o", f"{file}.o", file] for file in files], path.parent)
        files = [f"{file}.o" for file in files]
    _compile([[command, *FLAGS, "-o", str(path), *files, "-lm"]], path.parent)


def _compile(asked: list[list[str]], folder: Path) -> None:
    """Run the compiler, for several texts at the same time."""
    command = asked[0][0]
    try:
        done = together(asked, PATIENCE, folder=folder)
    except TimeoutError:
        _too_slow.add(command)
        raise
    for status, _, said in done:
        if status:
            raise RuntimeError(f"native: {command} refused the source:\n{said}")


def _output(command: list[str]) -> bytes | None:
    try:
        status, told, _ = run(command, PATIENCE / 10)
    except OSError:
        return None
    return told if not status else None
