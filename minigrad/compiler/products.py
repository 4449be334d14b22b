"""Matrix products and linear layers as calls of the kernel `gemm`, transposed as memory is."""

from __future__ import annotations

from typing import Any

from minigrad.device import Array
from minigrad.native.library import Call


def product(a: Array, b: Array, out: Array) -> Call | None:
    """out = a b for matrices whose rows or columns are dense; None for others."""
    if not (a.ndim == b.ndim == out.ndim == 2) or out.dtype.char not in "fd":
        return None
    if a.dtype != out.dtype or b.dtype != out.dtype or not a.size or not b.size:
        return None
    if not out.flags.c_contiguous:
        if not out.flags.f_contiguous:
            return None
        a, b, out = b.T, a.T, out.T
    first, second = _side(a), _side(b)
    if first is None or second is None:
        return None
    (ta, lda), (tb, ldb) = first, second
    m, n = out.shape
    return Call("gemm", [out, a, b], [ta, tb, m, n, a.shape[1], lda, ldb, max(1, n)], [1.0, 0.0])


def _side(x: Array) -> tuple[int, int] | None:
    """Whether a factor lies transposed in memory, and the length of its rows there."""
    rows, columns = (step // x.itemsize for step in x.strides)
    if columns == 1 or x.shape[1] == 1:
        return (0, max(rows, x.shape[1], 1)) if x.shape[0] > 1 else (0, max(1, x.shape[1]))
    if rows == 1 or x.shape[0] == 1:
        return (1, max(columns, x.shape[0], 1))
    return None


def described(name: str, given: list[Any], out: Array) -> Call | None:
    """The call of a ``matmul``, or of a ``linear`` without a bias; None for others."""
    if name == "matmul":
        return product(given[0], given[1], out)
    if name == "linear" and len(given) == 2 and given[0].flags.c_contiguous:
        rows = given[0].reshape(-1, given[0].shape[-1])
        return product(rows, given[1].T, out.reshape(-1, out.shape[-1], copy=False))
    return None
