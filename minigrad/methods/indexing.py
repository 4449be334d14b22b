"""Brackets: every form of ``x[...]`` and ``x[...] = v``."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.arrays import as_array
from minigrad.device import place
from minigrad.dtypes import DType, fitting
from minigrad.methods.core import Core
from minigrad.op import Op
from minigrad.ops.indexing import HOLE, put, slice, take
from minigrad.ops.update import copy
from minigrad.recording import reads

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

_slice = type(np.s_[:])
_WHOLE = np.s_[:]


class Indexing:
    """Numbers by their places."""

    def __getitem__(self: Tensor, key: Any) -> Tensor:
        views, places, arrays = self._parsed(key)
        if any(part.dtype.kind == "b" for part in arrays):
            reads("a mask between brackets")
        result: Any = slice(self, key=views)
        return take(result, *arrays, key=places) if arrays else result

    def __setitem__(self: Tensor, key: Any, value: Any) -> None:
        views, places, arrays = self._parsed(key)
        target: Any = self if not views else slice(self, key=views)
        source: Any = value if isinstance(value, Core) else Op.fresh(_array(value, target))
        if not source.ndim and len(arrays) == 1 and arrays[0].dtype.kind == "b":
            source = held("setitem", source, self.dtype)
        if arrays and source.dtype != self.dtype:
            raise RuntimeError(
                "setitem: Index put requires the source and destination dtypes match, got "
                f"{self.dtype} for the destination and {source.dtype} for the source"
            )
        if arrays:
            spread_by_mask(value, arrays)
            put(target, _leading_ones_off(source), *arrays, key=places, into=target)
        else:
            copy(target, _leading_ones_off(source, target.ndim), into=target)

    def __delitem__(self: Tensor, key: Any) -> None:
        raise TypeError("delitem: Tensor does not support deleting items")

    def _parsed(self: Tensor, key: Any) -> tuple[tuple[Any, ...], tuple[Any, ...], list[Any]]:
        """The key in two steps, as PyTorch takes it: first a view by integers and slices, then the
        index and mask tensors on the dimensions that are left."""
        parts = [_part(part, self) for part in (key if isinstance(key, tuple) else (key,))]
        used = 0
        for part in parts:
            if isinstance(part, Core):
                used += part.ndim if part.dtype.kind == "b" else 1
            elif part is not None and part is not Ellipsis:
                used += 1
        if used > self.ndim:
            hint = "" if self.ndim else "; use .item() to get the number of a 0-dim tensor"
            raise IndexError(
                f"index: too many indices for tensor of dimension {self.ndim}: {used} were "
                f"given{hint}"
            )
        parts.append(Ellipsis)
        free = self.ndim - used
        views: list[Any] = []
        places: list[Any] = []
        arrays: list[Any] = []
        dim = 0
        for part in parts:
            if part is None:
                views.append(None)
                places.append(_WHOLE)
            elif part is Ellipsis:
                views += [_WHOLE] * free
                places += [_WHOLE] * free
                dim += free
                free = 0  # a second ellipsis stands for nothing
            elif isinstance(part, Core):
                covered = part.ndim if part.dtype.kind == "b" else 1
                self._check_indices(part, dim, covered)
                views += [_WHOLE] * covered
                places.append(HOLE)
                arrays.append(part)
                dim += covered
            elif isinstance(part, _slice):
                views.append(part)
                places.append(_WHOLE)
                dim += 1
            else:
                n = self.array.shape[dim]
                if not -n <= part < n:
                    raise IndexError(
                        f"index: index {part} is out of bounds for dimension {dim} with size {n}"
                    )
                views.append(part)
                dim += 1
        if all(part is _WHOLE for part in views):
            views = []
        return tuple(views), tuple(places), arrays

    def _check_indices(self: Tensor, index: Core, dim: int, covered: int) -> None:
        a = index.array
        if index.dtype.kind == "b":
            if a.shape != self.array.shape[dim : dim + covered]:
                raise IndexError(
                    f"index: the mask has shape {a.shape}, expected that of the dimensions it "
                    f"indexes, {self.shape[dim : dim + covered]}"
                )
        elif index.dtype not in (np.int64, np.int32):
            raise IndexError(
                "index: tensors used as indices must be long, int, byte or bool tensors; got "
                f"{index.dtype}"
            )
        elif isinstance(a, np.ndarray) and a.size:  # on a GPU the look would cost a transfer
            n = self.array.shape[dim]
            low, high = int(a.min()), int(a.max())
            if low < -n or high >= n:
                raise IndexError(
                    f"index: index {low if low < -n else high} is out of bounds for dimension "
                    f"{dim} with size {n}"
                )


def _part(part: Any, x: Core) -> Any:
    """One part of a key to x: an integer, a slice, None, Ellipsis, or a tensor."""
    if part is None or part is Ellipsis or part.__class__ is int:
        return part
    if isinstance(part, _slice):
        bounds = [None if n is None else _bound(n) for n in (part.start, part.stop, part.step)]
        if bounds[2] is not None and bounds[2] <= 0:
            raise ValueError(f"slice: step must be greater than zero, got {part.step}; use flip()")
        return _slice(*bounds)
    if isinstance(part, Core):
        if part.dtype == np.uint8:
            return part.bool()  # type: ignore[attr-defined]
        # As in PyTorch a single number gives a view.
        return part if part.ndim or part.dtype.kind != "i" else int(part)  # type: ignore[call-overload]
    if isinstance(part, (np.ndarray, np.bool_, bool)):
        a = np.asarray(part)
        return Op.fresh(place(a.astype(bool) if a.dtype == np.uint8 else a, x.device))
    if hasattr(part, "__index__"):
        return index(part)
    if isinstance(part, (str, bytes)):
        raise TypeError(f"index: invalid data type '{type(part).__name__}'")
    if isinstance(part, Sequence):
        return Op.fresh(place(_listed(part), x.device))
    raise IndexError(
        "index: only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are "
        f"valid indices (got {type(part).__name__})"
    )


def _bound(n: Any) -> int:
    try:
        return index(n)
    except TypeError as error:
        raise TypeError(
            "slice: indices must be integers or None or have an __index__ method, got "
            f"{type(n).__name__}"
        ) from error


def _listed(part: Sequence[Any]) -> Any:
    """The array of a list of places, or of truth values. Errors: IndexError for a list that PyTorch
    once took for a tuple: with slices, None, Ellipsis or tensors in it."""
    for item in part:
        if item is None or item is Ellipsis or isinstance(item, (_slice, Core)):
            raise IndexError(
                "index: a list between brackets is one index, of numbers; of several indices, as "
                f"this one with {type(item).__name__} in it, write a tuple"
            )
    a = as_array("index", part if isinstance(part, (list, tuple, range)) else list(part))
    return a.astype(np.int64) if a.size == 0 else a


def spread_by_mask(value: Any, arrays: list[Any]) -> None:
    """Tell of a tensor that is put where a mask is true: how many of its numbers go where depends
    on the mask. A single number is the same everywhere."""
    if isinstance(value, Core) and value.ndim and any(part.dtype.kind == "b" for part in arrays):
        reads("a tensor put by a mask")


def held(caller: str, number: Any, dtype: DType) -> Any:
    """A 0-d tensor in another type. Errors: RuntimeError where integers do not hold its number: for
    that it is looked at, where not all of its type fit."""
    if dtype.kind in "iu" and not np.can_cast(number.dtype, dtype):
        fitting(caller, number.item(), dtype)
    return number.to(dtype=dtype)


def _array(value: Any, target: Any) -> Any:
    if value is None:
        raise TypeError(f"setitem: can't assign None to a tensor of {target.dtype}")
    if isinstance(value, (int, float)):
        value = np.asarray(fitting("setitem", value, target.dtype), target.dtype)
    try:
        if not isinstance(value, (list, tuple, range)) and not hasattr(value, "__array__"):
            raise TypeError(type(value).__name__)
        return place(as_array("setitem", value, target.dtype), target.device)
    except (TypeError, ValueError) as error:
        raise TypeError(
            "setitem: expected a tensor, numbers or nested lists of equal length, "
            f"got {value!r:.60}"
        ) from error


def _leading_ones_off(value: Any, ndim: int = 0) -> Any:
    """PyTorch lets a value have more leading dimensions of length 1 than the place it goes to."""
    while value.ndim > ndim and value.shape[0] == 1:
        value = value.reshape(value.shape[1:])
    return value
