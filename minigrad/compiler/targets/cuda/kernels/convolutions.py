"""Convolution and its two gradients: for few channels kernels, which do all groups at once, else
columns and products."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.compiler.targets.cuda.kernels.places import (
    BLOCK,
    Scratch,
    blocks,
    copied,
    dense,
    index,
    real,
)
from minigrad.compiler.targets.cuda.kernels.reductions import SUM, fold
from minigrad.compiler.targets.cuda.kernels.registry import lowers
from minigrad.compiler.targets.cuda.kernels.sources import Facts, kernel
from minigrad.compiler.targets.cuda.kernels.tail import Tail, args, parts, stored
from minigrad.compiler.targets.cuda.kernels.windows import geometry
from minigrad.compiler.targets.cuda.launch import Gemm, Kernel, Launch, Work
from minigrad.compiler.targets.cuda.tuning import limits
from minigrad.device import Array
from minigrad.ops import patches
from minigrad.ops.patches import Sizes, Window

SHARED = 40 << 10
"""Bytes of weights that a block keeps; 48 KiB is what every GPU has without asking."""


@dataclass(frozen=True)
class Shape:
    """What a convolution works on: N images of ``size``, ``places``, and in each of the groups C
    channels and O filters."""

    n: int
    c: int
    o: int
    size: Sizes
    places: Sizes
    window: Window
    dtype: np.dtype[Any]
    facts: Facts
    groups: int = 1

    @property
    def weights(self) -> int:
        """Of one filter."""
        return self.c * self.window.volume

    @property
    def count(self) -> int:
        """Of places in one image."""
        return math.prod(self.places)

    @property
    def direct(self) -> bool:
        """Whether it is done without columns and products: there are so few channels."""
        most = limits()
        few = self.o <= most.few_filters and self.weights < most.few_weights
        room = self.o * self.window.volume * self.dtype.itemsize <= SHARED
        return few and room and not self.whole

    @property
    def whole(self) -> bool:
        """Whether the window is the image: an image is then a row of columns as it is."""
        return self.window.kernel == self.size and not self.window.padded

    @property
    def plain(self) -> bool:
        """Whether an image is a matrix of columns as it is."""
        window = self.window
        return window.volume == 1 and set(window.stride) == {1} and not window.padded

    def kernel(self, name: str, n: int, *more: tuple[str, str], patches: bool = False) -> Kernel:
        """One of these kernels for n images."""
        largest = max(self.weights * self.count, self.c * math.prod(self.size), self.o * self.count)
        facts = (
            ("real", {"f": "float", "d": "double"}[self.dtype.char]),
            ("index", index(n * largest * self.groups)),
            ("N", str(n)),
            ("GROUPS", str(self.groups)),
            ("C", str(self.c)),
            ("O", str(self.o)),
            ("PATCHES", str(int(patches))),
        )
        return kernel("convolutions", name, (*facts, *self.facts, *more))

    @property
    def slab(self) -> int:
        """For how many images columns are made at a time."""
        each = limits().slab // (self.weights * self.count * self.dtype.itemsize)
        return min(self.n, max(1, each))

    def slabs(self) -> list[slice]:
        """The images, ``slab`` at a time."""
        return [slice(i, min(i + self.slab, self.n)) for i in range(0, self.n, self.slab)]

    def spare(self, scratch: Scratch) -> tuple[Array, Array]:
        """Memory for the columns of a slab, and for its results turned around."""
        places = self.slab * self.count
        return scratch((places * self.weights,), self.dtype), scratch(
            (places * self.o,), self.dtype
        )

    def columns(self, x: Array, made: Array, patches: bool) -> Launch:
        """made = the columns of these images."""
        chosen = self.kernel("IMAGE_TO_COLUMNS", len(x), patches=patches)
        return Launch(chosen, blocks(len(x) * self.weights * self.count), BLOCK, (x, made))

    def image(
        self, columns: Array, x: Array, part: slice, patches: bool, tail: Tail | None = None
    ) -> Launch:
        """x[part] = the columns added up."""
        m, size = part.stop - part.start, self.c * math.prod(self.size)
        x, placed = self._placed(x, part, size, tail)
        facts = (*placed, *stored(tail, "x"))
        chosen = self.kernel("COLUMNS_TO_IMAGE", m, *facts, patches=patches)
        return Launch(chosen, blocks(m * size), BLOCK, (columns, x, *args(tail)))

    def biased(
        self, product: Array, bias: Array | None, y: Array, part: slice, tail: Tail | None
    ) -> Launch:
        """y[part] = the product with the biases added."""
        y, placed = self._placed(y, part, self.o * self.count, tail)
        chosen = self.kernel("ADD_BIAS", part.stop - part.start, *placed, *stored(tail))
        own = 0 if bias is None else bias
        return Launch(chosen, blocks(product.size), BLOCK, (product, own, y, *args(tail)))

    def _placed(self, y: Array, part: slice, size: int, tail: Tail | None) -> tuple[Array, Facts]:
        """These images of a result, and where their numbers begin, for a kernel. A tail counts
        places from the first image; else one kernel serves for every slab."""
        if tail is not None:
            return y, (("FIRST", str(part.start * size)), ("WHOLE", str(self.n)))
        return y[part], (("FIRST", "0"), ("WHOLE", str(part.stop - part.start)))


def shape(
    image: Sizes, filters: int, places: Sizes, window: Window, *arrays: Array, groups: int = 1
) -> Shape | None:
    """What there is to do; None where no kernel serves it, of several groups all at once."""
    facts = geometry(image[2:], places, window)
    if facts is None or not real(*arrays) or not all(x.size for x in arrays):
        return None
    sizes = (image[2:], places, window)
    channels, own = image[1] // groups, filters // groups
    found = Shape(image[0], channels, own, *sizes, arrays[0].dtype, facts, groups)
    return found if groups == 1 or found.direct else None


def conv(
    x: Array,
    w: Array,
    bias: Array | None,
    window: Window,
    out: Array,
    scratch: Scratch,
    tail: Tail | None = None,
    groups: int = 1,
) -> list[Work] | None:
    """`conv`; no tail where it is one product."""
    given = shape(x.shape, len(w), out.shape[2:], window, x, w, out, groups=groups)
    if given is None or not out.flags.c_contiguous:
        return None
    works: list[Work] = []
    x, w = dense(x, scratch, works), dense(w, scratch, works)
    b = None if bias is None else dense(bias, scratch, works)
    n, o, k, p = given.n, given.o, given.weights, given.count
    if given.whole:
        if tail is not None:
            return None
        return [*works, Gemm(out, x, w, False, True, n, o, k, k, k, o, bias=b)]
    if given.direct:
        each = sharing(o, k, given)
        few = given.kernel("CONV_FEW", n, ("EACH", str(each)), *stored(tail))
        grid = -(-o // each) * groups * blocks(n * p)
        more = (0 if b is None else b, out, *args(tail))
        return [*works, Launch(few, grid, BLOCK, (x, w, *more))]
    spare, turned = given.spare(scratch)
    for part in given.slabs():
        y, m = out[part], part.stop - part.start
        if p >= limits().many_places:
            columns = x[part]
            made = y if tail is None else _first(turned, m, o, p)
            if not given.plain:
                columns = _first(spare, m, k, p)
                works.append(given.columns(x[part], columns, patches=False))
            works.append(
                Gemm(made, w, columns, False, False, o, p, k, k, p, p, m, (0, k * p, o * p))
            )
            if b is not None or tail is not None:
                works.append(given.biased(made, b, out, part, tail))
        else:
            columns, rows = _first(spare, m * p, k), _first(turned, m, p, o)
            works.append(given.columns(x[part], columns, patches=True))
            works.append(Gemm(rows, columns, w, False, True, m * p, o, k, k, k, o, bias=b))
            first = part.start * o * p
            works += copied(rows.swapaxes(1, 2), y.reshape(m, o, p), tail, first)
    return works


def conv_input(
    y: Array,
    w: Array,
    window: Window,
    out: Array,
    scratch: Scratch,
    tail: Tail | None = None,
    groups: int = 1,
) -> list[Work] | None:
    """`conv_input`; no tail where it is one product."""
    given = shape(out.shape, len(w), y.shape[2:], window, y, w, out, groups=groups)
    if given is None or not out.flags.c_contiguous:
        return None
    works: list[Work] = []
    y, w = dense(y, scratch, works), dense(w, scratch, works)
    n, o, k, p = given.n, given.o, given.weights, given.count
    product = given.whole or (given.plain and p >= limits().many_places)
    if tail is not None and product:
        return None
    if given.whole:
        return [*works, Gemm(out, y, w, False, False, n, k, o, o, k, k)]
    if given.direct:
        each = sharing(given.c, o * window.volume, given)
        made = given.kernel("CONV_FEW_INPUT", n, ("EACH", str(each)), *stored(tail, "x"))
        grid = -(-given.c // each) * groups * blocks(n * math.prod(given.size))
        return [*works, Launch(made, grid, BLOCK, (y, w, out, *args(tail)))]
    spare, turned = given.spare(scratch)
    for part in given.slabs():
        x, m = out[part], part.stop - part.start
        if p >= limits().many_places:
            columns = x if given.plain else _first(spare, m, k, p)
            works.append(
                Gemm(columns, w, y[part], True, False, k, p, o, k, p, p, m, (0, o * p, k * p))
            )
            if not given.plain:
                works.append(given.image(columns, out, part, False, tail))
        else:
            columns, rows = _first(spare, m * p, k), _first(turned, m, p, o)
            works += copied(y[part].reshape(m, o, p).swapaxes(1, 2), rows)
            works.append(Gemm(columns, rows, w, False, False, m * p, k, o, o, k, k))
            works.append(given.image(columns, out, part, True, tail))
    return works


def conv_weight(
    x: Array,
    y: Array,
    window: Window,
    out: Array,
    scratch: Scratch,
    bias: Array | None = None,
    groups: int = 1,
) -> list[Work] | None:
    """`conv_weight`; with ``bias`` also the sum of y for each filter, into it, where
    there are few channels."""
    given = shape(x.shape, y.shape[1], y.shape[2:], window, x, y, out, groups=groups)
    if given is None or not out.flags.c_contiguous:
        return None
    works: list[Work] = []
    x, y = dense(x, scratch, works), dense(y, scratch, works)
    n, o, k, p = given.n, given.o, given.weights, given.count
    if bias is not None and (not given.direct or not bias.flags.c_contiguous):
        return None
    if given.whole:
        return [*works, Gemm(out, y, x, True, False, o, k, n, o, k, k)]
    if given.direct:
        return [*works, *_few_weights(given, x, y, out, bias, scratch)]
    spare, turned = given.spare(scratch)
    for part in given.slabs():
        m = part.stop - part.start
        columns, rows = _first(spare, m * p, k), _first(turned, m, p, o)
        works.append(given.columns(x[part], columns, patches=True))
        works += copied(y[part].reshape(m, o, p).swapaxes(1, 2), rows)
        # The parts are added in their order: what a sum rounds to never changes.
        beta = 1.0 if part.start else 0.0
        works.append(Gemm(out, rows, columns, True, False, o, k, m * p, o, k, k, beta=beta))
    return works


@lowers(patches.im2col)
def _im2col(out: Array, scratch: Scratch, x: Array, *, window: Window) -> list[Work] | None:
    given = shape(x.shape, 1, window.places(x.shape[2:]), window, x, out)
    if given is None or not out.flags.c_contiguous:
        return None
    works: list[Work] = []
    x = dense(x, scratch, works)
    return [*works, given.columns(x, out, patches=False)]


@lowers(patches.col2im)
def _col2im(
    out: Array, scratch: Scratch, c: Array, *, window: Window, size: Sizes
) -> list[Work] | None:
    given = shape(out.shape, 1, window.places(out.shape[2:]), window, c, out)
    if given is None or not out.flags.c_contiguous:
        return None
    works: list[Work] = []
    c = dense(c, scratch, works)
    return [*works, given.image(c, out, slice(0, given.n), False)]


def _first(memory: Array, *shape: int) -> Array:
    """An array of that shape at the beginning of that memory."""
    return memory[: math.prod(shape)].reshape(shape)


def _few_weights(
    given: Shape, x: Array, y: Array, out: Array, bias: Array | None, scratch: Scratch
) -> list[Work]:
    """The gradient for few weights, and for the biases behind them: in parts, then their sum."""
    span = given.weights + (bias is not None)
    places, teams = given.n * given.count, BLOCK // span
    chunk = -(-places // max(1, min(limits().enough, places // (16 * teams))))
    grid = -(-places // chunk)
    partial = scratch((grid, given.groups * given.o * span), x.dtype)
    facts = (
        ("CHUNK", str(chunk)),
        ("PARTS", str(grid)),
        ("TEAMS", str(teams)),
        ("BIAS", str(int(bias is not None))),
    )
    made = given.kernel("CONV_FEW_WEIGHT", given.n, *facts)
    tail = None if bias is None else parts(out, bias, span)
    total = fold(SUM, partial, (0,), out, scratch, tail=tail)
    return [Launch(made, grid * given.groups, BLOCK, (x, y, partial)), *(total or [])]


def sharing(channels: int, weights: int, given: Shape) -> int:
    """How many channels a thread makes: up to 8, as many as have their weights in shared memory,
    and as even a share as can be."""
    most = min(8, SHARED // (weights * given.dtype.itemsize), channels)
    return -(-channels // -(-channels // most))
