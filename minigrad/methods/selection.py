"""Numbers by vectors of places and by masks: picking them, and putting others there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.dtypes import Number, fitting
from minigrad.methods.indexing import held, spread_by_mask
from minigrad.methods.spelling import common_shape, number
from minigrad.methods.twins import in_place
from minigrad.op import Op
from minigrad.ops.indexing import HOLE, WHOLE, put, take
from minigrad.recording import reads

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Selection:
    """index_select and its like."""

    # -- a place for each slice -----------------------------------------------------------------

    def index_select(self: Tensor, dim: int, index: Tensor) -> Tensor:
        """The slices at these places along ``dim``, in their order.

        Args:
            index: integers, in one dimension.
        """
        if not self.ndim:
            return self._one().index_select(dim, index).reshape(())
        key = self._slices("index_select", dim, index)
        return take(self, index.reshape(-1), key=key)

    def index_add(
        self: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Number = 1
    ) -> Tensor:
        """self, with alpha · the slices of ``source`` added at these places along ``dim``.

        Args:
            index: integers, in one dimension; one that is there twice adds twice.
            alpha: a number.
        """
        if not self.ndim:
            return self._one().index_add(dim, index, source.reshape(-1), alpha=alpha).reshape(())
        key = self._slices("index_add", dim, index, source)
        alpha = number(alpha)
        added = source if alpha == 1 else source * fitting("index_add", alpha, self.dtype)
        return put(self, added, index.reshape(-1), key=key, accumulate=True)

    def index_copy(self: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
        """self, with the slices of ``source`` at these places along ``dim``.

        Args:
            index: integers, in one dimension.
        """
        if not self.ndim:
            return self._one().index_copy(dim, index, source.reshape(-1)).reshape(())
        if self.ndim == 1 and not source.ndim:
            source = source.reshape(1)
        key = self._slices("index_copy", dim, index, source)
        return put(self, source, index.reshape(-1), key=key)

    def index_fill(self: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
        """self, with one value in the slices at these places along ``dim``.

        Args:
            index: integers, in one dimension.
            value: a number, or a tensor without dimensions.
        """
        if getattr(value, "ndim", 0):
            raise RuntimeError(
                "index_fill: only supports a 0-dimensional value tensor, but got tensor with "
                f"{value.ndim} dimension(s)."
            )
        if not self.ndim:
            return self._one().index_fill(dim, index, value).reshape(())
        key = self._slices("index_fill", dim, index)
        if isinstance(value, (int, float)):
            value = fitting("index_fill", value, self.dtype)
        return put(self, value, index.reshape(-1), key=key)

    def index_put(self: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
        """self, with the values at ``self[indices]``, or added there with ``accumulate``.

        Args:
            indices: a tuple of tensors, one for each indexed dimension.
            values: the numbers, broadcast.
        """
        _, places, arrays = self._parsed(tuple(indices))
        spread_by_mask(values, arrays)
        return put(self, values, *arrays, key=places, accumulate=accumulate)

    def _one(self: Tensor) -> Tensor:
        """A single number as a vector, on which all of these are defined."""
        return self.reshape(1)

    def _slices(
        self: Tensor, caller: str, dim: int, index: Any, source: Any = None
    ) -> tuple[Any, ...]:
        """The key. Errors: IndexError, RuntimeError."""
        i = self._dim(dim)
        if index.ndim > 1:
            raise IndexError(
                f"{caller}: Index is supposed to be a vector, got {index.ndim} dimensions"
            )
        if index.dtype.kind != "i":
            raise RuntimeError(f"{caller}: Expected dtype int32/int64 for index, got {index.dtype}")
        lowest = -self.array.shape[i] if caller == "index_fill" else 0
        from_front(caller, index, lowest, self.array.shape[i])
        if source is not None:
            expected = (*self.array.shape[:i], index.numel(), *self.array.shape[i + 1 :])
            if tuple(source.shape) != expected:
                raise RuntimeError(
                    f"{caller}: expected a source of shape {expected} (a slice for each index), "
                    f"got {tuple(source.shape)}"
                )
            same_dtype(caller, self, source)
        return (WHOLE,) * i + (HOLE,) + (WHOLE,) * (self.ndim - i - 1)

    # -- the flattened tensor -------------------------------------------------------------------

    def take(self: Tensor, index: Tensor) -> Tensor:
        """The numbers at these places of the flattened tensor, in the shape of ``index``."""
        return take(self.reshape(-1), self._flat("take", index), key=(HOLE,))

    def put(self: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
        """self, with numbers put (or added) at these places of the flattened tensor.

        Args:
            index: integers, of any shape.
            source: as many numbers.
            accumulate: whether to add to what is there.
        """
        if index.numel() != source.numel():
            raise RuntimeError(
                f"put: expected source and index to have the same number of elements, got "
                f"{source.numel()} and {index.numel()}"
            )
        same_dtype("put", self, source)
        places = self._flat("put", index)
        flat: Any = self.reshape(-1)
        filled = put(flat, source.reshape(index.shape), places, key=(HOLE,), accumulate=accumulate)
        return filled.reshape(self.array.shape)

    def _flat(self: Tensor, caller: str, index: Any) -> Any:
        if index.dtype.kind != "i":
            raise RuntimeError(f"{caller}: Expected a long tensor for index, but got {index.dtype}")
        return from_front(caller, index, -self.numel(), self.numel(), error=IndexError)

    # -- masks ----------------------------------------------------------------------------------

    def masked_fill(self: Tensor, mask: Tensor, value: Any) -> Tensor:
        """self, but ``value`` where the mask (which broadcasts) is true.

        Args:
            mask: truth values.

        Errors: RuntimeError for a mask that is not bool, or a value that is no single number.
        """
        x: Any = self
        _check_mask("masked_fill", mask)
        if getattr(value, "ndim", 0):
            raise RuntimeError(
                f"masked_fill: only supports a 0-dimensional value tensor, but got tensor with "
                f"{value.ndim} dimension(s)."
            )
        if isinstance(value, np.ndarray):
            value = value[()]
        filler = (
            _number("masked_fill", value, x)
            if isinstance(value, (int, float, np.generic))
            else value
        )
        return x.where(~mask, held("masked_fill", filler, x.dtype))  # type: ignore[no-any-return]

    def masked_select(self: Tensor, mask: Tensor) -> Tensor:
        """The numbers where the mask is true, in one dimension; both broadcast.

        Args:
            mask: truth values.
        """
        _check_mask("masked_select", mask)
        shape = common_shape("masked_select", [self.shape, mask.shape])
        return self.expand(shape)[mask.expand(shape)]

    def masked_scatter(self: Tensor, mask: Tensor, source: Tensor) -> Tensor:
        """self, but where the mask (which broadcasts) is true the numbers of ``source`` in turn.

        Args:
            mask: truth values.

        Errors: RuntimeError when there are too few.
        """
        _check_mask("masked_scatter", mask)
        same_dtype("masked_scatter", self, source)
        shape = common_shape("masked_scatter", [self.shape, mask.shape])
        where = mask.expand(shape)
        reads("masked_scatter()")
        count = self.device.call("sum", where.array).item()
        if count > source.numel():
            raise RuntimeError(
                f"masked_scatter: expected at least {count} numbers, one for each true place of "
                f"the mask, got {source.numel()}"
            )
        first: Any = source.reshape(-1)
        return put(self.expand(shape), first[:count], where, key=(HOLE,))

    # -- in place -------------------------------------------------------------------------------

    index_add_ = in_place(index_add)
    index_copy_ = in_place(index_copy)
    index_fill_ = in_place(index_fill)
    index_put_ = in_place(index_put)
    put_ = in_place(put)
    masked_fill_ = in_place(masked_fill)
    masked_scatter_ = in_place(masked_scatter)


def from_front(
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


def _number(caller: str, value: Any, like: Any) -> Any:
    """A number as a 0-d tensor. Errors: RuntimeError when the type of ``like`` cannot hold it."""
    value = fitting(caller, value, like.dtype)
    return Op.fresh(like.device.call("asarray", value, like.dtype))


def _check_mask(caller: str, mask: Any) -> None:
    if mask.dtype.kind != "b":
        raise RuntimeError(f"{caller}: expected a mask of dtype bool, got {mask.dtype}")


def same_dtype(caller: str, x: Any, source: Any) -> None:
    if x.dtype != source.dtype:
        raise RuntimeError(
            f"{caller}: expected self and source to have the same dtype, got {x.dtype} and "
            f"{source.dtype}"
        )
