"""Softmax and its like as modules; see `minigrad.nn.functional.softmax`."""

from __future__ import annotations

from minigrad.nn.functional.softmax import log_softmax, softmax, softmin
from minigrad.nn.module import Module
from minigrad.tensor import Tensor

__all__ = ["LogSoftmax", "Softmax", "Softmax2d", "Softmin"]


class Softmax(Module):
    """exp(x) / Σ exp(x) over ``dim``: positive numbers that sum to 1.

    Computed from x - max x, so that nothing overflows. Followed by `CrossEntropy`, the gradient
    with respect to x is p - y; `CrossEntropyLoss` has this layer inside and takes x itself.

    Shapes: input (*), result (*).
    Errors: IndexError for a dimension that is not there; RuntimeError for integers.

    Example:
        >>> nn.Softmax(dim=1)(minigrad.tensor([[0.0, 0.0], [0.0, 1.0]]))
        tensor([[0.5000, 0.5000],
                [0.2689, 0.7311]])
    """

    def __init__(self, dim: int | None = None) -> None:
        """
        Args:
            dim: the dimension that sums to 1. None warns and takes 0 for 0, 1 or 3 dimensions, else
                1, as PyTorch does.
        """
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """x - log Σ exp(x) over ``dim``: finite where the logarithm of `Softmax` is -inf. `NLLLoss`
    takes it.

    Shapes: input (*), result (*).
    Errors: IndexError for a dimension that is not there; RuntimeError for integers.

    Example:
        >>> nn.LogSoftmax(dim=0)(minigrad.tensor([0.0, 1000.0]))
        tensor([-1000.,     0.])
    """

    def forward(self, input: Tensor) -> Tensor:
        return log_softmax(input, self.dim)


class Softmin(Softmax):
    """exp(-x) / Σ exp(-x) over ``dim``: the smallest number gets the most.

    Shapes: input (*), result (*).
    Errors: IndexError for a dimension that is not there; RuntimeError for integers.

    Example:
        >>> nn.Softmin(dim=0)(minigrad.tensor([0.0, 1.0]))
        tensor([0.7311, 0.2689])
    """

    def forward(self, input: Tensor) -> Tensor:
        return softmin(input, self.dim)


class Softmax2d(Module):
    """Softmax over the channels at each place of an image.

    Shapes: input (N, C, H, W) or (C, H, W), result the same. Errors: ValueError for others.

    Example:
        >>> nn.Softmax2d()(minigrad.zeros(1, 4, 1, 2)).flatten()
        tensor([0.2500, 0.2500, 0.2500, 0.2500, 0.2500, 0.2500, 0.2500, 0.2500])
    """

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.shape}")
        return input.softmax(-3)
