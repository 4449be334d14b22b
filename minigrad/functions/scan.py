"""The functions of `minigrad.methods.scan`."""

from __future__ import annotations

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

cummax = Tensor.cummax
cummin = Tensor.cummin
cumprod = Tensor.cumprod
cumsum = Tensor.cumsum
diff = Tensor.diff
logcumsumexp = Tensor.logcumsumexp
trapezoid = trapz = Tensor.trapezoid
