"""PyTorch's place for the exchange of memory with other libraries."""

from __future__ import annotations

from typing import Any

from minigrad.creation import from_dlpack
from minigrad.tensor import Tensor

__all__ = ["from_dlpack", "to_dlpack"]


def to_dlpack(tensor: Tensor) -> Any:
    """The tensor's memory as a capsule, which another library can take once, without a copy.

    Args:
        tensor: the tensor.

    Errors: BufferError when it requires a gradient.
    """
    return tensor.__dlpack__()
