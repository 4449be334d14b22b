"""The functions of `minigrad.methods.elementary`, and those of several tensors."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "deg2rad",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logit",
    "rad2deg",
    "sigmoid",
    "sin",
    "sinh",
    "tan",
    "tanh",
    "xlogy",
]

acos = Tensor.acos
acosh = Tensor.acosh
asin = Tensor.asin
asinh = Tensor.asinh
atan = Tensor.atan
atan2 = Tensor.atan2
atanh = Tensor.atanh
cos = Tensor.cos
cosh = Tensor.cosh
deg2rad = Tensor.deg2rad
exp = Tensor.exp
exp2 = Tensor.exp2
expm1 = Tensor.expm1
log = Tensor.log
log10 = Tensor.log10
log1p = Tensor.log1p
log2 = Tensor.log2
logaddexp = Tensor.logaddexp
logit = Tensor.logit
rad2deg = Tensor.rad2deg
sigmoid = Tensor.sigmoid
sin = Tensor.sin
sinh = Tensor.sinh
tan = Tensor.tan
tanh = Tensor.tanh
xlogy = Tensor.xlogy
