"""The masks of dropouts by the kernel in C: bit for bit those of NumPy's Philox."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad.native.hook import described
from minigrad.native.library import enabled, run
from minigrad.ops.random import keep

needs_kernels = pytest.mark.skipif(not enabled(), reason="no C compiler")


@needs_kernels
@pytest.mark.parametrize("kind", ["f4", "f8"])
@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 1.0])
def test_masks_are_those_of_numpy(kind: str, p: float) -> None:
    dtype = np.dtype(kind)
    for size in (0, 1, 2, 7, 8, 9, 65, 3001):
        for seed, count in ((0, 0), (3, 1), (2**62 + 5, 2**40), (-1, 7)):
            position = np.array([seed, count])
            facts = {"shape": (size,), "p": p, "scale": 1 / (1 - p or 1), "dtype": dtype}
            call = described[keep](position, out=None, **facts)
            assert call is not None and run(call)
            want = keep.plain(np, position, **facts)
            assert call.arrays[0].dtype == dtype
            np.testing.assert_array_equal(call.arrays[0], want)
