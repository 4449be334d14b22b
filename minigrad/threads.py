"""A loop over a batch, shared among threads.

NumPy lets go of the interpreter's lock while it copies and multiplies, so threads pay where each
call is long. Inside, the BLAS is held to one thread: its own threads would wait for ours. There are
as many threads as the BLAS would use, so that what limits it (OMP_NUM_THREADS, threadpoolctl)
limits this as well; where it cannot be asked, the loop is not shared.
"""

from __future__ import annotations

import contextvars
import ctypes
import math
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

__all__ = ["get_num_threads", "set_num_threads"]

Work = Callable[[int, int], object]

_busy = threading.Lock()


class _Held:
    """How many hold the BLAS to one thread, and how many it had before the first of them."""

    def __init__(self) -> None:
        self.lock, self.holders, self.before = threading.Lock(), 0, 1


_held = _Held()


def openblas(name: str) -> Any | None:
    """A function of the OpenBLAS inside NumPy, by its name without prefix and suffix; None where
    NumPy has another BLAS."""
    try:
        library: Any = ctypes.CDLL(import_module("numpy._core._multiarray_umath").__file__)
        return getattr(library, f"scipy_{name}64_")
    except (AttributeError, OSError):
        return None


@lru_cache(maxsize=1)
def _blas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """How to ask and set the number of threads of the BLAS; None where it is no OpenBLAS."""
    ask, tell = openblas("openblas_get_num_threads"), openblas("openblas_set_num_threads")
    return None if ask is None or tell is None else (ask, tell)


def get_num_threads() -> int:
    """How many threads a product of matrices or a shared loop may use; 1 where the BLAS cannot be
    asked."""
    blas = _blas()
    if blas is None:
        return 1
    return _held.before if _held.holders else blas[0]()


def set_num_threads(n: int) -> None:
    """Have so many threads used at most; nothing where the BLAS cannot be told.

    Args:
        n: how many.

    Errors: RuntimeError for fewer than one.
    """
    if n < 1:
        raise RuntimeError(f"set_num_threads: expects a positive integer, got {n}")
    blas = _blas()
    if blas is None:
        return
    with _held.lock:
        if _held.holders:
            _held.before = n  # what the last holder leaves behind
        else:
            blas[1](n)


def hold() -> int:
    """Have the BLAS use one thread until `let_go`, and say how many threads the holder may use
    instead. Several may hold it at a time."""
    blas = _blas()
    if blas is None:
        return 1
    with _held.lock:
        if not _held.holders:
            _held.before = blas[0]()
            if _held.before != 1:
                blas[1](1)
        _held.holders += 1
        return _held.before


def let_go() -> None:
    """End a `hold`; the last one gives the BLAS its threads back."""
    blas = _blas()
    if blas is None:
        return
    with _held.lock:
        _held.holders -= 1
        if not _held.holders and _held.before != 1:
            blas[1](_held.before)


def _forget() -> None:
    """A forked process has only the thread that forked: nobody else holds anything there."""
    global _busy, _held
    held, blas, _busy, _held = _held, _blas(), threading.Lock(), _Held()
    if held.holders and blas is not None:
        blas[1](held.before)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


@lru_cache(maxsize=1)
def _workers(process: int, count: int) -> ThreadPoolExecutor:
    """The threads beside the calling one. A forked process makes its own."""
    return ThreadPoolExecutor(count, thread_name_prefix="minigrad")


def _bound(work: Work, start: int, stop: int) -> Callable[[], object]:
    """The call, in a context that carries the caller's setting of NumPy's warnings."""
    context = contextvars.copy_context()
    return lambda: context.run(work, start, stop)


def share(n: int, work: Work) -> None:
    """Call ``work(start, stop)`` for parts that together are range(n), at the same time.

    One loop at a time is shared; another one meanwhile is a single part. Errors in a part are
    raised here when all parts have ended.
    """
    if _blas() is None or not _busy.acquire(blocking=False):
        work(0, n)
        return
    try:
        width = hold()
        try:
            count = max(1, min(n, width))
            parts = [(n * i // count, n * (i + 1) // count) for i in range(count)]
            others = [_workers(os.getpid(), width - 1).submit(_bound(work, *p)) for p in parts[1:]]
            try:
                work(*parts[0])
            finally:
                wait(others)
            for other in others:
                other.result()
        finally:
            let_go()
    finally:
        _busy.release()


KEPT = 1 << 23
"""Bytes: longer pieces of scratch memory are not kept."""


class _Scratch(threading.local):
    def __init__(self) -> None:
        self.memory: dict[str, Any] = {}


_scratch = _Scratch()


def scratch(xp: Any, use: str, shape: tuple[int, ...], dtype: Any) -> Any:
    """An array for numbers that are needed for a moment, until the thread asks for the same use
    again. Of NumPy's arrays the memory is kept: new memory costs more than what is done there."""
    size = math.prod(shape) * dtype.itemsize
    if xp is not np or size > KEPT:
        return xp.empty(shape, dtype)
    memory = _scratch.memory.get(use)
    if memory is None or memory.size < size:
        memory = _scratch.memory[use] = np.empty(size, np.uint8)
    return memory[:size].view(dtype).reshape(shape)
