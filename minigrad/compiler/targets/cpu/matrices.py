"""Products of matrices as calls of kernels that take them as they lie in memory, transposed or not,
one or a whole batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.compiler.program import Instruction
from minigrad.compiler.targets.cpu.lowered import lowers, merged, padded, steps_of, whole
from minigrad.device import Array
from minigrad.native.library import Call, multiplies
from minigrad.ops.linalg import linear, matmul

BATCHES = 2
"""Loops over batches that the kernel has."""


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


def products(a: Array, b: Array, out: Array) -> Call | None:
    """out = a b for batches of matrices, of which some may be repeated; None for others."""
    if a.ndim == 1:
        a, out = a[None, :], out[..., None, :]
    if b.ndim == 1:
        b, out = b[:, None], out[..., None]
    if out.ndim < 2 or out.dtype.char not in "fd" or not out.size or not a.size:
        return None
    if any(x.dtype != out.dtype or not whole(x) for x in (a, b, out)):
        return None
    third = side(out)
    if third is None:
        return None
    if third[0]:
        a, b, out = (np.swapaxes(x, -1, -2) for x in (b, a, out))
    first, second = side(a), side(b)
    if first is None or second is None:
        return None
    batch = out.shape[:-2]
    if math.prod(batch) == 1:
        return None  # one matrix is NumPy's product as well, and rounded as it is op by op
    a, b = (np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in (a, b))
    lengths, steps = merged(batch, [steps_of(x)[:-2] for x in (a, b, out)])
    if len(lengths) > BATCHES:
        return None
    between = [n for each in steps for n in padded(each, BATCHES, 0)]
    (m, n), k = out.shape[-2:], a.shape[-1]
    ints = [first[0], second[0], m, n, k, first[1], second[1], third[1]]
    return Call("gemms", [out, a, b], [*ints, *padded(lengths, BATCHES, 1), *between], [1.0, 0.0])


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


@lowers(matmul)
def _matmul(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    a, b = given
    return _listed(product(a, b, out) or products(a, b, out)) if multiplies() else None


@lowers(linear)
def _linear(each: Instruction, given: list[Any], out: Array) -> Sequence[Call] | None:
    """Without a bias: the pass ``biases`` has parted it."""
    if len(given) != 2 or not multiplies():
        return None
    x, w = given
    if x.ndim == 2:
        return _listed(product(x, w.T, out))
    if x.flags.c_contiguous and out.flags.c_contiguous:
        m = math.prod(x.shape[:-1])  # of rows of no numbers, -1 would be undetermined
        rows = x.reshape(m, x.shape[-1])
        return _listed(product(rows, w.T, out.reshape(m, out.shape[-1])))
    return _listed(products(x, w.T, out))


def _listed(call: Call | None) -> Sequence[Call] | None:
    return None if call is None else [call]
