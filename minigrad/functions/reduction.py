"""The functions of `minigrad.methods.reduction`."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = [
    "all",
    "amax",
    "amin",
    "aminmax",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "dist",
    "logsumexp",
    "max",
    "mean",
    "min",
    "nanmean",
    "nansum",
    "norm",
    "prod",
    "std",
    "std_mean",
    "sum",
    "var",
    "var_mean",
]

all = Tensor.all
amax = Tensor.amax
amin = Tensor.amin
aminmax = Tensor.aminmax
any = Tensor.any
argmax = Tensor.argmax
argmin = Tensor.argmin
count_nonzero = Tensor.count_nonzero
dist = Tensor.dist
logsumexp = Tensor.logsumexp
max = Tensor.max
mean = Tensor.mean
min = Tensor.min
nanmean = Tensor.nanmean
nansum = Tensor.nansum
norm = Tensor.norm
prod = Tensor.prod
std = Tensor.std
std_mean = Tensor.std_mean
sum = Tensor.sum
var = Tensor.var
var_mean = Tensor.var_mean
