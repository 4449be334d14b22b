"""Products of matrices and vectors that only ``torch.linalg`` has."""

from __future__ import annotations

from collections.abc import Sequence

from minigrad.functions import chain_matmul
from minigrad.tensor import Tensor


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """The product of matrices (the first and the last may be vectors), in the cheapest order.

    Args:
        tensors: two or more.
    """
    chain = list(tensors)
    if len(chain) < 2:
        raise RuntimeError(f"linalg.multi_dot: expected at least 2 tensors, got {len(chain)}")
    row, column = chain[0].ndim == 1, chain[-1].ndim == 1
    if row:
        chain[0] = chain[0].unsqueeze(0)
    if column:
        chain[-1] = chain[-1].unsqueeze(1)
    y = chain_matmul(*chain)
    y = y.squeeze(0) if row else y
    return y.squeeze(-1) if column else y


def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """x × y over ``dim`` of length 3

    Args:
        input, other: x and y, broadcast.
        dim: the dimension.
    """
    return input.cross(other, dim)


def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """Σ xᵢ yᵢ over ``dim``

    Args:
        x, y: broadcast.
        dim: the dimension.
    """
    if x.dtype.kind != "f" or y.dtype != x.dtype:
        raise RuntimeError(
            f"linalg.vecdot: expected one floating point type, got {x.dtype} and {y.dtype}"
        )
    return (x * y).sum(dim)
