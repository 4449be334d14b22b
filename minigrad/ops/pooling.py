"""Windows that are reduced to one number each: the largest, or the sum.

The largest is found one dimension after the other, by whole strided slices: a window of K × K takes
2 (K - 1) comparisons a place instead of K² - 1. Where it stands is only asked for in backward, and
is then a number within the window, 0 .. K² - 1 in the order of its rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.native.hook import native
from minigrad.native.library import Call
from minigrad.op import Forward, op
from minigrad.ops.arithmetic import stored
from minigrad.ops.patches import AT, Sizes, Window, bordered, inside
from minigrad.threads import share

CHOSEN = "number(k, kernel) == spot[n, c, p]"
"""Whether k is the offset that is given for a place, in the language of formulas."""
SHARED = 1 << 20
"""Bytes of images from which on threads share them: a few tenths of a millisecond of work."""


def by_images(forward: Forward) -> Forward:
    """A forward on images, which on the CPU threads share where there is enough to do."""

    @wraps(forward)
    def compute(xp: Any, *operands: Array, out: Array | None = None, **params: Any) -> Array:
        if xp is not np or max(x.nbytes for x in operands) < SHARED:
            return forward(xp, *operands, out=out, **params)
        parts: dict[int, Array] = {}

        def some(start: int, stop: int) -> None:
            goal = None if out is None else out[start:stop]
            own = (x[start:stop] for x in operands)
            parts[start] = forward(xp, *own, out=goal, **params)

        share(len(operands[0]), some)
        return np.concatenate([parts[i] for i in sorted(parts)]) if out is None else out

    return compute


def _lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _reduced(combine: Any, y: Array, window: Window, places: Sizes) -> Array:
    """An image in its border, combined over the window, dimension by dimension."""
    for i, n in enumerate(places):
        d, s = window.dilation[i], window.stride[i]
        lead = (slice(None),) * (i + 2)
        parts = [
            y[(*lead, slice(k * d, k * d + (n - 1) * s + 1, s))] for k in range(window.kernel[i])
        ]
        if len(parts) == 1:
            y = parts[0]
            continue
        y = combine(parts[0], parts[1])
        for part in parts[2:]:
            combine(y, part, out=y)
    return y


@op(f"out[n, c, p] = max[k < kernel](x[n, c, {AT}])")
@by_images
def window_max(xp: Any, x: Array, *, window: Window, out: Array | None = None) -> Array:
    """y[n, c, p] = max x[n, c, p · stride + k · dilation - padding] over the window's offsets k"""
    y = bordered(xp, x, window, _lowest(x.dtype))
    y = _reduced(xp.maximum, y, window, window.places(x.shape[2:]))
    return stored(xp, y.copy() if window.volume == 1 else y, out)


@op("'the offset k of the greatest x[n, c, p stride + k dilation - padding], the first of several'")
@by_images
def window_argmax(xp: Any, x: Array, *, window: Window, out: Array | None = None) -> Array:
    """a[n, c, p] = the offset, counted through the window, of its largest number: the first where
    there are several, but the last nan where there is one"""
    places = window.places(x.shape[2:])
    y = bordered(xp, x, window, _lowest(x.dtype))
    kind = _spots(window)
    best, spot = None, xp.zeros((*x.shape[:2], *places), kind)
    if window.padded:  # where nothing is larger than -inf, the first offset inside the image
        best = xp.full(spot.shape, _lowest(x.dtype), x.dtype)
        spot += _first_inside(xp, window, places).astype(kind)
    # On a GPU it is always careful: the look would cost a transfer.
    careful = x.dtype.kind == "f" and (xp is not np or bool(np.isnan(np.sum(x))))
    for k, (_, spots) in enumerate(window.offsets(places)):
        part = y[(..., *spots)]
        if best is None:
            best = part.copy()
            continue
        larger = part > best
        if careful:
            larger |= xp.isnan(part)
        # k only grows, so the last offset that was larger is the largest number written.
        xp.maximum(spot, xp.multiply(larger, kind(k), dtype=kind), out=spot)
        xp.maximum(best, part, out=best)
    return stored(xp, spot, out)


def _spots(window: Window) -> type:
    """The type of offsets within the window."""
    return np.uint8 if window.volume <= 256 else np.int64


def _first_inside(xp: Any, window: Window, places: Sizes) -> Array:
    """For each place, the first offset of the window that is no border, counted through it."""
    total = xp.zeros((1,) * len(places), np.int64)
    for i, n in enumerate(places):
        start = xp.arange(n) * window.stride[i] - window.padding[i][0]
        first = xp.maximum(0, -(start // window.dilation[i]))
        shape = [1] * len(places)
        shape[i] = n
        total = total * window.kernel[i] + first.reshape(shape)
    return total


@op("'p stride + k dilation - padding, counted through the image, for the offset k that is given'")
def window_place(xp: Any, spot: Array, *, window: Window, size: Sizes) -> Array:
    """Where an offset within the window is in the image, counted through the image: int64"""
    places = spot.shape[2:]
    rest = spot.astype(np.int64)
    found = xp.zeros_like(rest)
    scale = 1
    for i in reversed(range(len(size))):
        rest, within = xp.divmod(rest, window.kernel[i])
        shape = [1] * len(places)
        shape[i] = places[i]
        start = xp.arange(places[i]) * window.stride[i] - window.padding[i][0]
        found += (within * window.dilation[i] + start.reshape(shape)) * scale
        scale *= size[i]
    return found


@op(f"out[n, c, p] = sum[k < kernel, {CHOSEN}](x[n, c, {AT}])")
@by_images
def window_pick(
    xp: Any, x: Array, spot: Array, *, window: Window, out: Array | None = None
) -> Array:
    """y[n, c, p] = x[n, c, p · stride + k · dilation - padding] at the offset k = spot[n, c, p]"""
    y = xp.zeros(spot.shape, x.dtype)
    image = bordered(xp, x, window)
    for k, (_, spots) in enumerate(window.offsets(spot.shape[2:])):
        y += _where(xp, spot == k, image[(..., *spots)])
    return stored(xp, y, out)


def _where(xp: Any, mask: Array, y: Array) -> Array:
    """y where the mask is true, else 0. A product of bits, which leaves inf and nan as they are;
    it takes a fifth of the time of a masked copy."""
    bits = np.dtype(f"i{y.itemsize}")
    return xp.multiply(y.view(bits), mask, dtype=bits).view(y.dtype)


@op(
    f"out[n, c, s] = sum[p, k < kernel, {AT} == s, {CHOSEN}](y[n, c, p])",
    wide=True,
)
@by_images
def window_drop(
    xp: Any, y: Array, spot: Array, *, window: Window, size: Sizes, out: Array | None = None
) -> Array:
    """x = zeros, but y[n, c, p] is added where `window_pick` would find it"""
    return _spread(
        xp,
        (*y.shape[:2], *size),
        y.dtype,
        y.shape[2:],
        window,
        out,
        lambda k: _where(xp, spot == k, y),
    )


def _spread(
    xp: Any,
    shape: Sizes,
    dtype: Any,
    places: Sizes,
    window: Window,
    out: Array | None,
    part: Callable[[int], Array],
) -> Array:
    """x = zeros, but ``part(k)`` is added to what the places find at offset k of the window."""
    x = xp.empty(shape, dtype) if out is None else out
    image = xp.empty((*shape[:2], *window.bordered(shape[2:])), dtype) if window.padded else x
    if not (window.disjoint and image.size == math.prod((*shape[:2], *places)) * window.volume):
        image[...] = 0  # some numbers are in no window, or in several
    for k, (_, spots) in enumerate(window.offsets(places)):
        if window.disjoint:
            image[(..., *spots)] = part(k)
        else:
            image[(..., *spots)] += part(k)
    if window.padded:
        x[...] = inside(image, shape[2:], window)
    return x


@op(f"out[n, c, p] = sum[k < kernel](x[n, c, {AT}])", wide=True)
@by_images
def window_sum(xp: Any, x: Array, *, window: Window, out: Array | None = None) -> Array:
    """y[n, c, p] = Σ x[n, c, p · stride + k · dilation - padding] over the window's offsets k"""
    y = _reduced(xp.add, bordered(xp, x, window), window, window.places(x.shape[2:]))
    return stored(xp, y.copy() if window.volume == 1 else y, out)


@op(
    f"out[n, c, s] = sum[p, k < kernel, {AT} == s](y[n, c, p])",
    wide=True,
)
@by_images
def window_spread(
    xp: Any, y: Array, *, window: Window, size: Sizes, out: Array | None = None
) -> Array:
    """x = zeros, but y[n, c, p] is added to every number of its window: the adjoint of the sum"""
    return _spread(xp, (*y.shape[:2], *size), y.dtype, y.shape[2:], window, out, lambda k: y)


@native(window_max)
def _(x: Array, *, window: Window, out: Array | None) -> Call | None:
    return _reduction("window_max", x, window, out)


@native(window_sum)
def _(x: Array, *, window: Window, out: Array | None) -> Call | None:
    planes, n = _planes(x, x.shape[2:], window)
    if planes:
        y = np.empty((*x.shape[:2], *(1,) * (x.ndim - 2)), x.dtype) if out is None else out
        return Call("sum", [y, x], [1, planes, n])
    return _reduction("window_sum", x, window, out)


@native(window_argmax)
def _(x: Array, *, window: Window, out: Array | None) -> Call | None:
    places = window.places(x.shape[2:])
    facts = _facts(x, x.shape, places, window)
    if facts is None:
        return None
    spot = np.empty((*x.shape[:2], *places), _spots(window)) if out is None else out
    return Call("window_argmax", [spot, x], facts)


@native(window_drop)
def _(y: Array, spot: Array, *, window: Window, size: Sizes, out: Array | None) -> Call | None:
    facts = _facts(y, (*y.shape[:2], *size), y.shape[2:], window)
    if facts is None or spot.dtype != _spots(window) or spot.shape != y.shape:
        return None
    x = np.empty((*y.shape[:2], *size), y.dtype) if out is None else out
    return Call("window_drop", [x, y, spot], facts)


@native(window_spread)
def _(y: Array, *, window: Window, size: Sizes, out: Array | None) -> Call | None:
    planes, n = _planes(y, size, window)
    facts = _facts(y, (*y.shape[:2], *size), y.shape[2:], window)
    if facts is None:
        return None
    x = np.empty((*y.shape[:2], *size), y.dtype) if out is None else out
    if planes:
        return Call("move", [x, y], [1, 1, 1, 1, planes, n, 0, 0, 0, 0, n, 1, 0, 0, 0, 0, 1, 0])
    return Call("window_spread", [x, y], facts)


def _planes(x: Array, size: Sizes, window: Window) -> tuple[int, int]:
    """How many images there are and their numbers, where the window is the whole of each and the
    kernels of sums serve; else 0."""
    whole = tuple(window.kernel) == tuple(size) and not window.padded and window.volume > 1
    n = math.prod(size)
    count = math.prod(x.shape[:2]) if x.dtype.char in "fd" else 0
    return (count, n) if whole and window.places(size) == (1,) * len(size) else (0, n)


def _reduction(name: str, x: Array, window: Window, out: Array | None) -> Call | None:
    places = window.places(x.shape[2:])
    facts = _facts(x, x.shape, places, window)
    if facts is None:
        return None
    y = np.empty((*x.shape[:2], *places), x.dtype) if out is None else out
    return Call(name, [y, x], facts)


def _facts(array: Array, shape: Sizes, places: Sizes, window: Window) -> list[int] | None:
    """What the kernels want to know of a window over images of that shape; None for other
    dimensions or types, and where there is nothing to do."""
    if len(shape) == 3:  # a sequence is an image of one row
        shape, places, window = (*shape[:2], 1, shape[2]), (1, *places), window.of_rows()
    if len(shape) != 4 or array.dtype.char not in "fd" or 0 in (*shape, *places):
        return None
    (top, _), (left, _) = window.padding
    moves = (*window.kernel, *window.stride, *window.dilation)
    wide = window.volume > 256
    return [shape[0] * shape[1], *shape[2:], *places, *moves, top, left, int(wide)]


window_max.derivatives(
    x=lambda g, x, x_shape, window: window_drop(
        g, window_argmax(x, window=window), window=window, size=x_shape[2:]
    )
)
window_max.mathematics(
    x=f"x[n, c, s] = sum[p, k < kernel, {AT} == s, x[n, c, s] == out[n, c, p]](g[n, c, p])"
)
window_pick.derivatives(
    x=lambda g, spot, x_shape, window: window_drop(g, spot, window=window, size=x_shape[2:])
)
window_pick.mathematics(x=f"x[n, c, s] = sum[p, k < kernel, {AT} == s, {CHOSEN}](g[n, c, p])")
window_drop.derivatives(y=lambda g, spot, window: window_pick(g, spot, window=window))
window_drop.mathematics(y=f"y[n, c, p] = sum[k < kernel, {CHOSEN}](g[n, c, {AT}])")
window_sum.derivatives(
    x=lambda g, x_shape, window: window_spread(g, window=window, size=x_shape[2:])
)
window_sum.mathematics(x=f"x[n, c, s] = sum[p, k < kernel, {AT} == s](g[n, c, p])")
window_spread.derivatives(y=lambda g, window: window_sum(g, window=window))
window_spread.mathematics(y=f"y[n, c, p] = sum[k < kernel](g[n, c, {AT}])")
