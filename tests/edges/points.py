"""Where functions are tried: numbers of each type, from the smallest to the largest."""

from __future__ import annotations

import numpy as np

# All of these are halves, so that every type shares their truths.
SHARED = [
    2.0**-24, 2.0**-15, 2.0**-14, 0.0009765625, 0.0078125, 0.0625, 0.25, 0.349853515625,
    0.4000244140625, 0.46875, 0.5, 0.75, 0.7998046875, 0.9990234375, 1.0, 1.0009765625, 1.25, 1.5,
    2.0, 2.0625, 2.5, 3.0, 3.140625, 4.0, 5.0, 5.5, 6.0, 7.5, 8.5, 10.0, 12.0, 17.0, 20.0, 30.0,
    88.0, 100.0, 104.0, 300.0, 708.0, 1000.0, 60000.0,
]  # fmt: skip
OWN = {
    "float16": [0.1, 0.7, 9.7, 65504.0],
    "float32": [
        1e-45, 1e-40, 1.2e-38, 1e-30, 1e-20, 1e-12, 1e-8, 3e-5, 0.1, 0.7, 16.7, 87.5, 88.6, 88.8,
        103.5, 1e5, 1e10, 1e19, 3e38,
    ],
    "float64": [
        5e-324, 1e-310, 1e-300, 1e-200, 1e-155, 1e-100, 1e-20, 1e-12, 1e-8, 3e-5, 0.1, 0.7, 16.7,
        36.6, 700.0, 709.7, 710.2, 745.0, 1e8, 1e16, 1e100, 1e154, 1e200, 1e300,
    ],
}  # fmt: skip
TYPES = ("float64", "float32", "float16")


def numbers(dtype: str) -> list[float]:
    """The finite ones of this type that are not 0, of both signs, each a number of the type."""
    kind = np.dtype(dtype).type
    sizes = sorted({float(kind(x)) for x in [*SHARED, *OWN[dtype]]})
    return [sign * x for x in sizes for sign in (1.0, -1.0)]


PAIRED = [2.0**-15, 0.4000244140625, 1.0, 1.5, 3.0, 10.0, 300.0]
FAR = {
    "float16": [2.0**-24, 60000.0],
    "float32": [1e-45, 1e-30, 1e-12, 1e19, 3e38],
    "float64": [5e-324, 1e-300, 1e-155, 1e-12, 1e100, 1e154, 1e300],
}


def pairs(dtype: str) -> list[tuple[float, float]]:
    """Pairs of such numbers: all of some few, in all signs."""
    kind = np.dtype(dtype).type
    sizes = [float(kind(x)) for x in [*PAIRED, *FAR[dtype]]]
    signs = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)]
    each = [(x, y) for x in sizes for y in sizes]
    return [(a * x, b * y) for i, (x, y) in enumerate(each) for a, b in (signs[i % 4], signs[0])]
