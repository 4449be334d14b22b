"""A loop over a batch, shared among threads.

NumPy lets go of the interpreter's lock while it copies and multiplies, so threads pay where each
call is long. Inside, the BLAS is held to one thread: its own threads would wait for ours. There are
as many threads as the BLAS would use, so that what limits it (OMP_NUM_THREADS, threadpoolctl)
limits this as well; where it cannot be asked, the loop is not shared.
"""

from __future__ import annotations

import contextvars
import ctypes
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache
from importlib import import_module
from typing import Any

Work = Callable[[int, int], object]

_busy = threading.Lock()


@lru_cache(maxsize=1)
def _blas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """How to ask and set the number of threads of the BLAS inside NumPy; None where it is another
    than OpenBLAS."""
    try:
        library: Any = ctypes.CDLL(import_module("numpy._core._multiarray_umath").__file__)
        return (
            library.scipy_openblas_get_num_threads64_,
            library.scipy_openblas_set_num_threads64_,
        )
    except (AttributeError, OSError):
        return None


def get_num_threads() -> int:
    """How many threads a product of matrices or a shared loop may use; 1 where the BLAS cannot be
    asked."""
    blas = _blas()
    return 1 if blas is None else blas[0]()


def set_num_threads(n: int) -> None:
    """Have so many threads used at most; nothing where the BLAS cannot be told.

    Errors: RuntimeError for fewer than one.
    """
    if n < 1:
        raise RuntimeError(f"set_num_threads: expects a positive integer, got {n}")
    blas = _blas()
    if blas is not None:
        blas[1](n)


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
    blas = _blas()
    if blas is None or not _busy.acquire(blocking=False):
        work(0, n)
        return
    ask, hold = blas
    before = ask()
    count = max(1, min(n, before))
    parts = [(n * i // count, n * (i + 1) // count) for i in range(count)]
    try:
        hold(1 if count > 1 else before)
        others = [_workers(os.getpid(), before - 1).submit(_bound(work, *p)) for p in parts[1:]]
        try:
            work(*parts[0])
        finally:
            wait(others)
        for other in others:
            other.result()
    finally:
        hold(before)
        _busy.release()
