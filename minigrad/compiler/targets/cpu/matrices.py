"""Ops on matrices as calls of kernels that take them as they lie in memory, transposed or not."""

from __future__ import annotations

import math
from typing import Any

from minigrad.compiler.program import Instruction
from minigrad.device import Array
from minigrad.native.hook import dense
from minigrad.native.library import Call
from minigrad.ops.linalg import linear, matmul
from minigrad.ops.reduction import sum as sum_op
from minigrad.ops.shape import sum_to


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
    first, second = side(a), side(b)
    if first is None or second is None:
        return None
    (ta, lda), (tb, ldb) = first, second
    m, n = out.shape
    return Call("gemm", [out, a, b], [ta, tb, m, n, a.shape[1], lda, ldb, max(1, n)], [1.0, 0.0])


def side(x: Array) -> tuple[bool, int] | None:
    """Whether a matrix lies transposed in memory, and how many numbers it is from one row there to
    the next; of a batch, each of its matrices. None where neither its rows nor its columns are runs
    of memory, one behind the other: a step may be 0 or negative, rows may overlap, or numbers begin
    elsewhere than at multiples of their size."""
    if not getattr(x.flags, "aligned", True):
        return None
    (rows, columns), (m, n) = (step // x.itemsize for step in x.strides[-2:]), x.shape[-2:]
    if (columns == 1 or n == 1) and (rows >= n or m == 1):
        return False, rows if m > 1 else n
    if (rows == 1 or m == 1) and (columns >= m or n == 1):
        return True, columns if n > 1 else m
    return None


def described(each: Instruction, given: list[Any], out: Array) -> Call | None:
    """The call of a ``matmul``, of a ``linear`` without a bias, or of a sum over the rows of a
    matrix that lies transposed in memory; None for others."""
    if each.op is matmul:
        return product(given[0], given[1], out)
    if each.op is linear and len(given) == 2:
        x = given[0]
        if x.ndim == 2:
            return product(x, given[1].T, out)
        if x.flags.c_contiguous:
            m = math.prod(x.shape[:-1])  # of rows of no numbers, -1 would be undetermined
            rows = x.reshape(m, x.shape[-1])
            return product(rows, given[1].T, out.reshape(m, out.shape[-1], copy=False))
    if each.op in (sum_op, sum_to):
        return _sum(each, given[0], out)
    return None


def _sum(each: Instruction, x: Array, out: Array) -> Call | None:
    if x.ndim != 2 or x.flags.c_contiguous or not dense(x.T) or x.dtype.char not in "fd":
        return None
    columns = x.shape[1]
    shape = each.params.get("shape", out.shape)
    kept = 1 if out.size == 1 else columns
    over_rows = each.params.get("axis", (0,))[0] == 0 and shape[-1:] in ((columns,), ())
    if out.size != kept or not (out.size == 1 or over_rows):
        return None
    return Call("sum", [out, x.T], [1, kept, x.size // kept])
