"""Softmax and its like as modules; see `minigrad.nn.functional.softmax`."""

from __future__ import annotations

from minigrad.nn.functional.softmax import log_softmax, softmax, softmin
from minigrad.nn.module import Module
from minigrad.tensor import Tensor

__all__ = ["LogSoftmax", "Softmax", "Softmax2d", "Softmin"]


class Softmax(Module):
    """exp(x) / Σ exp(x) over ``dim``. Followed by `CrossEntropy`, its gradient is p - y."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """x - log Σ exp(x) over ``dim``"""

    def forward(self, input: Tensor) -> Tensor:
        return log_softmax(input, self.dim)


class Softmin(Softmax):
    """softmax(-x)"""

    def forward(self, input: Tensor) -> Tensor:
        return softmin(input, self.dim)


class Softmax2d(Module):
    """Softmax over the channels of (N, C, H, W) or (C, H, W). Errors: ValueError otherwise."""

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.shape}")
        return input.softmax(-3)
