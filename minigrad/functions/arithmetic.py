"""The functions of `minigrad.methods.arithmetic`, and those of several tensors."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = ["add", "div", "mul", "neg", "pow", "sub"]

add = Tensor.add
div = Tensor.div
mul = Tensor.mul
neg = Tensor.neg
pow = Tensor.pow
sub = Tensor.sub
