"""Order and counting. What has places as its result has no derivative; the numbers themselves are
picked by these places."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.reduction import spread
from minigrad.ops.scan import running


@op("'the places that bring x into order'")
def argsort(xp: Any, x: Array, *, axis: int, descending: bool = False) -> Array:
    """y = the places that bring x into order along ``axis``; equals keep theirs, nan is greatest"""
    if not descending:
        return xp.argsort(x, axis=axis, kind="stable")
    behind = xp.argsort(xp.flip(x, axis), axis=axis, kind="stable")
    return x.shape[axis] - 1 - xp.flip(behind, axis)


@op("'the places of the k greatest or least x, in order'")
def topk_place(xp: Any, x: Array, *, k: int, axis: int, largest: bool = True) -> Array:
    """y = the places of the k greatest (or smallest) x along ``axis``, in order"""
    n = x.shape[axis]
    if 0 < k < n // 4:  # much faster than to sort them all
        some = xp.argpartition(x, n - k if largest else k - 1, axis=axis)
        some = xp.take(some, xp.arange(n - k, n) if largest else xp.arange(k), axis=axis)
        some = xp.sort(some, axis=axis)
        order = argsort.forward(
            xp, xp.take_along_axis(x, some, axis), axis=axis, descending=largest
        )
        return xp.take_along_axis(some, order, axis)
    order = argsort.forward(xp, x, axis=axis, descending=largest)
    return xp.take(order, xp.arange(k), axis=axis)


@op("'the place of the middle x, of the lower of two'")
def median_place(xp: Any, x: Array, *, axis: int, keepdim: bool = False) -> Array:
    """y = the place of the middle number along ``axis`` (the lower of two), or of the first nan"""
    order = xp.argsort(x, axis=axis, kind="stable")
    middle = xp.take(order, (x.shape[axis] - 1) // 2, axis=axis)
    lost = xp.isnan(x)
    place = xp.where(xp.any(lost, axis=axis), xp.argmax(lost, axis=axis), middle)
    return xp.expand_dims(place, axis) if keepdim else place


@op("'the last place of the most frequent x'")
def mode_place(xp: Any, x: Array, *, axis: int) -> Array:
    """y = the last place of the most frequent number along ``axis``, the smallest of several"""
    order = xp.argsort(x, axis=axis, kind="stable")
    line = xp.moveaxis(xp.take_along_axis(x, order, axis), axis, -1)
    ranks = xp.arange(line.shape[-1])
    fresh = xp.ones(line.shape, bool)
    fresh[..., 1:] = line[..., 1:] != line[..., :-1]
    starts = running(xp, xp.maximum, xp.where(fresh, ranks, 0), line.ndim - 1)
    ends = xp.argmax(ranks - starts, axis=-1, keepdims=True)  # of the first of the longest runs
    return xp.take_along_axis(order, xp.moveaxis(ends, -1, axis), axis)


@op("'the middle x, the lower of two'", wide=True)
def median(xp: Any, x: Array) -> Array:
    """y = the middle number (the lower of two), nan if there is one"""
    flat = xp.sort(x.reshape(-1))
    n = flat.size
    if not n:
        return xp.full((), math.nan, x.dtype)
    return xp.where(xp.isnan(flat[-1]), flat[-1], flat[(n - 1) // 2])


def _median_x(g: Any, x: Any, out: Any) -> Any:
    axes = tuple(range(x.ndim))
    hits = ((x == spread(out, x.shape, axes, False)) | x.isnan()).to(g.dtype)  # see `amax`
    return spread(g, x.shape, axes, False) * (hits / hits.sum())


median.derivatives(x=_median_x)
median.mathematics(x="g * (x == out) / sum[...](x == out)")


@op("sum[i](sequence[i] <= x) if right else sum[i](sequence[i] < x)")
def searchsorted(xp: Any, sequence: Array, x: Array, *, right: bool = False) -> Array:
    """y = how many of the ordered sequence are < x (<= x with ``right``); if the sequence has more
    dimensions than one, each of its rows serves the row of x at the same place"""
    side = "right" if right else "left"
    if sequence.ndim == 1:
        return xp.searchsorted(sequence, x, side=side)
    y = xp.empty(x.shape, xp.int64)
    rows = zip(sequence.reshape(-1, sequence.shape[-1]), x.reshape(-1, x.shape[-1]), strict=True)
    for target, (row, wanted) in zip(y.reshape(-1, x.shape[-1]), rows, strict=True):
        target[...] = xp.searchsorted(row, wanted, side=side)
    return y


@op("'the different x, in order'")
def unique(xp: Any, x: Array, *, axis: int | None) -> Array:
    """y = the different numbers (or slices along ``axis``) of x, in order; no nan equals another"""
    if axis is None or xp is np:
        return xp.unique(x, axis=axis, equal_nan=False)
    order, fresh = _ordered_slices(xp, x, axis)
    return xp.moveaxis(xp.moveaxis(x, axis, 0)[order][fresh], 0, axis)


@op("'where each x stands among the different ones'")
def unique_place(xp: Any, x: Array, *, axis: int | None) -> Array:
    """y = where each number (or slice along ``axis``) of x stands in `unique`"""
    if axis is None or xp is np:
        _, places = xp.unique(x, return_inverse=True, axis=axis, equal_nan=False)
        return places.reshape(x.shape if axis is None else -1)
    order, fresh = _ordered_slices(xp, x, axis)
    places = xp.empty(order.shape, xp.int64)
    places[order] = xp.cumsum(fresh) - 1
    return places


def _ordered_slices(xp: Any, x: Array, axis: int) -> tuple[Array, Array]:
    """The order of the slices along ``axis``, and which of them, in order, differ from the one
    before. (CuPy's own `unique` compares slices on the host, two at a time.)"""
    slices = xp.moveaxis(x, axis, 0)
    rows = slices.reshape(len(slices), math.prod(slices.shape[1:]))
    keys = xp.flip(rows.T, 0) if rows.dtype.kind != "b" else xp.flip(rows.T, 0).astype(np.uint8)
    order = xp.lexsort(keys) if keys.size else xp.arange(len(rows))
    rows = rows[order]
    fresh = xp.ones(len(rows), bool)
    fresh[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    return order, fresh


@op("out[k] = sum[i](x[i] == k)")
def bincount(xp: Any, x: Array, *weights: Array, minlength: int = 0) -> Array:
    """y[k] = how many x are k, or the sum of their weights"""
    if not weights:
        return xp.bincount(x, minlength=minlength)
    dtype = weights[0].dtype if weights[0].dtype == xp.float32 else xp.float64
    return xp.bincount(x, weights[0], minlength).astype(dtype)


@op("'how many x lie in the k-th of equal parts of a range'")
def histc(xp: Any, x: Array, *, bins: int, low: float, high: float) -> Array:
    """y[k] = how many x lie in the k-th of ``bins`` equal parts of [low, high]"""
    known = x[(x >= low) & (x <= high)]
    places = ((known - low) * (bins / (high - low))).astype(xp.int64)
    return xp.bincount(xp.minimum(places, bins - 1), minlength=bins).astype(x.dtype)


@op("'the places of all x that are not 0'")
def nonzero(xp: Any, x: Array) -> Array:
    """y = the indices of all x that are not 0, one a row, in int64"""
    return xp.argwhere(x)
