"""Arrays of the same numbers, otherwise laid out in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.gradcheck.function import Matrix


def laid_out(x: Matrix, layout: str) -> Matrix:
    """An array in that layout: of the same numbers, or of as many of them as it can hold."""
    if x.ndim == 0 or x.size < 2:
        return np.broadcast_to(x.copy(), x.shape) if layout == "broadcast" else x
    if layout == "fortran":
        return np.asfortranarray(x)
    if layout == "strided":
        roomy = np.full(tuple(2 * n for n in x.shape), _filler(x), x.dtype)
        roomy[(slice(None, None, 2),) * x.ndim] = x
        return roomy[(slice(None, None, 2),) * x.ndim]
    if layout == "backwards":
        turned = (slice(None, None, -1),) * x.ndim
        return x[turned].copy()[turned]
    if layout.startswith("broadcast"):
        axis = int(np.argmax(x.shape)) if layout == "broadcast" else x.ndim - 1
        return np.broadcast_to(np.take(x, [x.shape[axis] // 2], axis).copy(), x.shape)
    if x.ndim == 2:
        base = np.resize(x.reshape(-1), sum(x.shape) - 1)
        return np.lib.stride_tricks.sliding_window_view(base, x.shape[1])
    return x


def _filler(x: Matrix) -> Any:
    return np.nan if x.dtype.kind == "f" else 0


def placed(x: Any, layout: str) -> Any:
    """What is an array in that layout, anything else as it is."""
    return laid_out(x, layout) if isinstance(x, np.ndarray) else x
