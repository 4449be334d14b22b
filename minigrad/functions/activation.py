"""The functions of `minigrad.methods.activation`."""

from __future__ import annotations

from minigrad.functions.method import function
from minigrad.tensor import Tensor

__all__ = ["log_softmax", "relu", "relu_", "softmax"]

log_softmax = function(Tensor.log_softmax)
relu = function(Tensor.relu)
relu_ = function(Tensor.relu_)
softmax = function(Tensor.softmax)
