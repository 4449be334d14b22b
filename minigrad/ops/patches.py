"""Windows that slide over images: im2col lays them out as columns, col2im adds them back.

Each is the other's derivative: ⟨im2col(x), c⟩ = ⟨x, col2im(c)⟩. Images are (N, C, *S) with one, two
or three dimensions S, columns (N, C, *K, *O): for each offset in the kernel, the number that each
place of the window finds there.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from minigrad.device import Array
from minigrad.op import op

Sizes = tuple[int, ...]
AT = "p * stride + k * dilation - padding"
"""Where a window at p has its k-th number, in the language of formulas."""


@dataclass(frozen=True)
class Window:
    """How a window moves: one entry for each dimension of the image.

    ``padding`` holds pairs (before, after) of border lengths.
    """

    kernel: Sizes
    stride: Sizes
    dilation: Sizes
    padding: tuple[tuple[int, int], ...]

    @property
    def volume(self) -> int:
        """How many numbers the window holds."""
        return math.prod(self.kernel)

    @property
    def spans(self) -> Sizes:
        """The lengths that the window covers: D (K - 1) + 1."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    @property
    def padded(self) -> bool:
        """Whether there is a border at all."""
        return any(before or after for before, after in self.padding)

    @property
    def disjoint(self) -> bool:
        """Whether no number is in two windows."""
        return all(s >= span for s, span in zip(self.stride, self.spans, strict=True))

    def of_rows(self) -> Window:
        """The same over images of one row: along a sequence."""
        return Window(
            (1, *self.kernel), (1, *self.stride), (1, *self.dilation), ((0, 0), *self.padding)
        )

    def bordered(self, size: Sizes) -> Sizes:
        """The image's lengths with the border."""
        return tuple(n + a + b for n, (a, b) in zip(size, self.padding, strict=True))

    def places(self, size: Sizes) -> Sizes:
        """How many places the window takes: ⌊(S + P - D (K - 1) - 1) / stride⌋ + 1."""
        return tuple(
            (n - span) // s + 1
            for n, span, s in zip(self.bordered(size), self.spans, self.stride, strict=True)
        )

    def offsets(self, size: Sizes) -> Iterator[tuple[Sizes, tuple[slice, ...]]]:
        """For each offset in the kernel, where the places of the window find it in the image
        (which has its border already)."""
        for offset in itertools.product(*map(range, self.kernel)):
            yield (
                offset,
                tuple(
                    slice(i * d, i * d + (n - 1) * s + 1, s)
                    for i, d, n, s in zip(offset, self.dilation, size, self.stride, strict=True)
                ),
            )


def bordered(xp: Any, x: Array, window: Window, value: float = 0) -> Array:
    """The image in its border; the image itself where the window has none."""
    if not window.padded:
        return x
    y = xp.full((*x.shape[:2], *window.bordered(x.shape[2:])), value, x.dtype)
    inside(y, x.shape[2:], window)[...] = x
    return y


def inside(y: Array, size: Sizes, window: Window) -> Array:
    """The image within its border, a view."""
    spots = (slice(a, a + n) for n, (a, _) in zip(size, window.padding, strict=True))
    return y[(slice(None), slice(None), *spots)]


def slid(xp: Any, y: Array, window: Window, places: Sizes) -> Array:
    """All windows of an image that has its border already, a view of shape (N, C, *K, *O)."""
    steps = y.strides[2:]
    within = tuple(a * d for a, d in zip(steps, window.dilation, strict=True))
    between = tuple(a * s for a, s in zip(steps, window.stride, strict=True))
    return xp.lib.stride_tricks.as_strided(
        y, (*y.shape[:2], *window.kernel, *places), (*y.strides[:2], *within, *between)
    )


@op(f"out[n, c, k, p] = x[n, c, {AT}]")
def im2col(xp: Any, x: Array, *, window: Window) -> Array:
    """c[n, c, k, o] = x[n, c, o · stride + k · dilation - padding]; zero where that is outside"""
    return slid(xp, bordered(xp, x, window), window, window.places(x.shape[2:])).copy()


@op(f"out[n, m, s] = sum[k, p, {AT} == s](c[n, m, k, p])", wide=True)
def col2im(xp: Any, c: Array, *, window: Window, size: Sizes) -> Array:
    """x[n, c, s] = Σ c[n, c, k, o] over all k, o with o · stride + k · dilation - padding = s"""
    x = xp.zeros((*c.shape[:2], *window.bordered(size)), c.dtype)
    places = c.shape[2 + len(size) :]
    for offset, spots in window.offsets(places):
        part = c[(slice(None), slice(None), *offset)]
        if window.disjoint:  # each number is met once
            x[(..., *spots)] = part
        else:
            x[(..., *spots)] += part
    return inside(x, size, window).copy() if window.padded else x


im2col.derivatives(x=lambda g, x_shape, window: col2im(g, window=window, size=x_shape[2:]))
im2col.mathematics(x=f"x[n, c, s] = sum[k, p, {AT} == s](g[n, c, k, p])")
col2im.derivatives(c=lambda g, window: im2col(g, window=window))
col2im.mathematics(c=f"c[n, m, k, p] = g[n, m, {AT}]")
