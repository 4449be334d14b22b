"""Exponentials that sum to one, and draws from them."""

from __future__ import annotations

from typing import Any

from minigrad.sampling import rand
from minigrad.tensor import Tensor

__all__ = ["gumbel_softmax", "log_softmax", "softmax", "softmin"]


def _default_dim(ndim: int) -> int:
    """The dimension that PyTorch chooses (with a warning) where none is given."""
    return 0 if ndim in (0, 1, 3) else 1


def softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """exp(x) / Σ exp(x) over ``dim``

    Args:
        input: x, any shape.
        dim: the dimension that sums to 1. None warns and takes 0 for 0, 1 or 3 dimensions, else 1.
        dtype: the type that x is brought to first.
    """
    return input.softmax(_default_dim(input.ndim) if dim is None else dim, dtype)


def log_softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """x - log Σ exp(x) over ``dim``: exact where the logarithm of `softmax` is not

    Args:
        input: x, any shape.
        dim: the dimension that sums to 1. None warns and takes 0 for 0, 1 or 3 dimensions, else 1.
        dtype: the type that x is brought to first.
    """
    return input.log_softmax(_default_dim(input.ndim) if dim is None else dim, dtype)


def softmin(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """softmax(-x)

    Args:
        input: x, any shape.
        dim: the dimension that sums to 1. None warns and takes 0 for 0, 1 or 3 dimensions, else 1.
        dtype: the type that x is brought to first.
    """
    return softmax(-input, dim, dtype=dtype)


def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """softmax((x + n) / τ) with Gumbel noise n: a smooth draw of a class.

    Args:
        logits: x.
        tau: τ; the smaller, the nearer to a hard choice.
        hard: give the one-hot row of the likeliest class, with the smooth draw's gradient.
        eps: accepted, and changes nothing.
        dim: the dimension of the classes.

    Source: Jang, Gu and Poole, Categorical Reparameterization with Gumbel-Softmax, 2017.
    """
    tiny = 1e-20  # keeps the logarithms finite when the generator draws 0
    uniform = rand(logits.shape, dtype=logits.dtype, device=logits.device)
    noise = -(-(uniform + tiny).log() + tiny).log()
    soft = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return soft
    chosen = (soft.detach() * 0).scatter(dim, soft.argmax(dim, keepdim=True), 1.0)
    return chosen - soft.detach() + soft
