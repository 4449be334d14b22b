"""The functions of `minigrad.methods.reduction` and `minigrad.methods.statistics`."""

from __future__ import annotations

from minigrad.functions.method import function
from minigrad.names import public
from minigrad.tensor import Tensor

all = function(Tensor.all)
amax = function(Tensor.amax)
amin = function(Tensor.amin)
aminmax = function(Tensor.aminmax)
any = function(Tensor.any)
argmax = function(Tensor.argmax)
argmin = function(Tensor.argmin)
corrcoef = function(Tensor.corrcoef)
count_nonzero = function(Tensor.count_nonzero)
cov = function(Tensor.cov)
dist = function(Tensor.dist)
logsumexp = function(Tensor.logsumexp)
max = function(Tensor.max)
mean = function(Tensor.mean)
min = function(Tensor.min)
nanmean = function(Tensor.nanmean)
nansum = function(Tensor.nansum)
norm = function(Tensor.norm)
prod = function(Tensor.prod)
std = function(Tensor.std)
std_mean = function(Tensor.std_mean)
sum = function(Tensor.sum)
var = function(Tensor.var)
var_mean = function(Tensor.var_mean)

public(globals())
