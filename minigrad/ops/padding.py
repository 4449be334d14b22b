"""A margin around a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.op import op

Widths = tuple[tuple[int, int], ...]
"""For each dimension, how many elements go before and behind; negative for what is cut off."""


def within(widths: Widths, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """What of a tensor of that shape is left when a margin is cut off."""
    return tuple(
        np.s_[max(before, 0) : n - max(behind, 0)]
        for (before, behind), n in zip(widths, shape, strict=True)
    )


def narrowed(widths: Widths) -> Widths:
    return tuple((-before, -behind) for before, behind in widths)


@op("'x with a margin around it'")
def pad(xp: Any, x: Array, *, widths: Widths, value: float) -> Array:
    """y = x with ``value`` in a margin around it, or without a margin where a width is negative"""
    shape = tuple(before + n + behind for n, (before, behind) in zip(x.shape, widths, strict=True))
    y = xp.zeros(shape, x.dtype) if value == 0 else xp.full(shape, value, x.dtype)
    y[within(widths, shape)] = x[within(narrowed(widths), x.shape)]
    return y


pad.derivatives(x=lambda g, widths: pad(g, widths=narrowed(widths), value=0.0))
pad.mathematics(x="'G without the margin'")


def moved(x: Any, axis: int, first: float) -> Any:
    """x moved on by one place along ``axis``, with a number in front; the last is gone."""
    widths = tuple((1, -1) if i == axis else (0, 0) for i in range(x.ndim))
    return pad(x, widths=widths, value=first) if x.shape[axis] else x
