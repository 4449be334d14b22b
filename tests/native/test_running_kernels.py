"""What goes along a dimension number by number, in C against NumPy: running sums to the bit, and
the places of extremes with nan, infinities, equal numbers and zeros of both signs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigrad.native.hook import described
from minigrad.native.library import enabled, run
from minigrad.ops.reduction import argmax, argmin
from minigrad.ops.scan import cumsum

needs_kernels = pytest.mark.skipif(not enabled(), reason="no C compiler")
SHAPES = [(1,), (7,), (300,), (3, 5), (4, 1, 6), (2, 9, 130)]


def agree(op: Any, x: Any, **params: Any) -> None:
    call = described[op](x, out=None, **params)
    assert call is not None and run(call)
    want = op.plain(np, x, **params)
    assert call.arrays[0].dtype == want.dtype
    np.testing.assert_array_equal(call.arrays[0], want)


@needs_kernels
@pytest.mark.parametrize("kind", ["f4", "f8"])
@pytest.mark.parametrize("shape", SHAPES)
def test_running_kernels_are_numpys(shape: tuple[int, ...], kind: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape).astype(kind)
    rough = rng.choice(np.array([0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan], kind), shape)
    few = rng.choice(np.array([0.0, -0.0, 1, 1], kind), shape)
    for axis in range(len(shape)):
        for backwards in (False, True):
            agree(cumsum, x, axis=axis, backwards=backwards)
        for numbers in (x, rough, few):
            for op in (argmax, argmin):
                agree(op, numbers, axis=axis)
                agree(op, numbers, axis=axis, keepdim=True)
