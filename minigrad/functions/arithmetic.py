"""The functions of `minigrad.methods.arithmetic`, and those of several tensors."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = [
    "abs",
    "absolute",
    "add",
    "addcdiv",
    "addcmul",
    "ceil",
    "clamp",
    "clamp_max",
    "clamp_min",
    "clip",
    "copysign",
    "div",
    "divide",
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
    "multiply",
    "nan_to_num",
    "neg",
    "negative",
    "pow",
    "reciprocal",
    "remainder",
    "round",
    "rsqrt",
    "sign",
    "sqrt",
    "square",
    "sub",
    "subtract",
    "true_divide",
    "trunc",
]

abs = Tensor.abs
absolute = Tensor.absolute
add = Tensor.add
addcdiv = Tensor.addcdiv
addcmul = Tensor.addcmul
ceil = Tensor.ceil
clamp = Tensor.clamp
clamp_max = Tensor.clamp_max
clamp_min = Tensor.clamp_min
clip = Tensor.clip
copysign = Tensor.copysign
div = Tensor.div
divide = Tensor.divide
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
multiply = Tensor.multiply
nan_to_num = Tensor.nan_to_num
neg = Tensor.neg
negative = Tensor.negative
pow = Tensor.pow
reciprocal = Tensor.reciprocal
remainder = Tensor.remainder
round = Tensor.round
rsqrt = Tensor.rsqrt
sign = Tensor.sign
sqrt = Tensor.sqrt
square = Tensor.square
sub = Tensor.sub
subtract = Tensor.subtract
true_divide = Tensor.true_divide
trunc = Tensor.trunc
