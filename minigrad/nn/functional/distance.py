"""Lengths and angles of vectors."""

from __future__ import annotations

from minigrad.arguments import number, switch, whole
from minigrad.dtypes import promote
from minigrad.methods.halves import rounded_once
from minigrad.tensor import Tensor

__all__ = ["cosine_similarity", "normalize", "pairwise_distance"]


@rounded_once
def normalize(
    input: Tensor, p: float = 2.0, dim: int | tuple[int, ...] = 1, eps: float = 1e-12
) -> Tensor:
    """x / max(‖x‖ₚ, ε) over ``dim``: vectors of length 1.

    Args:
        input: x, any shape.
        p: the norm's exponent.
        dim: the dimension of the vectors, or several.
        eps: ε, the least length that is divided by.
    """
    return input / input.norm(p, dim, keepdim=True).clamp_min(eps)


@rounded_once
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x·y / (max(‖x‖, ε) max(‖y‖, ε)) over ``dim``

    Args:
        x1, x2: x and y, which are broadcast.
        dim: the dimension of the vectors, which the result lacks.
        eps: ε, the least length.
    """
    common = promote(x1.dtype, x2.dtype)
    if common.kind != "f":
        raise RuntimeError(
            f"cosine_similarity: expected floating point types, got {x1.dtype} and {x2.dtype}"
        )
    x1, x2 = x1.to(dtype=common), x2.to(dtype=common)
    dim, eps = whole("cosine_similarity", "dim", dim), number("cosine_similarity", "eps", eps)
    if not eps >= 0:
        raise RuntimeError(f"cosine_similarity: eps must be non-negative, got {eps}")
    shape = (x1 + x2).shape if x1.shape != x2.shape else x1.shape
    x, y = x1.expand(shape), x2.expand(shape)
    lengths = x.norm(2, dim).clamp_min(eps) * y.norm(2, dim).clamp_min(eps)
    return (x * y).sum(dim) / lengths


@rounded_once
def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """‖x - y + ε‖ₚ over the last dimension

    Args:
        x1, x2: x and y, which are broadcast.
        p: the norm's exponent.
        eps: ε; keeps the derivative finite where x = y.
        keepdim: keep the last dimension, with length 1.
    """
    p, eps = number("pairwise_distance", "p", p), number("pairwise_distance", "eps", eps)
    keepdim = switch("pairwise_distance", "keepdim", keepdim)
    return (x1 - x2 + eps).norm(p, -1, keepdim=keepdim)
