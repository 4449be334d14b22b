"""C source becomes a library: built once, kept in the cache folder, and None where that cannot be.

A library is stored under the hash of its source, the flags and what the compiler says of itself and
of this processor, so another compiler or another machine never meets it.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from minigrad.cache import built

COMPILERS = ("cc", "gcc", "clang")
# No -ffast-math: nan and inf are results. Only errno and trapping are given up, which nobody reads.
FLAGS = (
    "-O3 -march=native -ffp-contract=fast -fno-math-errno -fno-trapping-math -fopenmp-simd "
    "-fPIC -shared -pthread"
).split()


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
        file = f"{name.hexdigest()[:32]}.so"
        path = built("native", file, lambda path: _build(command, source, path))
        return ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return None


def _build(command: str, source: str, path: Path) -> None:
    text = path.with_name("source.c")
    text.write_text(source, encoding="utf-8")
    done = subprocess.run(
        [command, *FLAGS, "-o", str(path), str(text), "-lm"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"native: {command} refused the source:\n{done.stderr}")


def _output(command: list[str]) -> bytes | None:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout
