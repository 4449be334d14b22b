"""The functions of `minigrad.methods.scan`."""

from __future__ import annotations

from minigrad.functions.method import function
from minigrad.names import public
from minigrad.tensor import Tensor

cummax = function(Tensor.cummax)
cummin = function(Tensor.cummin)
cumprod = function(Tensor.cumprod)
cumsum = function(Tensor.cumsum)
diff = function(Tensor.diff)
logcumsumexp = function(Tensor.logcumsumexp)
trapezoid = trapz = function(Tensor.trapezoid, first="y")

public(globals())
