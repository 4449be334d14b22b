"""Running sums, products and maxima, and what lies between neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad.methods.halves import rounded_once
from minigrad.methods.reduction import ValuesIndices, narrowed
from minigrad.methods.spelling import numpy_names, whole
from minigrad.methods.twins import in_place
from minigrad.ops import scan as ops
from minigrad.ops.indexing import along
from minigrad.ops.shape import cat

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Scan:
    """cumsum and its like: along ``dim``, each place from all up to it."""

    def _scanned(self: Tensor, op: Any, dim: int, dtype: Any = None) -> Tensor:
        x = self if dtype is None else self.to(dtype=dtype)
        i = self._dim(dim)
        if not self.ndim:
            return narrowed(op(x.reshape(1), axis=0).reshape(()), dtype)
        return narrowed(op(x, axis=i), dtype)

    @numpy_names
    def cumsum(self: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
        """y[k] = Σ self[i] over i <= k; integers are summed in int64.

        Args:
            dim: the dimension.
            dtype: the type that the numbers are brought to first, and the result's.
        """
        return self._scanned(ops.cumsum, dim, dtype)

    @numpy_names
    def cumprod(self: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
        """y[k] = Π self[i] over i <= k; integers are multiplied in int64.

        Args:
            dim: the dimension.
            dtype: the type that the numbers are brought to first, and the result's.
        """
        return self._scanned(ops.cumprod, dim, dtype)

    @numpy_names
    def logcumsumexp(self: Tensor, dim: int) -> Tensor:
        """y[k] = ln Σ e^self[i] over i <= k, without overflow.

        Args:
            dim: the dimension.
        """
        return self._scanned(ops.logcumsumexp, dim)

    @numpy_names
    def cummax(self: Tensor, dim: int) -> ValuesIndices:
        """y[k] = max self[i] over i <= k, and its last place, as ``values`` and ``indices``.

        Args:
            dim: the dimension.
        """
        return self._at(self._scanned(ops.cummax_place, dim), dim)

    @numpy_names
    def cummin(self: Tensor, dim: int) -> ValuesIndices:
        """y[k] = min self[i] over i <= k, and its last place, as ``values`` and ``indices``.

        Args:
            dim: the dimension.
        """
        return self._at(self._scanned(ops.cummin_place, dim), dim)

    def _at(self: Tensor, places: Tensor, dim: int) -> ValuesIndices:
        if not self.ndim:
            return ValuesIndices(self.clone(), places)
        return ValuesIndices(along(self, places, self._dim(dim)), places)

    cumsum_ = in_place(cumsum)
    cumprod_ = in_place(cumprod)

    # -- neighbours -----------------------------------------------------------------------------

    @numpy_names
    def diff(
        self: Tensor,
        n: int = 1,
        dim: int = -1,
        prepend: Tensor | None = None,
        append: Tensor | None = None,
    ) -> Tensor:
        """y[k] = self[k+1] - self[k] along ``dim``, ``n`` times over; truth values: whether they
        differ. ``prepend`` and ``append`` are put before and behind first."""
        if not self.ndim:
            raise RuntimeError("diff: expects input to be at least one-dimensional, got a number")
        if whole(n) < 0:
            raise RuntimeError(f"diff: order must be non-negative but got {n}")
        i = self._dim(dim)
        parts: list[Any] = [part for part in (prepend, self, append) if part is not None]
        y: Any = cat(*parts, dim=i) if len(parts) > 1 else self
        for _ in range(min(n, y.shape[i])):
            m = max(y.shape[i] - 1, 0)
            after, before = y.narrow(i, y.shape[i] - m, m), y.narrow(i, 0, m)
            y = after != before if y.dtype.kind == "b" else after - before
        return y.clone() if y is self else y

    @numpy_names
    @rounded_once
    def trapezoid(self: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
        """Σ (self[k] + self[k+1]) / 2 · (x[k+1] - x[k]) along ``dim``: the integral by trapezoids.
        Without ``x`` the places are ``dx`` apart."""
        i = self._dim(dim)
        m = max(self.shape[i] - 1, 0)
        left, right = self.narrow(i, 0, m), self.narrow(i, self.shape[i] - m, m)
        if x is None:
            return ((left + right) * (dx / 2)).sum(i)
        if x.ndim == 1:
            x = x.reshape([-1 if j == i else 1 for j in range(self.ndim)])
        return ((left + right) * (x.diff(dim=i - self.ndim) / 2)).sum(i)
