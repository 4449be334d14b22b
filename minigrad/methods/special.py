"""Special functions of each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minigrad.methods.arithmetic import in_place, over
from minigrad.methods.elementary import Elementary
from minigrad.ops import special as ops

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Special(Elementary):
    """erf and its like. Integers give the default floating type."""

    def erf(self) -> Tensor:
        """2/√π ∫₀ˣ e^(-t²) dt, the error function."""
        return ops.erf(self)

    erf_ = over(ops.erf)

    def erfc(self) -> Tensor:
        """1 - erf x, precise where that is small."""
        return ops.erfc(self)

    erfc_ = over(ops.erfc)

    def erfinv(self) -> Tensor:
        """The inverse of erf on [-1, 1]."""
        return ops.erfinv(self)

    erfinv_ = over(ops.erfinv)

    def lgamma(self) -> Tensor:
        """ln |Γ(x)|"""
        return ops.lgamma(self)

    lgamma_ = over(ops.lgamma)

    def digamma(self) -> Tensor:
        """The derivative of ln Γ(x)."""
        return ops.digamma(self)

    digamma_ = over(ops.digamma)

    def polygamma(self, n: int) -> Tensor:
        """The n-th derivative of `digamma`. Errors: RuntimeError for n < 0."""
        if n < 0:
            raise RuntimeError(f"polygamma: expected n to be 0 or more, got {n}")
        return ops.polygamma(self, n=n) if n else ops.digamma(self)

    polygamma_ = in_place(polygamma)

    def sinc(self) -> Tensor:
        """sin(πx) / (πx), 1 at 0."""
        return ops.sinc(self)

    sinc_ = over(ops.sinc)
