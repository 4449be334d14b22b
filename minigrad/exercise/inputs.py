"""Numbers to try an answer on. Their sizes are primes, so that a factor names a dimension."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Maker

NEXT = {2: 3, 3: 5, 5: 7, 7: 11, 11: 13}


def normal(*shapes: tuple[int, ...], scale: float = 1.0, shift: float = 0.0) -> Maker:
    """Arrays of these shapes with normal numbers; at later turns each size is the next prime."""

    def make(rng: np.random.Generator, turn: int) -> list[Any]:
        sizes = [tuple(NEXT.get(n, n) if turn else n for n in shape) for shape in shapes]
        return [shift + scale * rng.standard_normal(size) for size in sizes]

    return make


def nonzero(*shapes: tuple[int, ...]) -> Maker:
    """The same with numbers of at least a half, of either sign."""
    make = normal(*shapes)
    return lambda rng, turn: [x + np.copysign(0.5, x) for x in make(rng, turn)]


def of(*makers: Any) -> Maker:
    """One after the other: each a maker of inputs, or a value that is passed as it is."""

    def make(rng: np.random.Generator, turn: int) -> list[Any]:
        return [x for m in makers for x in (m(rng, turn) if callable(m) else [m])]

    return make


def labels(count: int, classes: int) -> Maker:
    """Class indices, each class among them where there are enough."""

    def make(rng: np.random.Generator, turn: int) -> list[Any]:
        n = NEXT.get(count, count) if turn else count
        k = NEXT.get(classes, classes) if turn else classes
        return [rng.permutation(np.arange(n) % k)]

    return make
