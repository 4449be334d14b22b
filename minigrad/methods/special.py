"""Special functions of each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minigrad.methods.spelling import whole
from minigrad.methods.twins import in_place, unary
from minigrad.ops import erf as errors
from minigrad.ops import gamma

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Special:
    """erf and its like. Integers give the default floating type."""

    erf, erf_ = unary(errors.erf)
    erfc, erfc_ = unary(errors.erfc)
    erfinv, erfinv_ = unary(errors.erfinv)
    lgamma, lgamma_ = unary(gamma.lgamma)
    digamma, digamma_ = unary(gamma.digamma)

    def polygamma(self: Tensor, n: int) -> Tensor:
        """The n-th derivative of `digamma`. Errors: RuntimeError for n < 0.

        Args:
            n: which derivative.
        """
        n = whole(n)
        if n < 0:
            raise RuntimeError(f"polygamma: expected n to be 0 or more, got {n}")
        return gamma.polygamma(self, n=n) if n else gamma.digamma(self)

    polygamma_ = in_place(polygamma)
