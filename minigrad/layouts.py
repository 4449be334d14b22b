"""How a kernel goes through memory, and whether an array lies there as the kernel takes it to.

A kernel gets where an array begins and goes on from there. What lies otherwise than it takes for
granted are other numbers, or memory of somebody else. So every kernel says how it goes through each
of its arrays, as `Walk`s and in one place, and what it is called with is held to that: before it is
run for the first time, and at each run inside `always`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from minigrad.device import Array, address

FEW = 1 << 20
"""Up to so many places are looked at one by one where that is needed."""


class LayoutError(RuntimeError):
    """A kernel would go through memory otherwise than an array lies there: an error of ours."""


@dataclass(frozen=True)
class Walk:
    """The places that a kernel goes through, in numbers from where the array begins: loops of some
    lengths, and how many numbers further one goes in each. A step may be 0 or negative, and places
    may come up again.

    Attributes:
        kind: NumPy's letters of the types that the kernel takes; "" leaves that to the kernel.
        written: whether the kernel writes there.
        in_order: whether it takes the numbers to come in the order of the array's dimensions; else
            it has made its loops of the array's own steps.
    """

    lengths: tuple[int, ...]
    steps: tuple[int, ...]
    kind: str = ""
    written: bool = False
    in_order: bool = False

    def of(self, kind: str) -> Walk:
        """The same through numbers of these types."""
        return replace(self, kind=kind)

    def written_to(self) -> Walk:
        """The same, writing."""
        return replace(self, written=True)

    @property
    def loops(self) -> tuple[tuple[int, int], ...]:
        """Steps and lengths, those of 1 left out, one run being one loop. Equal ones go to the same
        places in the same order."""
        if 0 in self.lengths:
            return ((0, 0),)
        return _joined((s, n) for s, n in zip(self.steps, self.lengths, strict=True) if n > 1)

    @property
    def reach(self) -> tuple[int, int]:
        """The first and the last place."""
        far = [(n - 1) * step for n, step in zip(self.lengths, self.steps, strict=True)]
        return sum(min(0, x) for x in far), sum(max(0, x) for x in far)

    @property
    def apart(self) -> bool:
        """Whether no place comes up twice, for all that can be told from lengths and steps."""
        reach = 0
        pairs = zip(self.steps, self.lengths, strict=True)
        for step, n in sorted((abs(step), n) for step, n in pairs if n > 1):
            if step <= reach:
                return 0 in self.lengths
            reach += step * (n - 1)
        return True

    def meets(self, other: Walk) -> bool:
        """Whether both go to the same places, and in the same order where one asks for that."""
        if (self.lengths, self.steps) == (other.lengths, other.steps) or self.loops == other.loops:
            return True
        if self.in_order or other.in_order:
            return False
        if self._sorted() == other._sorted():
            return True
        if self.reach != other.reach or 0 in (*self.lengths, *other.lengths):
            return False
        if max(math.prod(n for _, n in each.loops) for each in (self, other)) > FEW:
            return False
        return np.array_equal(self._places(), other._places())

    def _sorted(self) -> tuple[tuple[int, int], ...]:
        """The loops with the longest steps first, without those that stay."""
        return _joined(sorted((x for x in self.loops if x[0]), key=lambda each: -abs(each[0])))

    def _places(self) -> Array:
        found = np.zeros(1, np.int64)
        for step, n in self.loops:
            found = np.add.outer(found, np.arange(n) * step).ravel()
        return np.unique(found)


def _joined(loops: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The loops, where one runs on in the next as one."""
    found: list[tuple[int, int]] = []
    for step, n in loops:
        if found and found[-1][0] == n * step:
            found[-1] = (step, found[-1][1] * n)
        else:
            found.append((step, n))
    return tuple(found)


def dense(*lengths: int) -> Walk:
    """Through numbers that lie one behind the other."""
    steps = [math.prod(lengths[i + 1 :]) for i in range(len(lengths))]
    return Walk(lengths, tuple(steps), in_order=True)


def rows(m: int, n: int, lead: int, turned: int = 0) -> Walk:
    """Through a matrix whose rows, or columns where it lies turned, are runs that begin ``lead``
    numbers apart and do not run into each other. Errors: LayoutError."""
    count, length = (n, m) if turned else (m, n)
    if count > 1 and lead < length:
        raise LayoutError(f"runs of {length} numbers run into each other: one begins each {lead}")
    return Walk((m, n), (1, lead) if turned else (lead, 1), in_order=True)


def lying(x: Array) -> Walk:
    """Through an array as it lies. Errors: LayoutError where that is at no whole steps."""
    size = x.dtype.itemsize
    if address(x) % size or any(s % size for n, s in zip(x.shape, x.strides, strict=True) if n > 1):
        raise LayoutError("it does not lie at whole steps")
    return Walk(x.shape, tuple(step // size for step in x.strides))


def told(x: Array) -> str:
    """An array in words."""
    return f"{x.dtype}{list(x.shape)} at steps of {tuple(x.strides)} bytes"


def held(name: str, walks: Sequence[Walk], arrays: Sequence[Array]) -> None:
    """Hold what a kernel is called with to what it says of itself. What it writes, it may only read
    in the same places.

    Errors: LayoutError that names the kernel and the array.
    """
    if len(walks) != len(arrays):
        raise LayoutError(f"{name}: it takes {len(walks)} arrays, and got {len(arrays)}")
    found = [_wrong(walk, x) for walk, x in zip(walks, arrays, strict=True)]
    if not any(found):
        spans = [_span(x) for x in arrays]
        for i, walk in enumerate(walks):
            if walk.written and any(
                _mixed((x, arrays[i]), (span, spans[i]))
                for x, span in zip(arrays, spans, strict=True)
            ):
                found[i] = "it is written, and lies where another one does"
    for i, (wrong, x) in enumerate(zip(found, arrays, strict=True)):
        if wrong:
            raise LayoutError(f"{name}: array {i}, {told(x)}: {wrong}; an error in minigrad")


def _wrong(walk: Walk, x: Array) -> str:
    """What is wrong with the kernel's way through an array; "" for nothing."""
    try:
        own = lying(x)
    except LayoutError as error:
        return str(error)
    if walk.kind and x.dtype.char not in walk.kind:
        return f"the kernel takes the types {walk.kind}"
    if 0 not in walk.lengths and not walk.meets(own):
        return f"the kernel goes through {walk.lengths} at steps of {walk.steps} numbers"
    if walk.written and not walk.apart:
        return "the kernel writes, but numbers share a place"
    if x.size and (x.base is not None or not x.flags.c_contiguous):
        (start, stop), (first, last) = memory(x), _span(x)
        if first < start or last > stop:
            return "it lies outside of its memory"
    return ""


def _mixed(both: tuple[Array, Array], spans: tuple[tuple[int, int], tuple[int, int]]) -> bool:
    """Whether two arrays lie in the same memory, but not number by number at the same places."""
    (x, y), ((a, b), (c, d)) = both, spans
    if x is y or a >= d or c >= b:
        return False
    mine, other = lying(x), lying(y)
    if (address(x), mine.loops) == (address(y), other.loops):
        return False
    if x.itemsize != y.itemsize or max(x.size, y.size) > FEW:
        return True
    places = (
        address(each) + way._places() * each.itemsize for each, way in ((x, mine), (y, other))
    )
    return bool(np.intersect1d(*places).size)  # they may lie between each other


def _span(x: Array) -> tuple[int, int]:
    """Where the numbers of an array begin and end; nowhere for none."""
    at, size = address(x), int(x.dtype.itemsize)
    if not x.size:
        return at, at
    far = [(n - 1) * step for n, step in zip(x.shape, x.strides, strict=True)]
    return at + sum(min(0, s) for s in far), at + sum(max(0, s) for s in far) + size


def memory(x: Array) -> tuple[int, int]:
    """Where the memory that an array is a view of begins and ends."""
    if not isinstance(x, np.ndarray):
        return x.data.mem.ptr, x.data.mem.ptr + x.data.mem.size
    whole, base = x, x.base
    while base is not None:
        whole = base if isinstance(base, np.ndarray) else whole
        base = getattr(base, "base", None)
    low, high = np.lib.array_utils.byte_bounds(whole)
    return int(low), int(high)


class _Switch:
    always = False


switch = _Switch()


@contextmanager
def always() -> Iterator[None]:
    """In this block every call is held to its layouts at each run, not only before the first: for
    tests."""
    before = switch.always
    switch.always = True
    try:
        yield
    finally:
        switch.always = before
