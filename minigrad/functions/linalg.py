"""The functions of `minigrad.methods.linalg`, and those of several tensors."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = ["matmul"]

matmul = Tensor.matmul
