"""The functions of `minigrad.methods.comparison`, and those of several tensors."""

from __future__ import annotations

from minigrad.dtypes import Number
from minigrad.methods.comparison import chosen
from minigrad.tensor import Tensor

__all__ = [
    "allclose",
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "eq",
    "equal",
    "ge",
    "greater",
    "greater_equal",
    "gt",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "le",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "lt",
    "ne",
    "not_equal",
    "where",
]

allclose = Tensor.allclose
bitwise_and = Tensor.bitwise_and
bitwise_left_shift = Tensor.bitwise_left_shift
bitwise_not = Tensor.bitwise_not
bitwise_or = Tensor.bitwise_or
bitwise_right_shift = Tensor.bitwise_right_shift
bitwise_xor = Tensor.bitwise_xor
eq = Tensor.eq
equal = Tensor.equal
ge = Tensor.ge
greater = Tensor.greater
greater_equal = Tensor.greater_equal
gt = Tensor.gt
isclose = Tensor.isclose
isfinite = Tensor.isfinite
isinf = Tensor.isinf
isnan = Tensor.isnan
le = Tensor.le
less = Tensor.less
less_equal = Tensor.less_equal
logical_and = Tensor.logical_and
logical_not = Tensor.logical_not
logical_or = Tensor.logical_or
logical_xor = Tensor.logical_xor
lt = Tensor.lt
ne = Tensor.ne
not_equal = Tensor.not_equal


def where(condition: Tensor, input: Tensor | Number, other: Tensor | Number) -> Tensor:
    """The number of ``input`` where the condition holds, else that of ``other``.

    Errors: RuntimeError for a condition that is not of type bool.
    """
    return chosen(condition, input, other)
