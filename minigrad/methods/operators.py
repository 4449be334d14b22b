"""Python's operators: ``x + y``, ``y - x``, ``x *= y``, ``x == y``, ``~x`` and so on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from minigrad.methods.arithmetic import minus
from minigrad.methods.comparison import Comparison
from minigrad.methods.core import Core
from minigrad.ops import comparison as logic
from minigrad.ops.arithmetic import abs, add, div, mul, neg, pow
from minigrad.ops.rounding import floor_divide, remainder
from minigrad.tape import reads

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


def _operators(function: Callable[..., Tensor]) -> tuple[Operator, Operator, Operator]:
    """``x + y`` of an op, its reflected form and its in-place form."""

    def forth(self: Any, other: Any) -> Tensor:
        try:
            return function(self, other)
        except Exception:
            if known(other):
                raise
            return _not_mine  # type: ignore[no-any-return]

    def back(self: Any, other: Any) -> Tensor:
        try:
            return function(other, self)
        except Exception:
            if known(other):
                raise
            return _not_mine  # type: ignore[no-any-return]

    def over(self: Any, other: Any) -> Tensor:
        try:
            return function(self, other, into=self)
        except Exception:
            if known(other):
                raise
            return _not_mine  # type: ignore[no-any-return]

    return forth, back, over


def _comparison(function: Callable[..., Tensor]) -> Operator:
    """``x < y`` of an op."""

    def compare(self: Any, other: Any) -> Tensor:
        return function(self, other) if known(other) else _not_mine

    return compare


class Operators(Comparison):
    """Each operator with its reflected and its in-place form."""

    __add__, __radd__, __iadd__ = _operators(add)
    __sub__, __rsub__, __isub__ = _operators(minus)
    __mul__, __rmul__, __imul__ = _operators(mul)
    __truediv__, __rtruediv__, __itruediv__ = _operators(div)
    __floordiv__, __rfloordiv__, __ifloordiv__ = _operators(floor_divide)
    __mod__, __rmod__, __imod__ = _operators(remainder)
    __pow__, __rpow__, __ipow__ = _operators(pow)
    __and__, __rand__, __iand__ = _operators(logic.bitwise_and)
    __or__, __ror__, __ior__ = _operators(logic.bitwise_or)
    __xor__, __rxor__, __ixor__ = _operators(logic.bitwise_xor)
    __lshift__, __rlshift__, __ilshift__ = _operators(logic.bitwise_left_shift)
    __rshift__, __rrshift__, __irshift__ = _operators(logic.bitwise_right_shift)

    # A class that defines __eq__ loses its hash unless it says so.
    __hash__ = Core.__hash__
    __eq__ = _comparison(logic.eq)  # type: ignore[assignment]
    __ne__ = _comparison(logic.ne)  # type: ignore[assignment]
    __lt__, __le__ = _comparison(logic.lt), _comparison(logic.le)
    __gt__, __ge__ = _comparison(logic.gt), _comparison(logic.ge)

    def __neg__(self) -> Tensor:
        return neg(self)

    def __pos__(self) -> Tensor:
        return self  # type: ignore[return-value]

    def __abs__(self) -> Tensor:
        return abs(self)

    def __invert__(self) -> Tensor:
        if self.dtype.kind == "f":
            raise TypeError(
                f"~ is only implemented on integer and Boolean-type tensors, got {self.dtype}"
            )
        return logic.bitwise_not(self)

    def __contains__(self, element: Any) -> bool:
        if not isinstance(element, (Core, bool, int, float, np.generic)):
            raise RuntimeError(
                f"in: only supports Tensor or scalar, but you passed in a {type(element).__name__}"
            )
        reads("in")
        return bool(logic.eq(self, element).any().item())
