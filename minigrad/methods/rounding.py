"""Towards an integer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minigrad.methods.halves import rounded_once
from minigrad.methods.spelling import whole
from minigrad.methods.twins import in_place, unary
from minigrad.ops import rounding as ops

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Rounding:
    """floor and its like: steps, whose derivative is 0."""

    floor, floor_ = unary(ops.floor)
    ceil, ceil_ = unary(ops.ceil)
    trunc, trunc_ = unary(ops.trunc)

    @rounded_once
    def round(self: Tensor, *, decimals: int = 0) -> Tensor:
        """The nearest number with so many decimals; of two the even one.

        Args:
            decimals: how many digits behind the point; negative ones round before it.
        """
        return ops.round(self, decimals=whole(decimals))

    round_ = in_place(round)

    def frac(self: Tensor) -> Tensor:
        """The fraction, with the sign of the number: self - trunc(self)."""
        if self.dtype.kind != "f":
            raise RuntimeError(f"frac: expected a floating-point tensor, got {self.dtype}")
        return self - self.trunc()

    frac_ = in_place(frac)
