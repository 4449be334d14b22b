"""Clipping gradients, and parameters as one vector."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.nn import utils


def two(lib: Any, parameter: Any) -> list[Any]:
    a, b = parameter(lib.ones(2, 3)), parameter(lib.ones(4))
    a.grad, b.grad = lib.ones(2, 3) * 3, lib.ones(4) * -2
    return [a, b, parameter(lib.ones(1))]


@pytest.mark.parametrize("norm", [2.0, 1.0, 3.5, float("inf")])
@pytest.mark.parametrize("limit", [1.0, 100.0])
def test_norms_agree_with_torch(norm: float, limit: float) -> None:
    torch = pytest.importorskip("torch")
    mine, theirs = two(minigrad, nn.Parameter), two(torch, torch.nn.Parameter)
    total = utils.clip_grad_norm_(mine, limit, norm)
    expected = torch.nn.utils.clip_grad_norm_(theirs, limit, norm)
    np.testing.assert_allclose(total.item(), expected.item(), rtol=1e-6)
    for p, t in zip(mine[:2], theirs[:2], strict=True):
        np.testing.assert_allclose(p.grad.numpy(), t.grad.numpy(), rtol=1e-6)
    assert mine[2].grad is None


def test_values_are_clipped() -> None:
    a, b, _ = two(minigrad, nn.Parameter)
    utils.clip_grad_value_([a, b], 2.5)
    assert (a.grad.numpy() == 2.5).all() and (b.grad.numpy() == -2).all()
    utils.clip_grad_value_(b, 1)
    assert (b.grad.numpy() == -1).all()


def test_norms_that_are_not_finite() -> None:
    p = nn.Parameter(minigrad.ones(2))
    p.grad = minigrad.tensor([1.0, float("nan")])
    with pytest.raises(RuntimeError, match="non-finite"):
        utils.clip_grad_norm_([p], 1.0, error_if_nonfinite=True)
    assert np.isnan(utils.clip_grad_norm_(p, 1.0).item())
    assert utils.get_total_norm([]).item() == 0


def test_vectors() -> None:
    layer = nn.Linear(3, 2)
    vector = utils.parameters_to_vector(layer.parameters())
    assert vector.shape == (8,)
    vector.sum().backward()
    assert layer.weight.grad is not None and (layer.weight.grad.numpy() == 1).all()
    weight = layer.weight
    utils.vector_to_parameters(minigrad.arange(8).float(), layer.parameters())
    assert layer.weight is weight and weight.is_leaf and weight.requires_grad
    np.testing.assert_array_equal(weight.detach().numpy(), [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(layer.bias.detach().numpy(), [6, 7])
    with pytest.raises(RuntimeError, match="expected a vector of 8 numbers, got 7"):
        utils.vector_to_parameters(minigrad.ones(7), layer.parameters())
    with pytest.raises(TypeError, match="got list"):
        utils.vector_to_parameters([1.0], layer.parameters())  # type: ignore[arg-type]
