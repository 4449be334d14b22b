"""Layers that only change the shape."""

from __future__ import annotations

from collections.abc import Sequence

from minigrad.nn.module import Module
from minigrad.tensor import Tensor

__all__ = ["Flatten", "Unflatten"]


class Flatten(Module):
    """The dimensions from ``start_dim`` to ``end_dim`` as one; by default all but the batch.

    It stands between convolutions and `Linear`. The result is a view where the memory allows one.

    Shapes: input (N, *), by default result (N, the product of the rest).
    Errors: RuntimeError where start_dim comes after end_dim.

    Example:
        >>> nn.Flatten()(minigrad.zeros(8, 16, 5, 5)).shape
        minigrad.Size([8, 400])
        >>> nn.Flatten(0, 1)(minigrad.zeros(8, 16, 5, 5)).shape
        minigrad.Size([128, 5, 5])
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        """
        Args:
            start_dim: the first dimension that is joined; 1 leaves the batch alone.
            end_dim: the last one that is joined, itself included.
        """
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """One dimension as several of the given lengths (-1 stands for what is left): undoes `Flatten`.

    Shapes: input (N, *, F, *), result (N, *, *unflattened_size, *); F is their product.

    Errors: TypeError for lengths that are no integers; RuntimeError where their product is not F.

    Example:
        >>> nn.Unflatten(1, (16, 5, 5))(minigrad.zeros(8, 400)).shape
        minigrad.Size([8, 16, 5, 5])
        >>> nn.Unflatten(1, (16, -1))(minigrad.zeros(8, 400)).shape
        minigrad.Size([8, 16, 25])
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        """
        Args:
            dim: the dimension that is divided.
            unflattened_size: a tuple or list of the new lengths, one of which may be -1.
        """
        super().__init__()
        if not isinstance(unflattened_size, (tuple, list)) or not all(
            isinstance(n, int) for n in unflattened_size
        ):
            raise TypeError(
                f"Unflatten: unflattened_size must be tuple of ints, got {unflattened_size!r}"
            )
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
