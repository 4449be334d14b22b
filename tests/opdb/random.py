"""Rows of the ops that random numbers come from."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops.random import advance, draw, keep

from .row import Row, Sample

_WORD = 2**64 - 1


def philox(key: list[int], counter: list[int]) -> list[int]:
    """Philox4x64-10: four words of 64 bits for a key of two and a counter of four.

    Source: Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, 2011, section 4.3.
    """
    k0, k1 = key
    c0, c1, c2, c3 = counter
    for _ in range(10):
        high0, low0 = divmod(c0 * 0xD2E7470EE14C6C93, 2**64)
        high1, low1 = divmod(c2 * 0xCA5A826395121157, 2**64)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) & _WORD, (k1 + 0xBB67AE8584CAA73B) & _WORD
    return [c0, c1, c2, c3]


def _kept(position: Any, shape: tuple[int, ...], p: float, scale: float, dtype: Any) -> Any:
    """The mask, element by element."""
    seed, count = (int(n) & _WORD for n in position)
    y = np.zeros(shape, dtype)
    for i in range(y.size):
        word = philox([seed, 0], [1 + i // 8, count, 0, 0])[i // 2 % 4]
        bits = word >> 32 * (i % 2) & 0xFFFFFFFF
        y.reshape(-1)[i] = scale if bits >= round(2**32 * p) else 0
    return y


ROWS = [
    Row(
        "draw",
        draw,
        lambda d: [
            Sample(make=lambda: np.arange(3.0)),
            Sample(make=lambda: np.zeros((2, 0), np.float32)),
            Sample(make=lambda: np.asarray(4)),
        ],
        torch="",
        numpy=lambda make: make(),
        differentiable=False,
    ),
    Row(
        "keep",
        keep,
        lambda d: [
            Sample(np.array([5, 0]), shape=(3, 7), p=0.25, scale=4 / 3, dtype=np.dtype("f8")),
            Sample(np.array([-1, 2**40]), shape=(9,), p=0.5, scale=2.0, dtype=np.dtype("f4")),
            Sample(np.array([0, 1]), shape=(), p=0.1, scale=1.0, dtype=np.dtype("f8")),
            Sample(np.array([0, 1]), shape=(2, 0), p=0.1, scale=1.0, dtype=np.dtype("f8")),
            Sample(np.array([1, 1]), shape=(4, 4), p=1.0, scale=0.0, dtype=np.dtype("f2")),
            Sample(np.array([1, 2]), shape=(4, 1), p=0.0, scale=1.0, dtype=np.dtype("f8")),
        ],
        torch="",
        numpy=_kept,
        differentiable=False,
    ),
    Row(
        "advance",
        advance,
        lambda d: [Sample(np.array([5, 0])), Sample(np.array([-1, 2**40]))],
        torch="",
        numpy=lambda position: position + np.array([0, 1]),
        differentiable=False,
    ),
]
