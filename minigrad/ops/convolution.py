"""Convolution: one form, linear in the image x, the filters w, and y in the shape of the result,

    T(x, w, y) = Σ y[n, o, p] · w[o, c, k] · x[n, c, p · stride + k · dilation - padding],

and three ops, each its gradient with respect to one of the three: `conv` is ∂T/∂y, `conv_input`
(the transposed convolution) ∂T/∂x, `conv_weight` ∂T/∂w. So each rule is again one of the three.

All three are products with the columns of `im2col`. The columns are many times larger than the
image, so they are made for some images at a time, in memory that stays in the cache, and made
again in backward rather than kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.native.library import Call
from minigrad.op import op
from minigrad.ops.patches import Sizes, Window, inside, slid
from minigrad.threads import scratch, share

CACHE = 1 << 21
"""Bytes of columns made at a time: they stay in the cache, and calls are long."""
DEVICE = 1 << 28
"""The same on a GPU, where few large products are better than many small ones."""
SHARED = 1 << 22
"""Bytes of columns from which on threads share the images: about a millisecond of work."""
MULTIPLIED = 1 << 26
"""The same in multiplications."""
SMALL = 1 << 15
"""Numbers of filters that are better turned around at the end than computed as they are."""
WIDE_ROWS = 256
"""Up to so many rows, copying columns costs more than the numbers left out (see `Columns`)."""
FEW_PLACES = 64
"""Up to so many places one product for many images is faster than one for each."""


class Columns:
    """The columns of a batch, ``count`` images at a time, as matrices (N, G, C/G · K, L).

    L counts the places of the window. Where the window moves by single steps and has few rows, a
    row runs on through the border between the image's rows ("wide"): it is then one run of memory,
    which is copied several times faster, and the numbers between the rows are left out at the end.
    """

    def __init__(
        self,
        xp: Any,
        shape: Sizes,
        size: Sizes,
        dtype: Any,
        window: Window,
        groups: int,
        outs: int,
    ) -> None:
        self.xp, self.dtype, self.window, self.groups, self.size = xp, dtype, window, groups, size
        self.channels = shape[1]
        self.places = window.places(size)
        self.sides = window.bordered(size)
        steps = [math.prod(self.sides[i + 1 :]) for i in range(len(size))]
        run = sum((n - 1) * step for n, step in zip(self.places, steps, strict=True)) + 1
        length = math.prod(self.places)
        rows = shape[1] * window.volume
        self.wide = (
            length > 0
            and set(window.stride) == {1}
            and window.volume > 1
            and length > FEW_PLACES
            and rows // groups <= WIDE_ROWS
            and run <= 1.5 * length
        )
        self.merged = length <= FEW_PLACES
        self.length = run if self.wide else length
        self.steps = steps
        self.bytes = max(1, rows * self.length * dtype.itemsize)  # of one image
        self.multiplied = rows // groups * self.length * outs
        self.count = max(1, min(shape[0], (CACHE if xp is np else DEVICE) // self.bytes))
        self.area = math.prod(self.sides)
        self.stage: Array = None
        self.folded: Array = None

    def each(self, n: int, work: Callable[[Columns, slice], Array | None]) -> Array | None:
        """Call ``work(columns, part)`` for ``count`` of n images at a time; sum what it returns.

        Where there is enough to do, threads share it, each with memory of its own.
        """
        sums: dict[int, Array] = {}

        def run(start: int, stop: int) -> None:
            own, total = copy(self), None
            for i in range(start, stop, self.count):
                found = work(own, slice(i, min(i + self.count, stop)))
                if found is not None:
                    total = found if total is None else self.xp.add(total, found, out=total)
            sums[start] = total

        much = n * self.bytes >= SHARED or n * self.multiplied >= MULTIPLIED
        if self.xp is np and much:
            share(n, run)
        else:
            run(0, n)
        results = [sums[start] for start in sorted(sums)]
        return sum(results[1:], results[0]) if results and results[0] is not None else None

    def of(self, x: Array) -> Array:
        """The columns of these images, in memory that the next call uses again."""
        y = self._bordered(x)
        view = self._runs(y) if self.wide else slid(self.xp, y, self.window, self.places)
        if self.window.volume == 1:  # nothing to lay out: the image is its own column matrix
            return self._matrices(view)
        view = self._batch_last(view)
        matrix = scratch(self.xp, "columns", view.shape, self.dtype)
        self.xp.copyto(matrix, view)
        return matrix.reshape(self._shape(len(x)))

    def fold(self, w: Array, y: Array, x: Array) -> None:
        """Add the columns ``w`` · ``spread(y)`` up in these images: the adjoint of `of`."""
        if self.wide:
            self._fold_runs(w, y, x)
            return
        c = self.xp.matmul(w, self.spread(y))
        image = self._border(len(x)) if self.window.padded else x
        image[...] = 0
        c = self._images(c, len(x))
        c = c.reshape(len(x), self.channels, *self.window.kernel, *self.places)
        if self.window.disjoint:
            slid(self.xp, image, self.window, self.places)[...] = c
        else:
            for offset, spots in self.window.offsets(self.places):
                image[(..., *spots)] += c[(slice(None), slice(None), *offset)]
        if image is not x:
            x[...] = inside(image, self.size, self.window)

    def _fold_runs(self, w: Array, y: Array, x: Array) -> None:
        """`fold` of wide rows. All images lie side by side with zeros in between, so that a number
        of the image is found at the same distance from row to row: one sum adds all rows up."""
        m, rows = len(x), self.channels * self.window.volume
        lead = self.area - self.length  # zeros before the first row, as behind each image
        if self.folded is None:  # the zeros are never written over
            n = lead + rows * self.count * self.area
            self.folded = scratch(self.xp, "folded", (n,), self.dtype)
            self.folded[...] = 0
        shape = (self.groups, rows // self.groups, self.count, self.area)
        c = self.folded[lead:].reshape(shape).transpose(2, 0, 1, 3)[:m, ..., : self.length]
        self.xp.matmul(w, self.spread(y), out=c)
        unit, apart = self.dtype.itemsize, self.count * self.area
        strides = [
            math.prod(self.window.kernel[i + 1 :]) * apart - step
            for i, step in enumerate(self._within())
        ]
        moved = self.xp.lib.stride_tricks.as_strided(
            self.folded[lead:],
            (self.channels, *self.window.kernel, m * self.area),
            (self.window.volume * apart * unit, *(s * unit for s in strides), unit),
        )
        image = scratch(self.xp, "images", (self.channels, m * self.area), self.dtype)
        self.xp.sum(moved, axis=tuple(range(1, moved.ndim - 1)), out=image)
        sides = self.xp.moveaxis(image.reshape(self.channels, m, *self.sides), 0, 1)
        x[...] = inside(sides, self.size, self.window)

    def product(self, w: Array, x: Array) -> Array:
        """``w`` · the columns of these images, in memory that the next call uses again."""
        c = self.of(x)
        shape = (*c.shape[:-2], w.shape[-2], c.shape[-1])
        return self.xp.matmul(w, c, out=scratch(self.xp, "product", shape, self.dtype))

    def spread(self, y: Array) -> Array:
        """A result (N, O, *places) as matrices: the adjoint of `gather` without a bias."""
        if not self.wide:
            return self._matrices(y)
        c = scratch(self.xp, "spread", (*y.shape[:2], self.length), self.dtype)
        c[...] = 0
        self._rows(c)[...] = y
        return c.reshape(self._shape(len(y)))

    def gather(self, c: Array, y: Array, bias: Array | None) -> None:
        """The result from its matrices (N, G, O/G, L), with the bias added on the way."""
        rows = self._rows(self._images(c, len(y)).reshape(len(y), y.shape[1], -1))
        if bias is None:
            y[...] = rows
        else:
            self.xp.add(rows, bias, out=y)

    def _shape(self, m: int) -> tuple[int, ...]:
        if self.merged:
            return (1, self.groups, -1, m * self.length)
        return (m, self.groups, -1, self.length)

    def _matrices(self, y: Array) -> Array:
        """(N, R, ...) as matrices (N, G, R/G, L), or (1, G, R/G, N · L)."""
        m = len(y)
        return self._batch_last(y).reshape(self._shape(m))

    def _batch_last(self, y: Array) -> Array:
        """Merged images lie side by side: the batch stands before the places, a view."""
        return self.xp.moveaxis(y, 0, -1 - len(self.places)) if self.merged else y

    def _images(self, c: Array, m: int) -> Array:
        """The inverse of `_matrices`, (N, R, L)."""
        if not self.merged:
            return c.reshape(m, -1, self.length)
        return self.xp.moveaxis(c.reshape(-1, m, self.length), 1, 0)

    def _rows(self, c: Array) -> Array:
        """What lies at the window's places in (N, O, L), a view (N, O, *places)."""
        if not self.wide:
            return c.reshape(*c.shape[:2], *self.places)
        unit = c.itemsize
        return self.xp.lib.stride_tricks.as_strided(
            c, (*c.shape[:2], *self.places), (*c.strides[:2], *(s * unit for s in self.steps))
        )

    def _runs(self, y: Array) -> Array:
        """All windows of an image in its border, a view (N, C, *K, L)."""
        unit = y.itemsize
        return self.xp.lib.stride_tricks.as_strided(
            y,
            (*y.shape[:2], *self.window.kernel, self.length),
            (*y.strides[:2], *(step * unit for step in self._within()), unit),
        )

    def _within(self) -> list[int]:
        """How far apart in the image the window's offsets are, by dimension."""
        return [s * d for s, d in zip(self.steps, self.window.dilation, strict=True)]

    def _border(self, m: int) -> Array:
        if self.stage is None:
            self.stage = self.xp.zeros((self.count, self.channels, *self.sides), self.dtype)
        return self.stage[:m]

    def _bordered(self, x: Array) -> Array:
        if not self.window.padded:
            # Runs go through memory; only the image's own dimensions need to be dense.
            return self.xp.ascontiguousarray(x) if self.wide else x
        y = self._border(len(x))
        inside(y, self.size, self.window)[...] = x
        return y


@op
def conv(
    xp: Any,
    x: Array,
    w: Array,
    *bias: Array,
    window: Window,
    groups: int = 1,
    out: Array | None = None,
) -> Array:
    """y[n, o, p] = Σ w[o, c, k] · x[n, c, p · stride + k · dilation - padding] + b[o]"""
    columns = Columns(xp, x.shape, x.shape[2:], x.dtype, window, groups, len(w))
    y = xp.empty((len(x), len(w), *columns.places), x.dtype) if out is None else out
    matrix = w.reshape(groups, len(w) // groups, -1)
    b = bias[0].reshape(-1, *(1,) * len(columns.places)) if bias else None

    def some(columns: Columns, part: slice) -> None:
        columns.gather(columns.product(matrix, x[part]), y[part], b)

    columns.each(len(x), some)
    return y


@op
def conv_input(
    xp: Any,
    y: Array,
    w: Array,
    *,
    window: Window,
    size: Sizes,
    groups: int = 1,
    out: Array | None = None,
) -> Array:
    """x[n, c, s] = Σ y[n, o, p] · w[o, c, k] over p · stride + k · dilation - padding = s"""
    shape = (len(y), w.shape[1] * groups, *size)
    columns = Columns(xp, shape, size, y.dtype, window, groups, y.shape[1])
    x = xp.empty(shape, y.dtype) if out is None else out
    matrix = xp.swapaxes(w.reshape(groups, len(w) // groups, -1), 1, 2)

    def some(columns: Columns, part: slice) -> None:
        columns.fold(matrix, y[part], x[part])

    columns.each(len(y), some)
    return x


@op
def conv_weight(
    xp: Any, x: Array, y: Array, *, window: Window, groups: int = 1, out: Array | None = None
) -> Array:
    """w[o, c, k] = Σ y[n, o, p] · x[n, c, p · stride + k · dilation - padding]"""
    columns = Columns(xp, x.shape, x.shape[2:], x.dtype, window, groups, y.shape[1])
    o, c = y.shape[1], x.shape[1]

    rows = c // groups * window.volume
    tall = o // groups < rows < SMALL // o

    def some(columns: Columns, part: slice) -> Array:
        a, b = columns.spread(y[part]), columns.of(x[part])
        if tall:  # OpenBLAS wants the longer side of small matrices first
            a, b = b, a
        return xp.matmul(a, xp.swapaxes(b, 2, 3)).sum(axis=0)

    w = xp.zeros((o, c // groups, *window.kernel), x.dtype) if out is None else out
    total = columns.each(len(x), some)
    if total is None:
        w[...] = 0
    else:
        w[...] = (xp.swapaxes(total, 1, 2) if tall else total).reshape(w.shape)
    return w


@conv.native
def _(
    x: Array,
    w: Array,
    *bias: Array,
    window: Window,
    groups: int = 1,
    out: Array | None = None,
) -> Call | None:
    places = window.places(x.shape[2:])
    facts = _geometry(x.shape, w.shape, places, window, groups, x, w, *bias)
    if facts is None:
        return None
    y = np.empty((len(x), len(w), *places), x.dtype) if out is None else out
    return Call("conv", [y, x, w, *bias], [*facts, len(bias)])


@conv_input.native
def _(
    y: Array,
    w: Array,
    *,
    window: Window,
    size: Sizes,
    groups: int = 1,
    out: Array | None = None,
) -> Call | None:
    shape = (len(y), w.shape[1] * groups, *size)
    facts = _geometry(shape, w.shape, y.shape[2:], window, groups, y, w)
    if facts is None:
        return None
    x = np.empty(shape, y.dtype) if out is None else out
    return Call("conv_input", [x, y, w], facts)


@conv_weight.native
def _(
    x: Array, y: Array, *, window: Window, groups: int = 1, out: Array | None = None
) -> Call | None:
    shape = (y.shape[1], x.shape[1] // groups, *window.kernel)
    facts = _geometry(x.shape, shape, y.shape[2:], window, groups, x, y)
    if facts is None:
        return None
    w = np.empty(shape, x.dtype) if out is None else out
    return Call("conv_weight", [w, x, y], facts)


def _geometry(
    x: Sizes, w: Sizes, places: Sizes, window: Window, groups: int, *arrays: Array
) -> list[int] | None:
    """What the kernels want to know; None where they do not serve: other dimensions or types,
    nothing to do, or memory or offsets beyond reason."""
    dtype = arrays[0].dtype
    if len(x) != 4 or dtype.char not in "fd" or any(a.dtype != dtype for a in arrays):
        return None
    laid = x[1] * math.prod(window.bordered(x[2:]))
    turned = math.prod(places) * (w[0] + 32 * groups) * w[-1]
    if 0 in (*x, *w, *places) or laid > 1 << 27 or turned > 1 << 30:
        return None
    if window.kernel == x[2:] and not window.padded:  # one place: each number is a channel
        return [x[0], math.prod(x[1:]), 1, 1, w[0], 1, 1, groups, *(1,) * 6, 0, 0]
    (top, _), (left, _) = window.padding
    facts = (*x, w[0], *places, groups, *window.kernel, *window.stride, *window.dilation)
    return [*facts, top, left]


conv.derivatives(
    x=lambda g, w, x_shape, window, groups: conv_input(
        g, w, window=window, size=x_shape[2:], groups=groups
    ),
    w=lambda g, x, window, groups: conv_weight(x, g, window=window, groups=groups),
    bias=lambda g: g.sum([i for i in range(g.ndim) if i != 1]),
)
conv_input.derivatives(
    y=lambda g, w, window, groups: conv(g, w, window=window, groups=groups),
    w=lambda g, y, window, groups: conv_weight(g, y, window=window, groups=groups),
)
conv_weight.derivatives(
    x=lambda g, y, x_shape, window, groups: conv_input(
        y, g, window=window, size=x_shape[2:], groups=groups
    ),
    y=lambda g, x, window, groups: conv(x, g, window=window, groups=groups),
)
