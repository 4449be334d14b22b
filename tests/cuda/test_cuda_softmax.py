"""Softmax by kernels: long rows and short ones, along any dimension, where numbers are large."""

from __future__ import annotations

import numpy as np
import pytest
from on_host import Case, compare
from test_reduction_kernels import numbers

pytestmark = pytest.mark.usefixtures("gxx")
SHAPES = [((64, 10), 1), ((10, 64), 0), ((3, 100), -1), ((2, 5, 6), 1), ((40, 1), 1), ((7,), 0)]


def around(shape: tuple[int, ...], dim: int, dtype: str, scale: float = 3) -> list[Case]:
    x = (scale * numbers(shape)).astype(dtype)
    p = np.exp(x.astype("d") - x.max(dim, keepdims=True))
    p = (p / p.sum(dim, keepdims=True)).astype(dtype)
    return [
        Case("softmax", (x,), {"dim": dim}),
        Case("log_softmax", (x,), {"dim": dim}),
        Case("softmax_back", (x, p), {"dim": dim}),
    ]


@pytest.mark.parametrize("dtype", ["f", "d"])
def test_rows(dtype: str) -> None:
    compare([case for shape, dim in SHAPES for case in around(shape, dim, dtype)])


def test_large_logits_and_rows_that_lie_transposed() -> None:
    cases = around((9, 40), 1, "d", 400)[:2] + around((40, 9), 0, "d")
    for case in cases:
        case.operands = tuple(np.asfortranarray(x) for x in case.operands)
    compare(cases)


def test_a_nan_spreads_over_its_row_only() -> None:
    x = numbers((5, 50))
    x[2, 7] = np.nan
    compare([Case(op, (x,), {"dim": 1}) for op in ("softmax", "log_softmax")])
