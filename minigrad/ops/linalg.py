"""Products of matrices and vectors."""

from __future__ import annotations

from typing import Any

from minigrad.device import Array
from minigrad.op import op


@op(promote="common")
def matmul(xp: Any, a: Array, b: Array, *, out: Array | None = None) -> Array:
    """y = a b, batched over leading dimensions; both have two dimensions or more"""
    return xp.matmul(a, b, out=out)


matmul.derivatives(
    a=lambda g, b: matmul(g, b.mT),
    b=lambda g, a: matmul(a.mT, g),
)
