"""Special functions of each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minigrad.methods.arithmetic import in_place, over
from minigrad.methods.spelling import whole
from minigrad.ops import erf as errors
from minigrad.ops import gamma

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Special:
    """erf and its like. Integers give the default floating type."""

    def erf(self: Tensor) -> Tensor:
        """2/√π ∫₀ˣ e^(-t²) dt, the error function."""
        return errors.erf(self)

    erf_ = over(errors.erf)

    def erfc(self: Tensor) -> Tensor:
        """1 - erf x, precise where that is small."""
        return errors.erfc(self)

    erfc_ = over(errors.erfc)

    def erfinv(self: Tensor) -> Tensor:
        """The inverse of erf on [-1, 1]."""
        return errors.erfinv(self)

    erfinv_ = over(errors.erfinv)

    def lgamma(self: Tensor) -> Tensor:
        """ln |Γ(x)|"""
        return gamma.lgamma(self)

    lgamma_ = over(gamma.lgamma)

    def digamma(self: Tensor) -> Tensor:
        """The derivative of ln Γ(x)."""
        return gamma.digamma(self)

    digamma_ = over(gamma.digamma)

    def polygamma(self: Tensor, n: int) -> Tensor:
        """The n-th derivative of `digamma`. Errors: RuntimeError for n < 0."""
        if whole(n) < 0:
            raise RuntimeError(f"polygamma: expected n to be 0 or more, got {n}")
        return gamma.polygamma(self, n=n) if n else gamma.digamma(self)

    polygamma_ = in_place(polygamma)
