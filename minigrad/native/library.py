"""The library of kernels: what a call of one is, and how one or many are run.

A kernel gets dense arrays, integers and real numbers. NumPy's OpenBLAS multiplies for it, held to
one thread meanwhile: the threads are the library's own, as many as `minigrad.get_num_threads` says.
"""

from __future__ import annotations

import ctypes
import re
import struct
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from minigrad.device import Array, address
from minigrad.layouts import Walk, held, switch
from minigrad.native.compiler import load
from minigrad.native.kernels import walks as walks_of
from minigrad.threads import hold, let_go, openblas

FOLDER = Path(__file__).parent


def _text(file: str) -> str:
    return (FOLDER / file).read_text(encoding="utf-8")


HEADER = _text("runtime.h")
"""What a generated source begins with to use the runtime's threads, memory and products."""
ELEMENTARY = _text("elementary.h") + _text("shared.h")
"""Elementary functions."""
BASE = ("tile", "thin", "product")
"""The files that all others build on: products for both types, built with the runtime."""
SHARED = ("tile", "thin", "images")
"""Texts that any file may use: what they define is a file's own."""
GROUPS = (
    ("convolution", "filters", "pooling"),
    ("softmax", "reduction", "folding"),
    ("moving", "picking", "running", "masks"),
)
"""The other files of kernels. A group is built for a type when the first of its kernels is called,
its files at the same time: who trains an MLP in float waits neither for convolutions nor for
double."""
KERNELS = (*BASE, *(file for group in GROUPS for file in group))
"""All files of kernels, each written once for float and double."""
INDEX = 1
"""The reason of a kernel that refuses an index; any other is a lack of memory."""
TYPES = {"f": ("float", "f32"), "d": ("double", "f64")}
"""By NumPy's letter of the type: C's word, and how the names of its kernels end."""


class Call:
    """A kernel and what it works on.

    ``name`` is that of a kernel here, whose type is that of the first floating array; or a whole
    address, of a kernel in another library, which ``walks`` say how it goes through the arrays. The
    first array takes the result. All must live, at their place, as long as the call.
    """

    __slots__ = ("_held", "arrays", "ints", "name", "reals", "walks")

    def __init__(
        self,
        name: str | int,
        arrays: Sequence[Array],
        ints: Sequence[int] = (),
        reals: Sequence[float] = (),
        walks: Sequence[Walk] = (),
    ) -> None:
        self.name, self.arrays, self.ints, self.reals = name, arrays, ints, reals
        self.walks = walks
        self._held: object = None

    def hold(self) -> None:
        """Hold the call to what its kernel says of itself; once, as long as nothing has changed.
        Errors: LayoutError."""
        facts = (*self.ints, *[(address(x), x.shape, x.strides) for x in self.arrays])
        if facts == self._held:
            return
        if isinstance(self.name, str):
            held(self.name, walks_of(self.name, self.ints, _kind(self.arrays)), self.arrays)
        else:
            held("a generated kernel", self.walks, self.arrays)
        self._held = facts

    def address(self) -> int:
        """Where the kernel is. Errors: KeyError for a name that none has; RuntimeError where it
        cannot be built."""
        return self.name if isinstance(self.name, int) else _address(self.name, self.arrays)

    def words(self) -> bytes:
        """What the kernel reads, one behind the other: pointers, integers, reals."""
        at = [x.__array_interface__["data"][0] for x in self.arrays]
        sizes = f"{len(at)}Q{len(self.ints)}q{len(self.reals)}d"
        return struct.pack(sizes, *at, *self.ints, *self.reals)

    def record(self, start: int) -> tuple[int, int, int, int]:
        """The kernel, and where its arrays, integers and reals are, if its words are at start."""
        ints = start + 8 * len(self.arrays)
        return self.address(), start, ints, ints + 8 * len(self.ints)


class Batch:
    """Calls that are run one after the other without coming back to Python in between.

    Errors: LayoutError for arrays that lie otherwise than a kernel takes them to; when run,
    IndexError where a kernel finds an index out of range, MemoryError where it has no room.
    """

    def __init__(self, calls: Sequence[Call]) -> None:
        self.calls = list(calls)
        self.hold()
        self._words = [call.words() for call in self.calls]  # kept: the records point into them
        records = [call.record(_start(w)) for call, w in zip(self.calls, self._words, strict=True)]
        self._records = b"".join(struct.pack("4Q", *record) for record in records)

    def hold(self) -> None:
        """Hold every call to what its kernel says of itself. Errors: LayoutError."""
        for call in self.calls:
            call.hold()

    def run(self) -> None:
        """Run all calls; other Python threads go on meanwhile."""
        if switch.always:
            self.hold()
        failed = _run(self._records, len(self.calls))
        if failed >= 0:
            name = self.calls[failed].name
            if _library.minigrad_reason() == INDEX:
                raise IndexError(f"{name}: an index is out of range")
            raise MemoryError(f"{name}: no memory for what it lays out")


def run(call: Call) -> bool:
    """Run one call; False where the kernel refused its numbers, or cannot be had."""
    if switch.always:
        call.hold()
    words = call.words()
    try:
        record = call.record(_start(words))
    except RuntimeError as error:
        _give_up(error)
        return False
    return _run(struct.pack("4Q", *record), 1) < 0


class _Switch(threading.local):
    """Whether kernels are left aside: one for each thread."""

    plain = False


_switch = _Switch()
_loading = threading.RLock()
_library: Any = None
_looked = False
_given_up = False


def enabled() -> bool:
    """Whether kernels are to be used here and now: there is a compiler (or was, when the cache was
    filled), and this thread is not inside `plainly`."""
    if _switch.plain or _given_up:
        return False
    return (_library if _looked else _load()) is not None


@contextmanager
def plainly() -> Iterator[None]:
    """Only NumPy in this block, in this thread."""
    before = _switch.plain
    _switch.plain = True
    try:
        yield
    finally:
        _switch.plain = before


def multiplies() -> bool:
    """Whether kernels can multiply matrices: NumPy's BLAS is an OpenBLAS that can be called."""
    return openblas("cblas_sgemm") is not None


def _load() -> Any:
    """The runtime and the products, built when they are first asked for; None where they cannot
    be, which is told."""
    global _library, _looked
    reason = None
    with _loading:
        if not _looked:
            try:
                library: Any = load(*_base())
            except RuntimeError as error:
                library, reason = None, error
            if library is not None:
                library.minigrad_run.restype = ctypes.c_int64
                library.minigrad_run.argtypes = [ctypes.c_char_p, ctypes.c_int64, ctypes.c_int64]
                for letter, name in (("s", "f32"), ("d", "f64")):
                    gemm = openblas(f"cblas_{letter}gemm")
                    if gemm is not None:
                        pointer = ctypes.c_void_p.in_dll(library, f"minigrad_cblas_{name}")
                        pointer.value = ctypes.cast(gemm, ctypes.c_void_p).value
            _library, _looked = library, True
    if reason is not None:
        _give_up(reason)
    return _library


def _give_up(reason: RuntimeError) -> None:
    """From now on only NumPy computes; told once, also where a warning is an error."""
    global _given_up
    with _loading:
        told, _given_up = _given_up, True
    if not told:
        told_as = f"minigrad: only NumPy computes: {reason}"
        warnings.warn(told_as, RuntimeWarning, stacklevel=5)


def _base() -> list[str]:
    """Two texts: the runtime, and the products for each type."""
    products = "\n".join(_typed(BASE, kind) for kind in TYPES)
    return [HEADER + _text("runtime.c"), f"{HEADER}{_text('vectors.h')}{products}"]


def _group(files: Sequence[str], kind: str) -> list[str]:
    """A text for each of these files, for a type, with all that it uses."""
    head = HEADER + _text("vectors.h") + ELEMENTARY
    return [head + _typed((*SHARED, file), kind) for file in files]


def _typed(files: Sequence[str], kind: str) -> str:
    word, name = TYPES[kind]
    texts = [_text(f"{file}.c") for file in files]
    named = f"#define real {word}\n#define NAME(name) name##_{name}\n"
    return "\n".join([named, *texts, "#undef real\n#undef NAME\n"])


@cache
def _files() -> dict[str, Sequence[str]]:
    """For each kernel the files that it is built with."""
    found: dict[str, Sequence[str]] = {}
    for files in (BASE, *GROUPS):
        for file in files:
            names = re.findall(r"^int NAME\((\w+)\)\(void \*const \*", _text(f"{file}.c"), re.M)
            found |= dict.fromkeys(names, files)
    return found


_built: dict[tuple[Sequence[str], str], Any] = {}


def _kernels(files: Sequence[str], kind: str) -> Any:
    """The library of these files for a type. Errors: RuntimeError where it cannot be built."""
    if files is BASE:
        return _load()
    with _loading:
        if (files, kind) not in _built:
            _load()  # it has what the others call
            _built[files, kind] = load(*_group(files, kind))
        return _built[files, kind]


_addresses: dict[tuple[str, str], int] = {}


def _address(name: str, arrays: Sequence[Array]) -> int:
    """Where the kernel of that name is, for the type of these arrays."""
    kind = _kind(arrays)
    found = _addresses.get((name, kind))
    if found is None:
        function = getattr(_kernels(_files()[name], kind), f"{name}_{TYPES[kind][1]}")
        found = ctypes.cast(function, ctypes.c_void_p).value
        _addresses[name, kind] = found = found or 0
    return found


def _kind(arrays: Sequence[Array]) -> str:
    """The letter of the type of the first floating array; "" where there is none."""
    return next((x.dtype.char for x in arrays if x.dtype.char in TYPES), "")


def _start(memory: bytes) -> int:
    """The address of the bytes."""
    return ctypes.cast(ctypes.c_char_p(memory), ctypes.c_void_p).value or 0


def _run(records: bytes, count: int) -> int:
    threads = hold()
    try:
        return int(_library.minigrad_run(records, count, threads))
    finally:
        let_go()
