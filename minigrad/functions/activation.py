"""The functions of `minigrad.methods.activation`."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = ["log_softmax", "relu", "relu_", "softmax"]

log_softmax = Tensor.log_softmax
relu = Tensor.relu
relu_ = Tensor.relu_
softmax = Tensor.softmax
