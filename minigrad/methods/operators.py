"""Python's operators: ``x + y``, ``y - x``, ``x *= y``, ``x == y``, ``~x`` and so on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from minigrad.methods.core import Core
from minigrad.methods.sums import minus, power
from minigrad.ops import comparison as logic
from minigrad.ops.arithmetic import abs, add, div, mul, neg
from minigrad.ops.rounding import floor_divide, remainder
from minigrad.recording import reads

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


def known(other: Any) -> bool:
    """Whether it can stand beside a tensor in an operator. What cannot gets its own turn: the
    operator is then NotImplemented, and Python asks the other class."""
    return isinstance(other, (Core, bool, int, float, np.ndarray, np.generic)) or (
        type(other).__module__.partition(".")[0] == "cupy"
    )


Operator: TypeAlias = "Callable[[Any, Any], Tensor]"
_not_mine: Any = NotImplemented


def _forth(function: Callable[..., Tensor]) -> Operator:
    """``x + y`` of an op."""

    def operator(self: Any, other: Any) -> Tensor:
        try:
            return function(self, other)
        except Exception:
            if known(other):
                raise
            return _not_mine  # type: ignore[no-any-return]

    return operator


def _back(function: Callable[..., Tensor]) -> Operator:
    """``y + x``, where y is no tensor."""
    return _forth(lambda self, other: function(other, self))


def _over(function: Callable[..., Tensor]) -> Operator:
    """``x += y``."""
    return _forth(lambda self, other: function(self, other, into=self))


def _comparison(function: Callable[..., Tensor]) -> Operator:
    """``x < y`` of an op."""

    def compare(self: Any, other: Any) -> Tensor:
        return function(self, other) if known(other) else _not_mine

    return compare


class Operators:
    """Each operator with its reflected and its in-place form."""

    __add__: Operator = _forth(add)
    __radd__: Operator = _back(add)
    __iadd__: Operator = _over(add)
    __sub__: Operator = _forth(minus)
    __rsub__: Operator = _back(minus)
    __isub__: Operator = _over(minus)
    __mul__: Operator = _forth(mul)
    __rmul__: Operator = _back(mul)
    __imul__: Operator = _over(mul)
    __truediv__: Operator = _forth(div)
    __rtruediv__: Operator = _back(div)
    __itruediv__: Operator = _over(div)
    __floordiv__: Operator = _forth(floor_divide)
    __rfloordiv__: Operator = _back(floor_divide)
    __ifloordiv__: Operator = _over(floor_divide)
    __mod__: Operator = _forth(remainder)
    __rmod__: Operator = _back(remainder)
    __imod__: Operator = _over(remainder)
    __pow__: Operator = _forth(power)
    __rpow__: Operator = _back(power)
    __ipow__: Operator = _over(power)
    __and__: Operator = _forth(logic.bitwise_and)
    __rand__: Operator = _back(logic.bitwise_and)
    __iand__: Operator = _over(logic.bitwise_and)
    __or__: Operator = _forth(logic.bitwise_or)
    __ror__: Operator = _back(logic.bitwise_or)
    __ior__: Operator = _over(logic.bitwise_or)
    __xor__: Operator = _forth(logic.bitwise_xor)
    __rxor__: Operator = _back(logic.bitwise_xor)
    __ixor__: Operator = _over(logic.bitwise_xor)
    __lshift__: Operator = _forth(logic.bitwise_left_shift)
    __rlshift__: Operator = _back(logic.bitwise_left_shift)
    __ilshift__: Operator = _over(logic.bitwise_left_shift)
    __rshift__: Operator = _forth(logic.bitwise_right_shift)
    __rrshift__: Operator = _back(logic.bitwise_right_shift)
    __irshift__: Operator = _over(logic.bitwise_right_shift)

    # A class that defines __eq__ loses its hash unless it says so.
    __hash__ = Core.__hash__
    __eq__ = _comparison(logic.eq)  # type: ignore[assignment]
    __ne__ = _comparison(logic.ne)  # type: ignore[assignment]
    __lt__: Operator = _comparison(logic.lt)
    __le__: Operator = _comparison(logic.le)
    __gt__: Operator = _comparison(logic.gt)
    __ge__: Operator = _comparison(logic.ge)

    def __neg__(self: Tensor) -> Tensor:
        return neg(self)

    def __pos__(self: Tensor) -> Tensor:
        return self

    def __abs__(self: Tensor) -> Tensor:
        return abs(self)

    def __invert__(self: Tensor) -> Tensor:
        if self.dtype.kind == "f":
            raise TypeError(
                f"~ is only implemented on integer and Boolean-type tensors, got {self.dtype}"
            )
        return logic.bitwise_not(self)

    def __contains__(self: Tensor, element: Any) -> bool:
        if not isinstance(element, (Core, bool, int, float, np.generic)):
            raise RuntimeError(
                f"in: only supports Tensor or scalar, but you passed in a {type(element).__name__}"
            )
        reads("in")
        return bool(logic.eq(self, element).any().item())
