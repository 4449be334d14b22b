"""Numbers by tensors of places: picking them, and putting others there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.dtypes import Number
from minigrad.methods.arithmetic import in_place
from minigrad.methods.indexing import Indexing
from minigrad.op import Op
from minigrad.ops.arithmetic import refuse_bools
from minigrad.ops.indexing import HOLE, WHOLE, along, put, put_along, take
from minigrad.ops.scatter import scatter_amax, scatter_amin, scatter_prod

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Scatter(Indexing):
    """gather and its like."""

    # -- a place for each number ----------------------------------------------------------------

    def gather(self, dim: int, index: Tensor) -> Tensor:
        """y[.., i, ..] = self[.., index[.., i, ..], ..] with ``dim`` indexed; no broadcasting.

        Errors: RuntimeError when the index has other dimensions, is longer apart from ``dim``, or
        names a place that does not exist.
        """
        i = self._check_places("gather", dim, index)
        if not self.ndim:
            return self.reshape(1).gather(0, index.reshape(-1)).reshape(index.shape)
        return along(self, index, i)  # type: ignore[no-any-return]

    def take_along_dim(self, indices: Tensor, dim: int | None = None) -> Tensor:
        """`gather` that broadcasts apart from ``dim``; without one it reads the flattened tensor."""
        if dim is None:
            return self.reshape(-1).gather(0, indices.reshape(-1))
        i = self._dim(dim)
        if self.ndim != indices.ndim:
            raise RuntimeError(
                f"take_along_dim: expected as many dimensions as the input has ({self.ndim}), got "
                f"indices of shape {tuple(indices.shape)}"
            )
        pairs = list(zip(self.shape, indices.shape, strict=True))
        common = [max(n, m) if 0 not in (n, m) else 0 for n, m in pairs]
        places = indices.expand([indices.shape[i] if j == i else n for j, n in enumerate(common)])
        source = self.expand([self.shape[i] if j == i else n for j, n in enumerate(common)])
        low, high = -self.shape[i], self.shape[i]
        return source.gather(i, _from_front("take_along_dim", places, low, high))

    def scatter(
        self,
        dim: int,
        index: Tensor,
        src: Any = None,
        *,
        value: Any = None,
        reduce: str | None = None,
    ) -> Tensor:
        """self, but at the places that `gather` reads the numbers of ``src`` (or one value).

        ``reduce`` is "add" or "multiply" for adding to what is there. Errors as for `gather`.
        """
        number = value if src is None else src
        source: Any = self._source("scatter", dim, index, number)
        if reduce is None:
            return self._scattered(dim, index, source)
        if reduce not in ("add", "multiply"):
            raise RuntimeError(
                f"scatter: reduce argument must be either add or multiply, got {reduce}"
            )
        return self.scatter_reduce(dim, index, source, "sum" if reduce == "add" else "prod")

    def scatter_add(self, dim: int, index: Tensor, src: Tensor) -> Tensor:
        """self + the numbers of ``src`` at the places that `gather` reads, adding again where a
        place repeats. Errors as for `gather`."""
        source = self._source("scatter_add", dim, index, src)
        return self._scattered(dim, index, source, accumulate=True)

    def _scattered(self, dim: int, index: Any, source: Any, *, accumulate: bool = False) -> Tensor:
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
        self, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
    ) -> Tensor:
        """At every place the sum, product, mean, greatest or smallest ("sum", "prod", "mean",
        "amax", "amin") of the numbers of ``src`` that `scatter` brings there, and with
        ``include_self`` of the number there. Where nothing comes, it stays as it is."""
        if reduce not in _START:
            raise RuntimeError(
                f"scatter_reduce: reduce argument must be either sum, prod, mean, amax or amin, got "
                f"{reduce}"
            )
        if reduce == "mean":
            refuse_bools("scatter_reduce", self)
        source: Any = self._source("scatter_reduce", dim, index, src)
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
            counts = Op.wrap(self.device.xp.ones_like(self.array))
            if not include_self:
                counts = put_along(counts, 0, index, i)
            counts = put_along(counts, 1, index, i, accumulate=True).clamp(min=1)
            mean: Tensor = total.div(
                counts, rounding_mode=None if total.dtype.kind == "f" else "floor"
            )
            return mean
        op = {"amax": scatter_amax, "amin": scatter_amin, "prod": scatter_prod}[reduce]
        return op(x, source, index, dim=i)

    # -- a place for each slice -----------------------------------------------------------------

    def index_select(self, dim: int, index: Tensor) -> Tensor:
        """The slices at these places along ``dim``, in their order."""
        if not self.ndim:
            return self.reshape(1).index_select(dim, index).reshape(())
        i, key = self._slices("index_select", dim, index)
        return take(self, index.reshape(-1), key=key)

    def index_add(self, dim: int, index: Tensor, source: Tensor, *, alpha: Number = 1) -> Tensor:
        """self, with alpha · the slices of ``source`` added at these places along ``dim``."""
        _, key = self._slices("index_add", dim, index, source)
        added = source if alpha == 1 else source * alpha
        return put(self, added, index.reshape(-1), key=key, accumulate=True)

    def index_copy(self, dim: int, index: Tensor, source: Tensor) -> Tensor:
        """self, with the slices of ``source`` at these places along ``dim``."""
        _, key = self._slices("index_copy", dim, index, source)
        return put(self, source, index.reshape(-1), key=key)

    def index_fill(self, dim: int, index: Tensor, value: Any) -> Tensor:
        """self, with one value in the slices at these places along ``dim``."""
        _, key = self._slices("index_fill", dim, index)
        return put(self, value, index.reshape(-1), key=key)

    def index_put(self, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
        """self, with the values at ``self[indices]``, or added there with ``accumulate``."""
        _, places, arrays = self._parsed(tuple(indices))
        return put(self, values, *arrays, key=places, accumulate=accumulate)

    def _slices(
        self, caller: str, dim: int, index: Any, source: Any = None
    ) -> tuple[int, tuple[Any, ...]]:
        """The dimension from the front and the key. Errors: IndexError, RuntimeError."""
        i = self._dim(dim)
        if index.ndim > 1:
            raise IndexError(
                f"{caller}: Index is supposed to be a vector, got {index.ndim} dimensions"
            )
        if index.dtype.kind != "i":
            raise RuntimeError(f"{caller}: Expected dtype int32/int64 for index, got {index.dtype}")
        lowest = -self.shape[i] if caller == "index_fill" else 0
        _from_front(caller, index, lowest, self.shape[i])
        if source is not None:
            expected = (*self.shape[:i], index.numel(), *self.shape[i + 1 :])
            if tuple(source.shape) != expected:
                raise RuntimeError(
                    f"{caller}: expected a source of shape {expected} (a slice for each index), got "
                    f"{tuple(source.shape)}"
                )
            _same_dtype(caller, self, source)
        return i, (WHOLE,) * i + (HOLE,) + (WHOLE,) * (self.ndim - i - 1)

    # -- the flattened tensor -------------------------------------------------------------------

    def take(self, index: Tensor) -> Tensor:
        """The numbers at these places of the flattened tensor, in the shape of ``index``."""
        return take(self.reshape(-1), self._flat("take", index), key=(HOLE,))

    def put(self, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
        """self, with numbers put (or added) at these places of the flattened tensor."""
        if index.numel() != source.numel():
            raise RuntimeError(
                f"put: expected source and index to have the same number of elements, got "
                f"{source.numel()} and {index.numel()}"
            )
        _same_dtype("put", self, source)
        places = self._flat("put", index)
        flat: Any = self.reshape(-1)
        filled = put(flat, source.reshape(index.shape), places, key=(HOLE,), accumulate=accumulate)
        return filled.reshape(self.shape)

    def _flat(self, caller: str, index: Any) -> Any:
        if index.dtype.kind != "i":
            raise RuntimeError(f"{caller}: Expected a long tensor for index, but got {index.dtype}")
        return _from_front(caller, index, -self.numel(), self.numel(), error=IndexError)

    # -- masks ----------------------------------------------------------------------------------

    def masked_fill(self, mask: Tensor, value: Any) -> Tensor:
        """self, but ``value`` where the mask (which broadcasts) is true.

        Errors: RuntimeError for a mask that is not bool, or a value that is no single number.
        """
        x: Any = self
        _check_mask("masked_fill", mask)
        if getattr(value, "ndim", 0):
            raise RuntimeError(
                f"masked_fill: only supports a 0-dimensional value tensor, but got tensor with "
                f"{value.ndim} dimension(s)."
            )
        filler = _number("masked_fill", value, x) if isinstance(value, (int, float)) else value
        return x.where(~mask, filler.to(dtype=x.dtype))  # type: ignore[no-any-return]

    def masked_select(self, mask: Tensor) -> Tensor:
        """The numbers where the mask is true, in one dimension; both broadcast."""
        _check_mask("masked_select", mask)
        shape = np.broadcast_shapes(self.shape, mask.shape)
        return self.expand(shape)[mask.expand(shape)]

    def masked_scatter(self, mask: Tensor, source: Tensor) -> Tensor:
        """self, but where the mask (which broadcasts) is true the numbers of ``source`` in turn.

        Errors: RuntimeError when there are too few.
        """
        _check_mask("masked_scatter", mask)
        _same_dtype("masked_scatter", self, source)
        shape = np.broadcast_shapes(self.shape, mask.shape)
        where = mask.expand(shape)
        count = int(where.array.sum())
        if count > source.numel():
            raise RuntimeError(
                f"masked_scatter: expected at least {count} numbers, one for each true place of the "
                f"mask, got {source.numel()}"
            )
        first: Any = source.reshape(-1)
        return put(self.expand(shape), first[:count], where, key=(HOLE,))

    # -- in place -------------------------------------------------------------------------------

    scatter_ = in_place(scatter)
    scatter_add_ = in_place(scatter_add)
    scatter_reduce_ = in_place(scatter_reduce)
    index_add_ = in_place(index_add)
    index_copy_ = in_place(index_copy)
    index_fill_ = in_place(index_fill)
    index_put_ = in_place(index_put)
    put_ = in_place(put)
    masked_fill_ = in_place(masked_fill)
    masked_scatter_ = in_place(masked_scatter)

    # -- what is checked ------------------------------------------------------------------------

    def _check_places(self, caller: str, dim: int, index: Any) -> int:
        """The dimension from the front. Errors: see `gather`."""
        i = self._dim(dim)
        if index.dtype.kind != "i":
            raise RuntimeError(f"{caller}: Expected dtype int32/int64 for index, got {index.dtype}")
        if max(self.ndim, 1) != max(index.ndim, 1):
            raise RuntimeError(
                f"{caller}: Index tensor must have the same number of dimensions as input tensor; "
                f"the shapes are {tuple(index.shape)} and {self.shape}"
            )
        if self.ndim and any(
            j != i and m > n for j, (m, n) in enumerate(zip(index.shape, self.shape, strict=True))
        ):
            raise RuntimeError(
                f"{caller}: Size does not match: expected index {list(index.shape)} to be no larger "
                f"than self {list(self.shape)} apart from dimension {i}"
            )
        _from_front(caller, index, 0, self.shape[i] if self.ndim else 1, error=RuntimeError)
        return i

    def _source(self, caller: str, dim: int, index: Any, source: Any) -> Any:
        """What is scattered, cut to the shape of the index. Errors: see `gather`."""
        self._check_places(caller, dim, index)
        if not isinstance(source, Indexing):
            return Op.wrap(self.device.xp.full(index.shape, source, self.dtype))
        _same_dtype(caller, self, source)
        if max(source.ndim, 1) != max(index.ndim, 1) or any(
            m > n for m, n in zip(index.shape, source.shape, strict=False)
        ):
            raise RuntimeError(
                f"{caller}: expected index {list(index.shape)} to be no larger than src "
                f"{list(source.shape)}"
            )
        if source.shape == index.shape or not source.ndim or not index.ndim:
            return source
        return source[tuple(np.s_[:n] for n in index.shape)]


_START = {"sum": 0, "mean": 0, "prod": 1, "amax": -np.inf, "amin": np.inf}


def _start(reduce: str, dtype: Any) -> Any:
    """The number that changes nothing in this kind of reduction."""
    start = _START[reduce]
    if np.isfinite(start) or dtype.kind == "f":
        return start
    limits = np.iinfo(dtype)
    return int(limits.min if start < 0 else limits.max)


def _from_front(
    caller: str, index: Any, low: int, high: int, *, error: type[Exception] = IndexError
) -> Any:
    """The index, after its numbers were looked at. On a GPU the look would cost a transfer."""
    a = index.array
    if isinstance(a, np.ndarray) and a.size:
        smallest, greatest = int(a.min()), int(a.max())
        if smallest < low or greatest >= high:
            raise error(
                f"{caller}: index {smallest if smallest < low else greatest} is out of bounds for "
                f"{high} places"
            )
    return index


def _number(caller: str, value: float, like: Any) -> Any:
    """A number as a 0-d tensor. Errors: RuntimeError when the type of ``like`` cannot hold it."""
    if like.dtype.kind in "iu":
        limits = np.iinfo(like.dtype)
        if not limits.min <= value <= limits.max:
            raise RuntimeError(
                f"{caller}: value {value} cannot be converted to type {like.dtype} without overflow"
            )
    return Op.wrap(like.device.xp.asarray(value, like.dtype))


def _check_mask(caller: str, mask: Any) -> None:
    if mask.dtype.kind != "b":
        raise RuntimeError(f"{caller}: expected a mask of dtype bool, got {mask.dtype}")


def _same_dtype(caller: str, x: Any, source: Any) -> None:
    if x.dtype != source.dtype:
        raise RuntimeError(
            f"{caller}: expected self and source to have the same dtype, got {x.dtype} and "
            f"{source.dtype}"
        )
