"""Kernels on the CPU: the same text built by g++, called on NumPy arrays.

For tests and for the simulated device, not for speed: see shim.h for what runs how.
"""

from __future__ import annotations

import ctypes
import hashlib
import re
import shutil
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from minigrad.cache import built
from minigrad.compiler.targets.cuda.kernels.sources import source, text
from minigrad.compiler.targets.cuda.launch import Kernel, Launch
from minigrad.device import Array
from minigrad.native.process import run

# Without the last but one, glibc takes the change of stacks for an error. Products are not fused
# with sums: a number is then the same on every processor. Most kernels run for less time than -O2
# takes to build them.
FLAGS = "-std=c++20 -O1 -fPIC -shared -pthread -U_FORTIFY_SOURCE -ffp-contract=off".split()
WAITS = re.compile(r"__sync|__shfl|mg_(warp|block)_fold")
LETTERS = {"?": "B", "l": "q", "q": "q", "L": "Q", "Q": "Q"}
LEFT_EARLY, NO_MEMORY = 1, 2
PATIENCE = 600.0
"""Seconds that a compiler has for kernels; under a sanitizer they take minutes."""


@lru_cache(maxsize=1)
def compiler() -> tuple[str, str] | None:
    """The command of a C++ compiler and which version it is. None where there is none."""
    path = shutil.which("g++")
    if path is None:
        return None
    try:
        status, told, _ = run([path, "--version"], PATIENCE / 10)
    except OSError:
        return None
    return None if status else (path, told.decode(errors="replace"))


class Library:
    """Kernels that were built for the CPU."""

    def __init__(self, path: Path, kernels: Sequence[Kernel]) -> None:
        library = ctypes.CDLL(str(path))
        self._types: dict[str, str] = {}
        self._entries = {}
        for name in {kernel.name for kernel in kernels}:
            types, entry = library[f"types_{name}"], library[f"host_{name}"]
            types.restype = ctypes.c_char_p
            entry.argtypes = [ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p]
            self._types[name] = types().decode()
            self._entries[name] = entry

    def launch(self, work: Launch) -> None:
        """Run a kernel and wait for it.

        Errors: KeyError for one that was not loaded; TypeError for arguments that are not those of
        its signature; ValueError for a grid or block that CUDA would refuse; RuntimeError where not
        all threads of a warp or block came to a barrier.
        """
        name = work.kernel.name
        wanted, got = self._types[name], "".join(map(_letter, work.args))
        if not _agree(wanted, got):
            raise TypeError(f"{name}: expected arguments of the types {wanted}, got {got}")
        if not (1 <= work.grid < 1 << 31 and 1 <= work.block <= 256):
            raise ValueError(f"{name}: CUDA launches no {work.grid} blocks of {work.block} threads")
        words = np.array([_word(x) for x in work.args], np.int64)
        failure = self._entries[name](work.grid, work.block, words.ctypes.data)
        if failure == NO_MEMORY:
            raise MemoryError(f"{name}: no memory for the stacks of {work.block} threads")
        if failure == LEFT_EARLY:
            raise RuntimeError(f"{name}: not all threads came to a barrier")


def load(kernels: Sequence[Kernel], flags: Sequence[str] = ()) -> Library:
    """Build these kernels as one library, or find it in the cache folder. ``flags`` come on top,
    such as those of a sanitizer.

    Errors: RuntimeError where there is no g++, with its words where it refuses the source, and
    where the cache folder cannot be used or g++ does not come to an end.
    """
    found = compiler()
    if found is None:
        raise RuntimeError("cuda: kernels run on the CPU only where g++ is; install it")
    command, version = found
    entries = sorted({_entry(kernel) for kernel in kernels})
    whole = "\n".join([text("shim.h"), source(kernels), *entries, ""])
    options = [*FLAGS, *flags]
    digest = hashlib.sha256("\0".join([whole, version, *options]).encode()).hexdigest()[:32]

    def make(path: Path) -> None:
        asked = [command, *options, "-x", "c++", "-o", str(path), "-"]
        status, _, said = run(asked, PATIENCE, text=whole, folder=path.parent)
        if status:
            raise RuntimeError(f"cuda: {command} refused the kernels:\n{said}")

    try:
        return Library(built("host", f"{digest}.so", make), kernels)
    except OSError as error:
        raise RuntimeError(f"cuda: the kernels cannot be built, kept or loaded: {error}") from error


def _entry(kernel: Kernel) -> str:
    body = re.sub(r"/\*.*?\*/|//[^\n]*", "", kernel.text, flags=re.DOTALL)
    return f"MG_ENTRY({kernel.name}, {int(WAITS.search(body) is not None)})"


def _letter(x: Array | int) -> str:
    return (
        LETTERS.get(x.dtype.char, x.dtype.char) if isinstance(x, np.ndarray) else "n" if x else "0"
    )


def _agree(wanted: str, got: str) -> bool:
    """Whether these types fit: a pointer to void takes any array, and any pointer may be 0."""
    return len(wanted) == len(got) and all(
        w == g or g == "0" or (w == "v" and g != "n") for w, g in zip(wanted, got, strict=True)
    )


def _word(x: Array | int) -> int:
    return x.__array_interface__["data"][0] if isinstance(x, np.ndarray) else int(x)
