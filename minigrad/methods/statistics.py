"""How several variables, each a row of numbers, vary together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad.methods.halves import rounded_once
from minigrad.methods.spelling import whole

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Statistics:
    """cov and corrcoef."""

    @rounded_once
    def cov(self: Tensor, *, correction: int = 1) -> Tensor:
        """c[i, j] = Σ (x[i] - mean) (x[j] - mean) / (n - correction), of variables in rows; of a
        single one its variance. Errors: RuntimeError for more than two dimensions.

        Args:
            correction: what is taken off n.
        """
        if self.ndim > 2:
            raise RuntimeError(f"cov: expected two or fewer dimensions, got shape {self.shape}")
        x: Any = self.reshape(1, -1) if self.ndim < 2 else self
        deviation = x - x.sum(1, keepdim=True) / x.shape[1]
        covariance: Any = deviation @ deviation.T / max(x.shape[1] - whole(correction), 0)
        return covariance.squeeze()  # type: ignore[no-any-return]

    @rounded_once
    def corrcoef(self: Tensor) -> Tensor:
        """r[i, j] = c[i, j] / √(c[i, i] c[j, j]), the correlation of variables in rows, c their
        `cov`; it is kept within [-1, 1]. Errors: RuntimeError for more than two dimensions."""
        if self.ndim > 2:
            raise RuntimeError(f"corrcoef: expected two or fewer dimensions, got {self.shape}")
        covariance: Any = self.cov()
        if not covariance.ndim:
            return covariance / covariance  # type: ignore[no-any-return]
        spread = covariance.diagonal().sqrt()
        return (covariance / spread[:, None] / spread).clip(-1, 1)  # type: ignore[no-any-return]
