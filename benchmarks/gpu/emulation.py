"""TF32 without a GPU: factors rounded to 10 bits, then multiplied and added up exactly.

(NVIDIA, "A100 Tensor Core GPU Architecture", 2020: 8 bits of exponent, 10 of mantissa.)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks.case import Array
from benchmarks.gpu.policies import Policy
from minigrad.op import Op
from minigrad.ops.convolution import conv, conv_input, conv_weight
from minigrad.ops.linalg import linear, matmul

BITS = 10
FACTORS = 2
"""Operands that are multiplied; a bias behind them is added."""


def rounded(x: Array) -> Array:
    """Finite float64 with as many bits as TF32 has, to the nearest (T. J. Dekker, "A floating-point
    technique for extending the available precision", 1971: the upper part of a number)."""
    far = x * (2.0 ** (52 - BITS) + 1)
    near: Array = far - (far - x)
    return near


@contextmanager
def rounding(policy: Policy) -> Iterator[None]:
    """In this block what the policy lets round its factors rounds them, in float64, op by op."""
    ops = [
        *((conv, conv_input, conv_weight) if policy.convolutions else ()),
        *((matmul, linear) if policy.products else ()),
    ]
    before = [op.forward for op in ops]
    for op in ops:
        op.forward = partial(_forward, op)
    try:
        yield
    finally:
        for op, forward in zip(ops, before, strict=True):
            op.forward = forward


def _forward(op: Op, xp: Any, *operands: Array, out: Array | None = None, **params: Any) -> Array:
    factors = map(rounded, operands[:FACTORS])
    made: Array = op.plain(xp, *factors, *operands[FACTORS:], out=out, **params)
    return made
