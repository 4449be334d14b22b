"""The functions of `minigrad.methods.scan`."""

from __future__ import annotations

from minigrad.functions.method import function
from minigrad.tensor import Tensor

__all__ = [
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "diff",
    "logcumsumexp",
    "trapezoid",
    "trapz",
]

cummax = function(Tensor.cummax)
cummin = function(Tensor.cummin)
cumprod = function(Tensor.cumprod)
cumsum = function(Tensor.cumsum)
diff = function(Tensor.diff)
logcumsumexp = function(Tensor.logcumsumexp)
trapezoid = trapz = function(Tensor.trapezoid, first="y")
