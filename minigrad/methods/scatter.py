"""Numbers by tensors of places: a place for each number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.dtypes import fitting
from minigrad.methods.core import Core
from minigrad.methods.selection import from_front, same_dtype
from minigrad.methods.spelling import number
from minigrad.methods.twins import in_place
from minigrad.op import Op
from minigrad.ops.arithmetic import refuse_bools
from minigrad.ops.indexing import HOLE, along, put_along, take
from minigrad.ops.scatter import scatter_amax, scatter_amin, scatter_prod

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Scatter:
    """gather and its like."""

    def gather(self: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
        """y[.., i, ..] = self[.., index[.., i, ..], ..] with ``dim`` indexed; no broadcasting. A
        gradient is always dense, also where ``sparse_grad`` asks PyTorch for another form.

        Args:
            index: integers, as many dimensions as this tensor; its shape is the result's.

        Errors: RuntimeError when the index has other dimensions, is longer apart from ``dim``, or
        names a place that does not exist.
        """
        i = self._check_places("gather", dim, index)
        if not index.numel():  # of any shape, as in PyTorch
            return take(self.reshape(-1), index, key=(HOLE,))
        if not (self.ndim and index.ndim):
            return self.reshape(-1).gather(0, index.reshape(-1)).reshape(index.shape)
        return along(self, index, i)  # type: ignore[no-any-return]

    def take_along_dim(self: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
        """`gather` that broadcasts apart from ``dim``; without one the flattened tensor is read.

        Args:
            indices: integers.
        """
        if dim is None:
            return self.reshape(-1).gather(0, indices.reshape(-1))
        i = self._dim(dim)
        if self.ndim != indices.ndim:
            raise RuntimeError(
                f"take_along_dim: expected as many dimensions as the input has ({self.ndim}), got "
                f"indices of shape {tuple(indices.shape)}"
            )
        pairs = list(zip(self.array.shape, indices.shape, strict=True))
        common = [max(n, m) if 0 not in (n, m) else 0 for n, m in pairs]
        places = indices.expand([indices.shape[i] if j == i else n for j, n in enumerate(common)])
        source = self.expand([self.array.shape[i] if j == i else n for j, n in enumerate(common)])
        low, high = -self.array.shape[i], self.array.shape[i]
        return source.gather(i, from_front("take_along_dim", places, low, high))

    def scatter(
        self: Tensor,
        dim: int,
        index: Tensor,
        src: Any = None,
        *,
        value: Any = None,
        reduce: str | None = None,
    ) -> Tensor:
        """self, but at the places that `gather` reads the numbers of ``src`` (or one value).

        ``reduce`` is "add" or "multiply" for adding to what is there. Errors as for `gather`.

        Args:
            dim: the dimension that is indexed.
            index: integers, as many dimensions as this tensor.
            value: a number in the place of ``src``.
        """
        given = number(value) if src is None else src
        source: Any = self._source("scatter", dim, index, given)
        if not index.numel():
            return self.clone()
        if reduce is None:
            return self._scattered(dim, index, source)
        if reduce not in ("add", "multiply"):
            raise RuntimeError(
                f"scatter: reduce argument must be either add or multiply, got {reduce}"
            )
        return self.scatter_reduce(dim, index, source, "sum" if reduce == "add" else "prod")

    def scatter_add(self: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
        """self + the numbers of ``src`` at the places that `gather` reads, adding again where a
        place repeats. Errors as for `gather`.

        Args:
            dim: the dimension that is indexed.
            index: integers, as many dimensions as this tensor.
        """
        source = self._source("scatter_add", dim, index, src)
        if not index.numel():
            return self.clone()
        return self._scattered(dim, index, source, accumulate=True)

    def _scattered(
        self: Tensor, dim: int, index: Any, source: Any, *, accumulate: bool = False
    ) -> Tensor:
        flat = self if self.ndim else self.reshape(1)
        shape = index.shape if self.ndim else (index.numel(),)
        y: Tensor = put_along(
            flat,
            source.reshape(shape),
            index.reshape(shape),
            flat._dim(dim),
            accumulate=accumulate,
        )
        return y if self.ndim else y.reshape(())

    def scatter_reduce(
        self: Tensor,
        dim: int,
        index: Tensor,
        src: Tensor,
        reduce: str,
        *,
        include_self: bool = True,
    ) -> Tensor:
        """At every place the sum, product, mean, greatest or smallest ("sum", "prod", "mean",
        "amax", "amin") of the numbers of ``src`` that `scatter` brings there, and with
        ``include_self`` of the number there. Where nothing comes, it stays as it is.

        Args:
            dim: the dimension that is indexed.
            index: integers, as many dimensions as this tensor.
            reduce: which of the five.
        """
        if reduce not in _START:
            raise RuntimeError(
                "scatter_reduce: reduce argument must be either sum, prod, mean, amax or amin, "
                f"got {reduce}"
            )
        if reduce == "mean":
            refuse_bools("scatter_reduce", self)
        source: Any = self._source("scatter_reduce", dim, index, src)
        if not index.numel():
            return self.clone()
        if not self.ndim:
            flat = self.reshape(1)
            y = flat.scatter_reduce(
                0, index.reshape(-1), source.reshape(-1), reduce, include_self=include_self
            )
            return y.reshape(())
        i = self._dim(dim)
        x: Any = self
        if not include_self:
            x = put_along(x, _start(reduce, self.dtype), index, i)
        if reduce in ("sum", "mean"):
            total = put_along(x, source, index, i, accumulate=True)
            if reduce == "sum":
                return total  # type: ignore[no-any-return]
            counts = Op.fresh(self.device.call("ones_like", self.array))
            if not include_self:
                counts = put_along(counts, 0, index, i)
            counts = put_along(counts, 1, index, i, accumulate=True).clamp(min=1)
            mean: Tensor = total.div(
                counts, rounding_mode=None if total.dtype.kind == "f" else "floor"
            )
            return mean
        op = {"amax": scatter_amax, "amin": scatter_amin, "prod": scatter_prod}[reduce]
        return op(x, source, index, dim=i)

    scatter_ = in_place(scatter)
    scatter_add_ = in_place(scatter_add)
    scatter_reduce_ = in_place(scatter_reduce)

    # -- what is checked ------------------------------------------------------------------------

    def _check_places(self: Tensor, caller: str, dim: int, index: Any) -> int:
        """The dimension from the front. Errors: see `gather`."""
        i = self._dim(dim)
        if index.dtype.kind != "i":
            raise RuntimeError(f"{caller}: Expected dtype int32/int64 for index, got {index.dtype}")
        if not index.numel():
            return i
        if max(self.ndim, 1) != max(index.ndim, 1):
            raise RuntimeError(
                f"{caller}: Index tensor must have the same number of dimensions as input tensor; "
                f"the shapes are {index.shape} and {self.shape}"
            )
        if (
            self.ndim
            and index.ndim
            and any(
                j != i and m > n
                for j, (m, n) in enumerate(zip(index.shape, self.array.shape, strict=True))
            )
        ):
            raise RuntimeError(
                f"{caller}: Size does not match: expected index {list(index.shape)} to be no "
                f"larger than self {list(self.shape)} apart from dimension {i}"
            )
        from_front(caller, index, 0, self.array.shape[i] if self.ndim else 1, error=RuntimeError)
        return i

    def _source(self: Tensor, caller: str, dim: int, index: Any, source: Any) -> Any:
        """What is scattered, cut to the shape of the index. Errors: see `gather`."""
        self._check_places(caller, dim, index)
        if not isinstance(source, Core):
            filling = fitting(caller, number(source), self.dtype)
            return Op.fresh(self.device.call("full", index.shape, filling, self.dtype))
        same_dtype(caller, self, source)
        if not index.numel():
            return source
        if max(source.ndim, 1) != max(index.ndim, 1) or any(
            m > n for m, n in zip(index.shape, source.shape, strict=False)
        ):
            raise RuntimeError(
                f"{caller}: expected index {list(index.shape)} to be no larger than src "
                f"{list(source.shape)}"
            )
        if source.shape == index.shape or not source.ndim or not index.ndim:
            return source
        whole: Any = source
        return whole[tuple(np.s_[:n] for n in index.shape)]


_START = {"sum": 0, "mean": 0, "prod": 1, "amax": -np.inf, "amin": np.inf}


def _start(reduce: str, dtype: Any) -> Any:
    """The number that changes nothing in this kind of reduction."""
    start = _START[reduce]
    if np.isfinite(start) or dtype.kind == "f":
        return start
    if dtype.kind == "b":
        return start > 0
    limits = np.iinfo(dtype)
    return int(limits.min if start < 0 else limits.max)
