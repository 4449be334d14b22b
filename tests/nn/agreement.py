"""The same call here and in PyTorch: results and gradients."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.tensor import Tensor

torch = pytest.importorskip("torch")
RNG = np.random.default_rng(3)


def normal(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


def ours(a: np.ndarray) -> Tensor:
    return minigrad.from_numpy(np.array(a)).requires_grad_(a.dtype.kind == "f")


def theirs(a: np.ndarray) -> Any:
    return torch.from_numpy(np.array(a)).requires_grad_(a.dtype.kind == "f")


def agree(call: Any, torch_call: Any, *arrays: np.ndarray) -> None:
    """Results and gradients, to 1e-10 of the largest number."""
    mine, other = [ours(a) for a in arrays], [theirs(a) for a in arrays]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch on 'same' with even kernels
        y, t = call(*mine), torch_call(*other)
    assert tuple(y.shape) == tuple(t.shape)
    g = RNG.standard_normal(y.shape)
    y.backward(minigrad.from_numpy(g))
    t.backward(torch.from_numpy(g))
    pairs = [(y.detach().numpy(), t.detach().numpy())]
    pairs += [(a.grad.numpy(), b.grad.numpy()) for a, b in zip(mine, other, strict=True)]
    for a, b in pairs:
        scale = np.max(np.abs(b), initial=1.0)
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10 * scale)
