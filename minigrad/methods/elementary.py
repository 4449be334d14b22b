"""Elementary functions of each number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from minigrad.dtypes import Number
from minigrad.methods.spelling import number
from minigrad.methods.twins import binary, in_place, unary
from minigrad.ops import elementary as ops
from minigrad.ops.arithmetic import mul

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Elementary:
    """exp and its like. Integers give the default floating type."""

    exp, exp_ = unary(ops.exp)
    exp2, exp2_ = unary(ops.exp2)
    expm1, expm1_ = unary(ops.expm1)
    log, log_ = unary(ops.log)
    log2, log2_ = unary(ops.log2)
    log10, log10_ = unary(ops.log10)
    log1p, log1p_ = unary(ops.log1p)

    def logaddexp(self: Tensor, other: Tensor | Number) -> Tensor:
        """ln(eˣ + eʸ), without overflow.

        Args:
            other: a tensor that is broadcast with this one, or a number.
        """
        return ops.logaddexp(self, other)

    xlogy, xlogy_ = binary(ops.xlogy)
    sigmoid, sigmoid_ = unary(ops.sigmoid)

    def logit(self: Tensor, eps: float | None = None) -> Tensor:
        """ln(x / (1 - x)); with ``eps``, x is clamped to [eps, 1 - eps] first."""
        return ops.logit(self, eps=None if eps is None else number(eps))

    logit_ = in_place(logit)

    sin, sin_ = unary(ops.sin)
    cos, cos_ = unary(ops.cos)
    tan, tan_ = unary(ops.tan)
    asin, asin_ = unary(ops.asin)
    acos, acos_ = unary(ops.acos)
    atan, atan_ = unary(ops.atan)
    atan2, atan2_ = binary(ops.atan2)
    sinh, sinh_ = unary(ops.sinh)
    cosh, cosh_ = unary(ops.cosh)
    tanh, tanh_ = unary(ops.tanh)
    asinh, asinh_ = unary(ops.asinh)
    acosh, acosh_ = unary(ops.acosh)
    atanh, atanh_ = unary(ops.atanh)
    sinc, sinc_ = unary(ops.sinc)

    def deg2rad(self: Tensor) -> Tensor:
        """Degrees as radians: x π / 180."""
        return mul(self, math.pi / 180)

    deg2rad_ = in_place(deg2rad)

    def rad2deg(self: Tensor) -> Tensor:
        """Radians as degrees: x 180 / π."""
        return mul(self, 180 / math.pi)

    rad2deg_ = in_place(rad2deg)

    # -- PyTorch's other names ------------------------------------------------------------------

    arcsin = asin
    arcsin_ = asin_
    arccos = acos
    arccos_ = acos_
    arctan = atan
    arctan_ = atan_
    arctan2 = atan2
    arctan2_ = atan2_
    arcsinh = asinh
    arcsinh_ = asinh_
    arccosh = acosh
    arccosh_ = acosh_
    arctanh = atanh
    arctanh_ = atanh_
