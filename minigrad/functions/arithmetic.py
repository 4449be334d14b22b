"""The functions of `minigrad.methods.arithmetic`, and those of several tensors."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = [
    "abs",
    "add",
    "addcdiv",
    "addcmul",
    "ceil",
    "clamp",
    "clamp_max",
    "clamp_min",
    "copysign",
    "div",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "frac",
    "heaviside",
    "hypot",
    "lerp",
    "maximum",
    "minimum",
    "mul",
    "nan_to_num",
    "neg",
    "pow",
    "reciprocal",
    "remainder",
    "round",
    "rsqrt",
    "sign",
    "sqrt",
    "square",
    "sub",
    "true_divide",
    "trunc",
]

abs = Tensor.abs
add = Tensor.add
addcdiv = Tensor.addcdiv
addcmul = Tensor.addcmul
ceil = Tensor.ceil
clamp = Tensor.clamp
clamp_max = Tensor.clamp_max
clamp_min = Tensor.clamp_min
copysign = Tensor.copysign
div = Tensor.div
float_power = Tensor.float_power
floor = Tensor.floor
floor_divide = Tensor.floor_divide
fmax = Tensor.fmax
fmin = Tensor.fmin
fmod = Tensor.fmod
frac = Tensor.frac
heaviside = Tensor.heaviside
hypot = Tensor.hypot
lerp = Tensor.lerp
maximum = Tensor.maximum
minimum = Tensor.minimum
mul = Tensor.mul
nan_to_num = Tensor.nan_to_num
neg = Tensor.neg
pow = Tensor.pow
reciprocal = Tensor.reciprocal
remainder = Tensor.remainder
round = Tensor.round
rsqrt = Tensor.rsqrt
sign = Tensor.sign
sqrt = Tensor.sqrt
square = Tensor.square
sub = Tensor.sub
true_divide = Tensor.true_divide
trunc = Tensor.trunc
