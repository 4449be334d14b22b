"""Elementary functions of each number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from minigrad.dtypes import Number
from minigrad.methods.arithmetic import in_place, over
from minigrad.ops import elementary as ops
from minigrad.ops.arithmetic import mul

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Elementary:
    """exp and its like. Integers give the default floating type."""

    def exp(self: Tensor) -> Tensor:
        """eˣ"""
        return ops.exp(self)

    exp_ = over(ops.exp)

    def exp2(self: Tensor) -> Tensor:
        """2ˣ"""
        return ops.exp2(self)

    exp2_ = over(ops.exp2)

    def expm1(self: Tensor) -> Tensor:
        """eˣ - 1, precise for small x."""
        return ops.expm1(self)

    expm1_ = over(ops.expm1)

    def log(self: Tensor) -> Tensor:
        """ln x"""
        return ops.log(self)

    log_ = over(ops.log)

    def log2(self: Tensor) -> Tensor:
        """log₂ x"""
        return ops.log2(self)

    log2_ = over(ops.log2)

    def log10(self: Tensor) -> Tensor:
        """log₁₀ x"""
        return ops.log10(self)

    log10_ = over(ops.log10)

    def log1p(self: Tensor) -> Tensor:
        """ln(1 + x), precise for small x."""
        return ops.log1p(self)

    log1p_ = over(ops.log1p)

    def logaddexp(self: Tensor, other: Tensor | Number) -> Tensor:
        """ln(eˣ + eʸ), without overflow."""
        return ops.logaddexp(self, other)

    def xlogy(self: Tensor, other: Tensor | Number) -> Tensor:
        """x ln y, 0 where x is 0."""
        return ops.xlogy(self, other)

    xlogy_ = over(ops.xlogy)

    def sigmoid(self: Tensor) -> Tensor:
        """1 / (1 + e⁻ˣ)"""
        return ops.sigmoid(self)

    sigmoid_ = over(ops.sigmoid)

    def logit(self: Tensor, eps: float | None = None) -> Tensor:
        """ln(x / (1 - x)); with ``eps``, x is clamped to [eps, 1 - eps] first."""
        return ops.logit(self, eps=eps)

    logit_ = in_place(logit)

    def sin(self: Tensor) -> Tensor:
        """sin x"""
        return ops.sin(self)

    sin_ = over(ops.sin)

    def cos(self: Tensor) -> Tensor:
        """cos x"""
        return ops.cos(self)

    cos_ = over(ops.cos)

    def tan(self: Tensor) -> Tensor:
        """tan x"""
        return ops.tan(self)

    tan_ = over(ops.tan)

    def asin(self: Tensor) -> Tensor:
        """arcsin x"""
        return ops.asin(self)

    asin_ = over(ops.asin)

    def acos(self: Tensor) -> Tensor:
        """arccos x"""
        return ops.acos(self)

    acos_ = over(ops.acos)

    def atan(self: Tensor) -> Tensor:
        """arctan x"""
        return ops.atan(self)

    atan_ = over(ops.atan)

    def atan2(self: Tensor, other: Tensor | Number) -> Tensor:
        """The angle of the point with ordinate ``self`` and abscissa ``other``, in [-π, π]."""
        return ops.atan2(self, other)

    atan2_ = over(ops.atan2)

    def sinh(self: Tensor) -> Tensor:
        """sinh x"""
        return ops.sinh(self)

    sinh_ = over(ops.sinh)

    def cosh(self: Tensor) -> Tensor:
        """cosh x"""
        return ops.cosh(self)

    cosh_ = over(ops.cosh)

    def tanh(self: Tensor) -> Tensor:
        """tanh x"""
        return ops.tanh(self)

    tanh_ = over(ops.tanh)

    def asinh(self: Tensor) -> Tensor:
        """arsinh x"""
        return ops.asinh(self)

    asinh_ = over(ops.asinh)

    def acosh(self: Tensor) -> Tensor:
        """arcosh x"""
        return ops.acosh(self)

    acosh_ = over(ops.acosh)

    def atanh(self: Tensor) -> Tensor:
        """artanh x"""
        return ops.atanh(self)

    atanh_ = over(ops.atanh)

    def sinc(self: Tensor) -> Tensor:
        """sin(πx) / (πx), 1 at 0."""
        return ops.sinc(self)

    sinc_ = over(ops.sinc)

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
