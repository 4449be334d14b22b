"""What a tensor is, as functions."""

from __future__ import annotations

from typing import Any, TypeGuard

from minigrad.functions.method import function
from minigrad.tensor import Tensor

__all__ = ["Size", "detach", "is_floating_point", "is_tensor", "numel"]

Size: type[tuple[int, ...]] = tuple
"""Shapes are plain tuples."""

detach = function(Tensor.detach)
is_floating_point = function(Tensor.is_floating_point)
numel = function(Tensor.numel)


def is_tensor(obj: Any) -> TypeGuard[Tensor]:
    """Whether it is a tensor."""
    return isinstance(obj, Tensor)
