"""Jacobians, Hessians and `Variable` are PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")

A = np.random.default_rng(0).standard_normal((2, 3))
B = np.random.default_rng(1).standard_normal(3)

FUNCTIONS: list[tuple[Callable[..., Any], list[np.ndarray]]] = [
    (lambda x: x**2, [B]),
    (lambda x: x.sum(), [A]),
    (lambda x, y: x @ y, [A, B]),
    (lambda x, y: (x * y, y.sin()), [A, B]),
    (lambda x: x.detach(), [B]),
    (lambda x: (x * 2)[:1, None], [B]),
]
SCALARS: list[tuple[Callable[..., Any], list[np.ndarray]]] = [
    (lambda x: (x**3).sum(), [A]),
    (lambda x, y: (x @ y).exp().sum(), [A, B]),
    (lambda x: x.sum(), [B]),
    (lambda x: (x * x).sum().reshape(1), [B]),
]


def alike(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, tuple):
        assert isinstance(ours, tuple) and len(ours) == len(theirs)
        for y, z in zip(ours, theirs, strict=True):
            alike(y, z)
    else:
        assert ours.requires_grad == theirs.requires_grad
        np.testing.assert_allclose(
            ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-12, atol=1e-12
        )


@pytest.mark.parametrize("name", ["jacobian", "hessian"])
@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("tracked", [0, 1, 2])
def test_matrices_of_derivatives(name: str, create_graph: bool, tracked: int) -> None:
    for func, arrays in FUNCTIONS if name == "jacobian" else SCALARS:
        found = []
        for side in (minigrad, torch):
            xs = tuple(
                side.from_numpy(x.copy()).requires_grad_(i < tracked) for i, x in enumerate(arrays)
            )
            matrix = getattr(side.autograd.functional, name)
            found.append(matrix(func, xs[0] if len(xs) == 1 else xs, create_graph=create_graph))
        alike(*found)


def test_a_hessian_of_several_numbers_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"hessian: func must give a single number, .*\(3,\)"):
        minigrad.autograd.functional.hessian(lambda x: x**2, minigrad.ones(3))


def test_a_jacobian_of_nothing_is_empty() -> None:
    empty = minigrad.autograd.functional.jacobian(lambda x: x[:0], minigrad.ones(3))
    assert empty.shape == (0, 3)


def test_variable_is_a_leaf_that_shares_the_numbers() -> None:
    data = minigrad.ones(2)
    x = minigrad.autograd.Variable(data, requires_grad=True)
    (x * 3).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [3, 3]
    assert np.shares_memory(x.detach().numpy(), data.numpy())
    assert not minigrad.autograd.Variable(x * 2).requires_grad


def test_a_strict_hessian_names_itself() -> None:
    """What does not depend on the input is refused by the name of what was called."""
    x = minigrad.randn(3)
    with pytest.raises(RuntimeError, match=r"^jacobian: with strict=True every result must depend"):
        minigrad.autograd.functional.jacobian(lambda x: minigrad.ones(2), x, strict=True)
    with pytest.raises(RuntimeError, match=r"^hessian: with strict=True the result must depend"):
        minigrad.autograd.functional.hessian(lambda x: minigrad.ones(()), x, strict=True)
    with pytest.raises(RuntimeError, match=r"^hessian: with strict=True its gradient must depend"):
        minigrad.autograd.functional.hessian(lambda x: (2 * x).sum(), x, strict=True)
