"""The columns of a batch, which a convolution multiplies its filters by, some images at a time; on
the CPU threads share the images."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from typing import Any

import numpy as np

from minigrad.device import Array
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
