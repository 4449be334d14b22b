"""Python's operators: ``x + y``, ``y - x``, ``x *= y``, ``x == y``, ``~x`` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.methods.arithmetic import minus, power
from minigrad.methods.comparison import Comparison
from minigrad.methods.core import Core
from minigrad.ops import comparison as logic
from minigrad.ops.arithmetic import abs, add, div, mul, neg, pow
from minigrad.ops.rounding import floor_divide, remainder
from minigrad.tape import reads

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Operators(Comparison):
    """Each operator with its reflected and its in-place form."""

    def __add__(self, other: Any) -> Tensor:
        return add(self, other)

    def __radd__(self, other: Any) -> Tensor:
        return add(other, self)

    def __iadd__(self, other: Any) -> Tensor:
        return add(self, other, into=self)

    def __sub__(self, other: Any) -> Tensor:
        return minus(self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return minus(other, self)

    def __isub__(self, other: Any) -> Tensor:
        return minus(self, other, into=self)

    def __mul__(self, other: Any) -> Tensor:
        return mul(self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return mul(other, self)

    def __imul__(self, other: Any) -> Tensor:
        return mul(self, other, into=self)

    def __truediv__(self, other: Any) -> Tensor:
        return div(self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return div(other, self)

    def __itruediv__(self, other: Any) -> Tensor:
        return div(self, other, into=self)

    def __floordiv__(self, other: Any) -> Tensor:
        return floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return floor_divide(other, self)

    def __ifloordiv__(self, other: Any) -> Tensor:
        return floor_divide(self, other, into=self)

    def __mod__(self, other: Any) -> Tensor:
        return remainder(self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return remainder(other, self)

    def __imod__(self, other: Any) -> Tensor:
        return remainder(self, other, into=self)

    def __pow__(self, exponent: Any) -> Tensor:
        return power(self, exponent)

    def __rpow__(self, base: Any) -> Tensor:
        return pow(base, self)

    def __ipow__(self, exponent: Any) -> Tensor:
        return power(self, exponent, into=self)

    def __neg__(self) -> Tensor:
        return neg(self)

    def __pos__(self) -> Tensor:
        return self  # type: ignore[return-value]

    def __abs__(self) -> Tensor:
        return abs(self)

    # A class that defines __eq__ loses its hash unless it says so.
    __hash__ = Core.__hash__

    def __eq__(self, other: object) -> Any:
        return logic.eq(self, other) if _comparable(other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return logic.ne(self, other) if _comparable(other) else NotImplemented

    def __lt__(self, other: Any) -> Tensor:
        return logic.lt(self, other)

    def __le__(self, other: Any) -> Tensor:
        return logic.le(self, other)

    def __gt__(self, other: Any) -> Tensor:
        return logic.gt(self, other)

    def __ge__(self, other: Any) -> Tensor:
        return logic.ge(self, other)

    def __contains__(self, element: Any) -> bool:
        reads("in")
        return bool(logic.eq(self, element).any().item())

    def __and__(self, other: Any) -> Tensor:
        return logic.bitwise_and(self, other)

    def __rand__(self, other: Any) -> Tensor:
        return logic.bitwise_and(other, self)

    def __iand__(self, other: Any) -> Tensor:
        return logic.bitwise_and(self, other, into=self)

    def __or__(self, other: Any) -> Tensor:
        return logic.bitwise_or(self, other)

    def __ror__(self, other: Any) -> Tensor:
        return logic.bitwise_or(other, self)

    def __ior__(self, other: Any) -> Tensor:
        return logic.bitwise_or(self, other, into=self)

    def __xor__(self, other: Any) -> Tensor:
        return logic.bitwise_xor(self, other)

    def __rxor__(self, other: Any) -> Tensor:
        return logic.bitwise_xor(other, self)

    def __ixor__(self, other: Any) -> Tensor:
        return logic.bitwise_xor(self, other, into=self)

    def __lshift__(self, other: Any) -> Tensor:
        return logic.bitwise_left_shift(self, other)

    def __rlshift__(self, other: Any) -> Tensor:
        return logic.bitwise_left_shift(other, self)

    def __ilshift__(self, other: Any) -> Tensor:
        return logic.bitwise_left_shift(self, other, into=self)

    def __rshift__(self, other: Any) -> Tensor:
        return logic.bitwise_right_shift(self, other)

    def __rrshift__(self, other: Any) -> Tensor:
        return logic.bitwise_right_shift(other, self)

    def __irshift__(self, other: Any) -> Tensor:
        return logic.bitwise_right_shift(self, other, into=self)

    def __invert__(self) -> Tensor:
        return logic.bitwise_not(self)


def _comparable(other: object) -> bool:
    return isinstance(other, (Core, bool, int, float, np.ndarray, np.generic))
