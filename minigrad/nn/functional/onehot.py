"""Classes as vectors."""

from __future__ import annotations

import numpy as np

from minigrad.arguments import whole
from minigrad.recording import reads
from minigrad.tensor import Tensor, fresh

__all__ = ["one_hot"]


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """For every class number a vector of zeros with a 1 at its place, in int64.

    Args:
        tensor: the class numbers, int64 of any shape (*).
        num_classes: the length of the vectors; -1 is one more than the greatest class.

    Shapes: result (*, num_classes).
    Errors: RuntimeError when the classes are no int64, negative, or too great.

    Example:
        >>> F.one_hot(minigrad.tensor([0, 2]), num_classes=3)
        tensor([[1, 0, 0],
                [0, 0, 1]])
    """
    if tensor.dtype.name != "int64":
        raise RuntimeError(
            f"one_hot: is only applicable to index tensor of type int64, got {tensor.dtype}"
        )
    num_classes = whole("one_hot", "num_classes", num_classes)
    if not tensor.numel() and num_classes <= 0:
        raise RuntimeError("one_hot: can not infer total number of classes from empty tensor")
    if num_classes == -1:
        reads("one_hot() without num_classes")
    numbers, low, high = tensor.array, 0, -1
    # With their number given, the classes are not looked at on a GPU: it would cost a transfer.
    if numbers.size and (num_classes == -1 or isinstance(numbers, np.ndarray)):
        low, high = (tensor.device.call(m, numbers).item() for m in ("min", "max"))
    if low < 0:
        raise RuntimeError(f"one_hot: Class values must be non-negative, got {low}")
    n = num_classes if num_classes != -1 else high + 1
    if high >= n:
        raise RuntimeError(
            f"one_hot: Class values must be smaller than num_classes {n}, got {high}"
        )
    return tensor.unsqueeze(-1).eq(fresh(tensor.device.call("arange", n))).long()
