"""Masks of dropout by kernels: the bits of NumPy's Philox."""

from __future__ import annotations

import numpy as np
import pytest
from on_host import Case, compare, poisoned, run

from minigrad.ops.random import keep

pytestmark = pytest.mark.usefixtures("gxx")
SHAPES: list[tuple[int, ...]] = [(128, 100), (7,), (1,), (3, 5, 11), ()]
POSITIONS = [(0, 0), (7, 3), (-1, 2**40), (2**63 - 1, 1)]


@pytest.mark.parametrize("dtype", ["f", "d"])
@pytest.mark.parametrize("p", [0.25, 0.0, 1.0, 0.4])
def test_the_same_bits_as_numpys(dtype: str, p: float) -> None:
    scale, kind = 1 / (1 - p) if p < 1 else 0.0, np.dtype(dtype)
    cases = [
        Case("keep", (np.array(at),), {"shape": shape, "p": p, "scale": scale, "dtype": kind})
        for shape in SHAPES
        for at in POSITIONS
    ]
    outs = [case.out() for case in cases]
    run([work for case, out in zip(cases, outs, strict=True) for work in case.works(out)])
    for case, out in zip(cases, outs, strict=True):
        assert np.array_equal(out, keep.plain(np, *case.operands, **case.params))


def test_a_mask_that_lies_transposed() -> None:
    params = {"shape": (6, 50), "p": 0.5, "scale": 2.0, "dtype": np.dtype("f")}
    compare([Case("keep", (np.array([1, 2]),), params, (1, 0))])


def test_the_next_position_also_in_its_own_place() -> None:
    position = np.array([5, 9])
    case = Case("advance", (position,))
    out = poisoned((2,), np.int64)
    run([*case.works(out), *case.works(position)])
    assert out.tolist() == position.tolist() == [5, 10]
