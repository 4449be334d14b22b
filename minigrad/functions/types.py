"""Which type the result of an operation has."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.dtypes import DType, Number
from minigrad.names import public
from minigrad.tensor import Tensor


def get_default_dtype() -> DType:
    """The type of new floating-point tensors, float32."""
    return dtypes.DEFAULT


def result_type(tensor1: Tensor | Number, tensor2: Tensor | Number) -> DType:
    """The type that an operation on the two computes in.

    Args:
        tensor1, tensor2: tensors or numbers.

    Errors: TypeError for what is neither.
    """
    operands: list[Any] = []
    for x in (tensor1, tensor2):
        if isinstance(x, Tensor):
            operands.append(x.array)
        elif isinstance(x, (bool, int, float, np.generic)):
            operands.append(x.item() if isinstance(x, np.generic) else x)
        else:
            raise TypeError(f"result_type: expected tensors or numbers, got {type(x).__name__}")
    return dtypes.result_type(operands)


def promote_types(type1: Any, type2: Any) -> DType:
    """The common type of two tensors with dimensions.

    Args:
        type1, type2: the types.
    """
    return dtypes.promote(dtypes.as_dtype(type1), dtypes.as_dtype(type2))


def can_cast(from_: Any, to: Any) -> bool:
    """Whether a result of the one type may be written into a tensor of the other: bool into
    integers into floating types, not back.

    Args:
        from_, to: the types.
    """
    source, goal = dtypes.as_dtype(from_), dtypes.as_dtype(to)
    return dtypes.category(source) <= dtypes.category(goal)


public(globals())
