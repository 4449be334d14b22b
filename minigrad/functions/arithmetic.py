"""The functions of `minigrad.methods.arithmetic`, and those of several tensors."""

from __future__ import annotations

from minigrad.functions.method import function
from minigrad.names import public
from minigrad.tensor import Tensor

abs = absolute = function(Tensor.abs)
add = function(Tensor.add, numbers=True)
addcdiv = function(Tensor.addcdiv)
addcmul = function(Tensor.addcmul)
ceil = function(Tensor.ceil)
clamp = clip = function(Tensor.clamp)
clamp_max = function(Tensor.clamp_max)
clamp_min = function(Tensor.clamp_min)
copysign = function(Tensor.copysign)
div = divide = function(Tensor.div, numbers=True)
float_power = function(Tensor.float_power, numbers=True)
floor = function(Tensor.floor)
floor_divide = function(Tensor.floor_divide, numbers=True)
fmax = function(Tensor.fmax)
fmin = function(Tensor.fmin)
fmod = function(Tensor.fmod)
frac = function(Tensor.frac)
heaviside = function(Tensor.heaviside)
hypot = function(Tensor.hypot)
lerp = function(Tensor.lerp)
maximum = function(Tensor.maximum)
minimum = function(Tensor.minimum)
mul = multiply = function(Tensor.mul, numbers=True)
nan_to_num = function(Tensor.nan_to_num)
neg = negative = function(Tensor.neg)
pow = function(Tensor.pow, numbers=True)
reciprocal = function(Tensor.reciprocal)
remainder = function(Tensor.remainder, numbers=True)
round = function(Tensor.round)
rsqrt = function(Tensor.rsqrt)
sign = function(Tensor.sign)
sqrt = function(Tensor.sqrt)
square = function(Tensor.square)
sub = subtract = function(Tensor.sub, numbers=True)
true_divide = function(Tensor.true_divide, numbers=True)
trunc = function(Tensor.trunc)

public(globals())
