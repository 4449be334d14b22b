"""Towards an integer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minigrad.methods.arithmetic import in_place, over
from minigrad.methods.spelling import whole
from minigrad.ops import rounding as ops

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Rounding:
    """floor and its like: steps, whose derivative is 0."""

    def floor(self: Tensor) -> Tensor:
        """⌊self⌋, the next integer below."""
        return ops.floor(self)

    floor_ = over(ops.floor)

    def ceil(self: Tensor) -> Tensor:
        """⌈self⌉, the next integer above."""
        return ops.ceil(self)

    ceil_ = over(ops.ceil)

    def trunc(self: Tensor) -> Tensor:
        """The number without its fraction."""
        return ops.trunc(self)

    trunc_ = over(ops.trunc)

    def round(self: Tensor, *, decimals: int = 0) -> Tensor:
        """The nearest number with so many decimals; of two the even one."""
        return ops.round(self, decimals=whole(decimals))

    round_ = in_place(round)

    def frac(self: Tensor) -> Tensor:
        """The fraction, with the sign of the number: self - trunc(self)."""
        if self.dtype.kind != "f":
            raise RuntimeError(f"frac: expected a floating-point tensor, got {self.dtype}")
        return self - self.trunc()

    frac_ = in_place(frac)
