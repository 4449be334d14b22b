"""Ops that only programs on a GPU have: what a product does to a number while it is at hand.

They stand in no register: nobody calls them, a pass puts them in the place of what they join. Their
forwards say what they mean.
"""

from __future__ import annotations

from typing import Any

from minigrad.device import Array
from minigrad.op import Op
from minigrad.ops.linalg import linear, matmul


def _linear_relu(xp: Any, x: Array, weight: Array, *bias: Array, out: Array | None = None) -> Array:
    """y = max(x Wᵀ + b, 0)"""
    y = linear.plain(xp, x, weight, *bias, out=out)
    return xp.maximum(y, 0, out=y)


def _matmul_add(xp: Any, y: Array, a: Array, b: Array, *, out: Array | None = None) -> Array:
    """z = y + a b"""
    return xp.add(y, matmul.plain(xp, a, b), out=out)


_linear_relu.__name__ = "linear_relu"
linear_relu = Op(_linear_relu)
_matmul_add.__name__ = "matmul_add"
matmul_add = Op(_matmul_add, updates=True)
