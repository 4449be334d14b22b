"""Products of matrices in every layout that views make: dense ones by the BLAS, others by NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product as pairs
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

import minigrad
from minigrad import compile as compiled
from minigrad import nn
from minigrad.compiler.targets.cpu.matrices import product
from minigrad.native.library import enabled, multiplies, run

needs_blas = pytest.mark.skipif(not (enabled() and multiplies()), reason="no kernel multiplies")
DRAW = np.random.default_rng(0)


def lying(m: int, n: int, kind: str) -> Iterator[Any]:
    """Matrices of m rows and n columns, each in memory that ends where it ends."""
    x = DRAW.standard_normal((m, n)).astype(kind)
    yield x
    yield np.ascontiguousarray(x.T).T
    for rows, columns in pairs((0, 1, n, n + 2, -n), (0, 1, 2, m, -1)):
        reach = (m - 1) * abs(rows) + (n - 1) * abs(columns)
        first = (m - 1) * max(0, -rows) + (n - 1) * max(0, -columns)
        memory = DRAW.standard_normal(reach + 1).astype(kind)[first:]
        yield as_strided(memory, (m, n), (rows * x.itemsize, columns * x.itemsize))


@needs_blas
@pytest.mark.parametrize("kind", ["f", "d"])
def test_factors_lie_in_any_way(kind: str) -> None:
    served = 0
    for m, k, n in [(4, 5, 3), (1, 5, 3), (4, 1, 3), (4, 5, 1), (1, 1, 3), (4, 1, 1), (1, 5, 1)]:
        for a, b in pairs(lying(m, k, kind), lying(k, n, kind)):
            out = np.full((m, n), np.nan, kind)
            call = product(a, b, out)
            if call is not None:
                served += 1
                assert run(call)
                tolerance = 1e-4 if kind == "f" else 1e-12
                np.testing.assert_allclose(out, a @ b, tolerance, tolerance)
    assert served > 500


def unfolded(x: Any) -> Any:
    return x.flatten().unfold(0, 4, 1)[:6]


STEPS: dict[str, Any] = {
    "mean": lambda x, w: (x @ w).mean(),
    "sum": lambda x, w: (x @ w).sum(),
    "linear": lambda x, w: nn.functional.linear(x, w.T).mean(),
    "expanded": lambda x, w: (x[:1].expand(5, 4) @ w).sum() + (x[:, :1].expand(6, 4) @ w).mean(),
    "unfolded": lambda x, w: (unfolded(x) @ w).square().sum(),
    "overlapping": lambda x, w: (x.as_strided((5, 4), (1, 2)) @ w).square().mean(),
    "vector": lambda x, w: x.mv(w.flatten()).mean() + (x.reshape(2, 3, 4) @ w.flatten()).sum(),
    "batched": lambda x, w: (x.reshape(2, 3, 4) @ w).mean() + (x @ w.expand(3, 4, 1)).sum(),
    "sample": lambda x, w: (x[:1] @ w).sum() + (x[2] @ w).mean() + x[3].dot(w.flatten()),
    "outer": lambda x, w: (w @ w.T.expand(1, 4)).mean() + (w @ x[:1]).sum(),
}


def by_autograd(step: Any, x: Any, w: Any) -> list[Any]:
    x, w = x.clone().requires_grad_(), w.clone().requires_grad_()
    y = step(x, w)
    return [y, *minigrad.autograd.grad(y, [x, w])]


def test_a_gradient_that_is_one_number_repeated() -> None:
    """Behind a mean or a sum all steps are 0."""

    def step(x: Any, w: Any) -> Any:
        return [found for one in STEPS.values() for found in by_autograd(one, x, w)]

    twin = compiled(step)
    for _ in range(3):
        x, w = (minigrad.from_numpy(DRAW.standard_normal(shape)) for shape in ((6, 4), (4, 1)))
        names = [name for name in STEPS for _ in range(3)]
        for name, have, want in zip(names, twin(x, w), step(x, w), strict=True):
            np.testing.assert_allclose(
                have.numpy(), want.detach().numpy(), 1e-12, 1e-12, err_msg=name
            )


EMPTY: dict[str, tuple[Any, list[tuple[int, ...]]]] = {
    "rows of nothing": (nn.functional.linear, [(1, 1, 2, 0), (3, 0)]),
    "no row": (nn.functional.linear, [(2, 0, 4), (3, 4)]),
    "no column": (nn.functional.linear, [(2, 3, 4), (0, 4)]),
    "a sum over nothing": (minigrad.matmul, [(4, 2, 0), (4, 0, 3)]),
    "an empty factor": (minigrad.kron, [(0, 2), (2, 2)]),
    "an empty second factor": (minigrad.kron, [(2, 2), (2, 0)]),
    "normalised": (lambda x: nn.functional.layer_norm(x, x.shape[-1:]), [(1, 1, 2, 0)]),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", EMPTY)
def test_empty_factors_are_taken_by_kernels(case: str) -> None:
    function, shapes = EMPTY[case]
    given = [minigrad.ones(*shape) for shape in shapes]
    step = compiled(function)
    for _ in range(3):
        found = step(*given)
    expected = function(*given)
    assert found.shape == expected.shape and found.tolist() == expected.tolist()
