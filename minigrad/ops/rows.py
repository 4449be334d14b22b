"""Rows of one number: NumPy computes faster with two arrays than with an array and a number."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from minigrad.device import Array

LONGEST = 1 << 16
"""Numbers in the longest row that is kept."""


def row(value: float, count: int, dtype: np.dtype[np.generic]) -> Array:
    """``count`` times the same number, not to be written to."""
    return _kept(value, count, dtype) if count <= LONGEST else _made(value, count, dtype)


def _made(value: float, count: int, dtype: np.dtype[np.generic]) -> Array:
    made = np.full(count, value, dtype)
    made.flags.writeable = False
    return made


_kept = lru_cache(maxsize=32)(_made)
