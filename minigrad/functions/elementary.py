"""The functions of `minigrad.methods.elementary`, and those of several tensors."""

from __future__ import annotations

from minigrad.functions.method import function
from minigrad.names import public
from minigrad.tensor import Tensor

acos = arccos = function(Tensor.acos)
acosh = arccosh = function(Tensor.acosh)
asin = arcsin = function(Tensor.asin)
asinh = arcsinh = function(Tensor.asinh)
atan = arctan = function(Tensor.atan)
atan2 = arctan2 = function(Tensor.atan2)
atanh = arctanh = function(Tensor.atanh)
cos = function(Tensor.cos)
cosh = function(Tensor.cosh)
deg2rad = function(Tensor.deg2rad)
digamma = function(Tensor.digamma)
erf = function(Tensor.erf)
erfc = function(Tensor.erfc)
erfinv = function(Tensor.erfinv)
exp = function(Tensor.exp)
exp2 = function(Tensor.exp2)
expm1 = function(Tensor.expm1)
lgamma = function(Tensor.lgamma)
log = function(Tensor.log)
log10 = function(Tensor.log10)
log1p = function(Tensor.log1p)
log2 = function(Tensor.log2)
logaddexp = function(Tensor.logaddexp)
logit = function(Tensor.logit)
rad2deg = function(Tensor.rad2deg)
sigmoid = function(Tensor.sigmoid)
sin = function(Tensor.sin)
sinc = function(Tensor.sinc)
sinh = function(Tensor.sinh)
tan = function(Tensor.tan)
tanh = function(Tensor.tanh)
xlogy = function(Tensor.xlogy, numbers=True)


def polygamma(n: int, input: Tensor) -> Tensor:
    """The n-th derivative of `digamma`. Errors: RuntimeError for n < 0.

    Args:
        n: which derivative.
        input: the tensor.
    """
    return input.polygamma(n)


public(globals())
