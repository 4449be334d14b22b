"""Arithmetic, its operators, and its in-place twins."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from minigrad.dtypes import Number
from minigrad.methods.conversion import Conversion
from minigrad.ops.arithmetic import add, div, mul, neg, pow, sub
from minigrad.ops.update import copy

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

P = ParamSpec("P")


def in_place(
    method: Callable[Concatenate[Any, P], Tensor],
) -> Callable[Concatenate[Any, P], Tensor]:
    """The twin of a method that leaves the result in the tensor itself: ``exp_`` of ``exp``."""
    name = method.__name__ + "_"

    @wraps(method)
    def twin(self: Any, *args: P.args, **kwargs: P.kwargs) -> Tensor:
        return copy(self, method(self, *args, **kwargs), into=self)

    twin.__name__ = name
    twin.__doc__ = f"`{method.__name__}`, in place."
    return twin


class Arithmetic(Conversion):
    """z = x + y and its like."""

    def add(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """self + alpha · other"""
        return add(self, other if alpha == 1 else mul(other, alpha))

    def sub(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """self - alpha · other"""
        return sub(self, other if alpha == 1 else mul(other, alpha))

    def mul(self, other: Tensor | Number) -> Tensor:
        """self · other"""
        return mul(self, other)

    def div(self, other: Tensor | Number) -> Tensor:
        """self / other; integers give the default floating type."""
        return div(self, other)

    def neg(self) -> Tensor:
        """-self"""
        return neg(self)

    def pow(self, exponent: Tensor | Number) -> Tensor:
        """self ^ exponent"""
        return pow(self, exponent)

    def add_(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """`add`, in place."""
        return add(self, other if alpha == 1 else mul(other, alpha), into=self)

    def sub_(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """`sub`, in place."""
        return sub(self, other if alpha == 1 else mul(other, alpha), into=self)

    def mul_(self, other: Tensor | Number) -> Tensor:
        """`mul`, in place."""
        return mul(self, other, into=self)

    def div_(self, other: Tensor | Number) -> Tensor:
        """`div`, in place."""
        return div(self, other, into=self)

    def copy_(self, src: Tensor) -> Tensor:
        """Take over the numbers of ``src``, broadcast and in this tensor's type."""
        return copy(self, src, into=self)

    neg_ = in_place(neg)
    pow_ = in_place(pow)

    def __add__(self, other: Any) -> Tensor:
        return add(self, other)

    def __radd__(self, other: Any) -> Tensor:
        return add(other, self)

    def __iadd__(self, other: Any) -> Tensor:
        return add(self, other, into=self)

    def __sub__(self, other: Any) -> Tensor:
        return sub(self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return sub(other, self)

    def __isub__(self, other: Any) -> Tensor:
        return sub(self, other, into=self)

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

    def __pow__(self, exponent: Any) -> Tensor:
        return pow(self, exponent)

    def __rpow__(self, base: Any) -> Tensor:
        return pow(base, self)

    def __ipow__(self, exponent: Any) -> Tensor:
        return pow(self, exponent, into=self)

    def __neg__(self) -> Tensor:
        return neg(self)

    def __pos__(self) -> Tensor:
        return self  # type: ignore[return-value]
