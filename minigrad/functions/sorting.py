"""The functions of `minigrad.methods.sorting`, and the search in ordered numbers."""

from __future__ import annotations

from typing import Any

from minigrad.creation import zeros
from minigrad.dtypes import int32, int64
from minigrad.functions.method import function
from minigrad.names import public
from minigrad.ops.sorting import searchsorted as searchsorted_op
from minigrad.ranges import arange
from minigrad.tensor import Tensor, fresh

argsort = function(Tensor.argsort)
argwhere = function(Tensor.argwhere)
bincount = function(Tensor.bincount)
histc = function(Tensor.histc)
kthvalue = function(Tensor.kthvalue)
median = function(Tensor.median)
mode = function(Tensor.mode)
msort = function(Tensor.msort)
nanmedian = function(Tensor.nanmedian)
nanquantile = function(Tensor.nanquantile)
nonzero = function(Tensor.nonzero)
quantile = function(Tensor.quantile)
sort = function(Tensor.sort)
topk = function(Tensor.topk)
unique = function(Tensor.unique)


_each_repeated = function(Tensor.repeat_interleave, name="repeat_interleave")


def repeat_interleave(*args: Any, **kwargs: Any) -> Tensor:
    """`Tensor.repeat_interleave`. Of ``repeats`` alone, a vector: each place so many times in
    a row, which is what repeats any dimension of that length.

    Args:
        args, kwargs: those of the method, the tensor (``input``) first; or ``repeats`` alone.
    """
    if len(args) + sum(name in kwargs for name in ("input", "repeats", "dim")) != 1:
        return _each_repeated(*args, **kwargs)
    counts = args[0] if args else kwargs.get("repeats")
    if not isinstance(counts, Tensor) or {*kwargs} - {"repeats", "output_size"}:
        return _each_repeated(*args, **kwargs)  # it says what is missing
    if counts.ndim != 1:
        raise RuntimeError("repeat_interleave: only accept 1D vector as repeat")
    if counts.dtype not in (int32, int64):
        raise NotImplementedError(
            f"repeat_interleave: not implemented for repeats of {counts.dtype}"
        )
    places = arange(len(counts), dtype=counts.dtype, device=counts.device)
    return places.repeat_interleave(counts, 0, output_size=kwargs.get("output_size"))


def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Where each number would have to go into the sequence to keep its order: before its equals, or
    behind them with ``right``. Of a sequence with several dimensions each row serves a row.

    ``sorter`` are the places that bring an unordered sequence into order.
    Errors: RuntimeError when the leading dimensions differ.

    Args:
        sorted_sequence: the numbers in order.
        input: what is looked for, a tensor or a number.
        out_int32: give int32, not int64.
        side: "left" or "right", another way to say ``right``.
    """
    if side not in (None, "left", "right") or (side == "left" and right):
        raise RuntimeError(f"searchsorted: side can only be 'left' or 'right' but got {side}")
    number = not isinstance(input, Tensor)
    x = fresh(sorted_sequence.device.call("asarray", input)) if number else input
    if sorter is not None:
        sorted_sequence = sorted_sequence.gather(-1, sorter)
    if not sorted_sequence.ndim:
        raise RuntimeError(
            "searchsorted: boundaries tensor should have at least 1 dimension, got 0"
        )
    if sorted_sequence.ndim != 1 and sorted_sequence.shape[:-1] != x.shape[:-1]:
        raise RuntimeError(
            "searchsorted: boundaries tensor should be 1 dimension or the first N-1 dimensions of "
            f"boundaries tensor and input value tensor must match, but we got boundaries tensor "
            f"{list(sorted_sequence.shape)} and input value tensor {list(x.shape)}"
        )
    if not x.numel() or not sorted_sequence.numel():
        y = zeros(x.shape, dtype=int64, device=x.device)
        return y.int() if out_int32 else y
    y = searchsorted_op(sorted_sequence, x, right=right or side == "right")
    return y.int() if out_int32 else y


def bucketize(
    input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False
) -> Tensor:
    """The number of the interval between ordered boundaries that each number lies in: an interval
    includes its upper boundary, or with ``right`` its lower one.

    Args:
        input: a tensor or a number.
        boundaries: numbers in order.
        out_int32: give int32, not int64.
    """
    if boundaries.ndim != 1:
        raise RuntimeError(f"bucketize: boundaries must be 1 dimension, got {boundaries.ndim}")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


public(globals())
