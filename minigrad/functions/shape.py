"""The functions of `minigrad.methods.shape`, and those of several tensors."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = ["clone", "permute", "reshape", "transpose"]

clone = Tensor.clone
permute = Tensor.permute
reshape = Tensor.reshape
transpose = Tensor.transpose
