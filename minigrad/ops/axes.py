"""How axes that are reduced stand around those that are kept."""

from __future__ import annotations

import math
from collections.abc import Collection

from minigrad.device import Array

LEAST = 8192
"""So many numbers are summed in the time that it takes to call a kernel."""


def around(x: Array, axes: Collection[int]) -> list[int] | None:
    """How many numbers stand before the kept axes of a dense array, on them, and behind them: what
    the kernels of sums want to know. None where reduced axes stand between kept ones, for other
    types than floats, and where there is nothing to sum."""
    if x.dtype.char not in "fd" or not x.size:
        return None
    kept = [i for i, n in enumerate(x.shape) if i not in axes and n > 1]
    if not kept:
        return [1, 1, x.size]
    start, stop = kept[0], kept[-1] + 1
    if any(i in axes and x.shape[i] > 1 for i in range(start, stop)):
        return None
    parts = (x.shape[:start], x.shape[start:stop], x.shape[stop:])
    return [math.prod(part) for part in parts]
