"""What a tensor is, as functions."""

from __future__ import annotations

from typing import Any, TypeGuard

from minigrad.functions.method import function
from minigrad.names import public
from minigrad.tensor import Tensor

detach = function(Tensor.detach)
get_device = function(Tensor.get_device)
is_complex = function(Tensor.is_complex)
is_floating_point = function(Tensor.is_floating_point)
is_inference = function(Tensor.is_inference)
is_nonzero = function(Tensor.is_nonzero)
is_same_size = function(Tensor.is_same_size)
is_signed = function(Tensor.is_signed)
numel = function(Tensor.numel)


def is_tensor(obj: Any) -> TypeGuard[Tensor]:
    """Whether it is a tensor.

    Args:
        obj: anything.
    """
    return isinstance(obj, Tensor)


public(globals())
