"""The functions of `minigrad.methods.reduction`, and those of several tensors."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = ["mean", "sum"]

mean = Tensor.mean
sum = Tensor.sum
