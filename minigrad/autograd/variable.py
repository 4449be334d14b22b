"""The name that tensors with gradients had before PyTorch 0.4."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = ["Variable"]


def Variable(data: Tensor, requires_grad: bool = False) -> Tensor:
    """The numbers of a tensor (shared, not copied) as a leaf: ``data.detach()``, which old scripts
    write so.

    Args:
        data: the tensor.
        requires_grad: whether the leaf collects a gradient.
    """
    return data.detach().requires_grad_(requires_grad)
