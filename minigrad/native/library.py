"""The library of kernels: what a call of one is, and how one or many are run.

A kernel gets dense arrays, integers and real numbers. NumPy's OpenBLAS multiplies for it, held to
one thread meanwhile: the threads are the library's own, as many as `minigrad.get_num_threads` says.
"""

from __future__ import annotations

import ctypes
import struct
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
KERNELS = (
    *("tile", "thin", "product", "convolution", "filters", "pooling", "softmax", "reduction"),
    *("folding", "moving", "picking", "running", "masks"),
)
"""The files of kernels, each compiled for float and for double."""
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
        """Where the kernel is. Errors: AttributeError for a name that none has."""
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
    """Run one call; False where the kernel refused its numbers."""
    if switch.always:
        call.hold()
    words = call.words()
    return _run(struct.pack("4Q", *call.record(_start(words))), 1) < 0


class _Switch(threading.local):
    """Whether kernels are left aside: one for each thread."""

    plain = False


_switch = _Switch()
_loading = threading.Lock()
_library: Any = None
_looked = False


def enabled() -> bool:
    """Whether kernels are to be used here and now: there is a compiler (or was, when the cache was
    filled), and this thread is not inside `plainly`."""
    return not _switch.plain and (_library if _looked else _load()) is not None


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
    """The library, built when it is first asked for; None where it cannot be, which is told."""
    global _library, _looked
    reason = None
    with _loading:
        if not _looked:
            library, reason = _loaded()
            if library is not None:
                library.minigrad_run.restype = ctypes.c_int64
                library.minigrad_run.argtypes = [ctypes.c_char_p, ctypes.c_int64, ctypes.c_int64]
                for letter, name in (("s", "f32"), ("d", "f64")):
                    gemm = openblas(f"cblas_{letter}gemm")
                    if gemm is not None:
                        pointer = ctypes.c_void_p.in_dll(library, f"minigrad_cblas_{name}")
                        pointer.value = ctypes.cast(gemm, ctypes.c_void_p).value
            _library, _looked = library, True
    if reason is not None:  # told once, also where a warning is an error
        warnings.warn(f"minigrad: only NumPy computes: {reason}", RuntimeWarning, stacklevel=3)
    return _library


def _loaded() -> tuple[Any, RuntimeError | None]:
    """The library, or why there is none."""
    try:
        return load(_source()), None
    except RuntimeError as error:
        return None, error


def _source() -> str:
    """One text: the runtime, and every file of kernels for each type."""
    parts = [HEADER, _text("vectors.h"), _text("elementary.h"), _text("runtime.c")]
    for kernels in KERNELS:
        text = _text(f"{kernels}.c")
        for word, name in TYPES.values():
            parts.append(f"#define real {word}\n#define NAME(name) name##_{name}\n{text}")
            parts.append("#undef real\n#undef NAME\n")
    return "\n".join(parts)


_addresses: dict[tuple[str, str], int] = {}


def _address(name: str, arrays: Sequence[Array]) -> int:
    """Where the kernel of that name is, for the type of these arrays."""
    kind = _kind(arrays)
    found = _addresses.get((name, kind))
    if found is None:
        function = getattr(_load(), f"{name}_{TYPES[kind][1]}")
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
