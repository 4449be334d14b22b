"""Ops on matrices as products on a GPU, the matrices as they lie in memory, transposed or not."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from minigrad.compiler.program import Instruction
from minigrad.compiler.targets.cpu.matrices import side
from minigrad.compiler.targets.cuda.fused import linear_relu, matmul_add
from minigrad.compiler.targets.cuda.launch import Gemm
from minigrad.device import Array
from minigrad.ops.linalg import linear, matmul

PRODUCTS = {linear, linear_relu, matmul, matmul_add}
"""The ops that are products."""


def described(each: Instruction, given: list[Any], out: Array, tf32: bool) -> Gemm | None:
    """The product that is a ``matmul`` or a linear layer; None for other ops, and for matrices that
    lie in memory in another way than by rows or by columns."""
    if each.op in (matmul, matmul_add):
        found = product(given[-2], given[-1], out, tf32=tf32)
        return replace(found, beta=1.0) if found and each.op is matmul_add else found
    if each.op not in PRODUCTS:
        return None
    x, weight, *bias = given
    if x.ndim != 2:
        if not (x.flags.c_contiguous and out.flags.c_contiguous and x.ndim):
            return None
        m = math.prod(x.shape[:-1])  # of rows of no numbers, -1 would be undetermined
        x, out = x.reshape(m, x.shape[-1]), out.reshape(m, out.shape[-1])
    row = bias[0] if bias else None
    return product(x, weight.T, out, row, each.op is linear_relu, tf32)


def product(
    a: Array,
    b: Array,
    out: Array,
    bias: Array | None = None,
    relu: bool = False,
    tf32: bool = False,
) -> Gemm | None:
    """out = a b, of matrices or batches of them, then plus a row and cut off below 0."""
    if any(x.dtype != out.dtype or not x.size for x in (a, b)) or out.dtype.char not in "fd":
        return None
    if bias is not None and not (bias.flags.c_contiguous and bias.dtype == out.dtype):
        return None
    (m, n), k = out.shape[-2:], a.shape[-1]
    lying = side(out)
    if lying is None or lying[0]:
        if bias is not None:
            return None
        a, b, out, (m, n) = _turned(b), _turned(a), _turned(out), (n, m)
        lying = side(out)
        if lying is None or lying[0]:
            return None
    first, second = side(a), side(b)
    batch = out.shape[:-2]
    steps = [_step(x, batch) for x in (a, b, out)]
    if first is None or second is None or any(step is None for step in steps):
        return None
    count = 1
    for length in batch:
        count *= length
    if count > 1 and not steps[2]:
        return None
    (ta, lda), (tb, ldb) = first, second
    sizes = {"m": m, "n": n, "k": k, "lda": lda, "ldb": ldb, "ldc": lying[1], "batch": count}
    apart = (steps[0] or 0, steps[1] or 0, steps[2] or 0)
    return Gemm(out, a, b, ta, tb, **sizes, steps=apart, bias=bias, relu=relu, tf32=tf32)


def _turned(x: Array) -> Array:
    return x.swapaxes(-1, -2)


def _step(x: Array, batch: tuple[int, ...]) -> int | None:
    """Numbers from one matrix of a batch to the next; 0 where all are the same one, None where they
    are not evenly apart."""
    own = x.shape[:-2]
    if all(n == 1 for n in own):
        return 0
    if own != batch:
        return None
    found: int | None = None
    reach = 0
    for length, step in zip(own[::-1], x.strides[-3::-1], strict=True):
        if length == 1:
            continue
        if found is None:
            found = step // x.itemsize
        elif step // x.itemsize != reach:
            return None
        reach = length * (found if reach == 0 else reach)
    return found
