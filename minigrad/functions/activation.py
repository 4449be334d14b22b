"""The functions of `minigrad.methods.activation`."""

from __future__ import annotations

from minigrad.functions.method import function
from minigrad.names import public
from minigrad.tensor import Tensor

log_softmax = function(Tensor.log_softmax)
relu = function(Tensor.relu)
relu_ = function(Tensor.relu_)
softmax = function(Tensor.softmax)

public(globals())
