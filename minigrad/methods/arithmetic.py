"""Arithmetic, its operators, and its in-place twins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad import dtypes
from minigrad.dtypes import Number
from minigrad.methods.core import Core
from minigrad.methods.spelling import number
from minigrad.methods.sums import destination, minus, plus, power
from minigrad.methods.twins import binary, in_place, unary
from minigrad.op import Op
from minigrad.ops import arithmetic as ops
from minigrad.ops.arithmetic import div, mul, neg, pow
from minigrad.ops.rounding import floor_divide, fmod, remainder, trunc_divide
from minigrad.ops.update import copy

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

_DIVISIONS: dict[str | None, Op] = {None: div, "floor": floor_divide, "trunc": trunc_divide}


class Arithmetic:
    """z = x + y and its like."""

    def add(
        self: Tensor, other: Tensor | Number, *, alpha: Number = 1, out: Tensor | None = None
    ) -> Tensor:
        """self + alpha · other; ``out`` is the tensor that takes the result.

        Args:
            other: a tensor that is broadcast with this one, or a number.
            alpha: a factor of ``other``.
        """
        if out is not None:
            destination("add", out, self, other)
        return plus(self, other, alpha, into=out)

    def add_(self: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """`add`, in place."""
        return plus(self, other, alpha, into=self)

    def sub(
        self: Tensor, other: Tensor | Number, *, alpha: Number = 1, out: Tensor | None = None
    ) -> Tensor:
        """self - alpha · other; ``out`` is the tensor that takes the result.

        Args:
            other: a tensor that is broadcast with this one, or a number.
            alpha: a factor of ``other``.
        """
        if out is not None:
            destination("sub", out, self, other)
        return minus(self, other, alpha, into=out)

    def sub_(self: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """`sub`, in place."""
        return minus(self, other, alpha, into=self)

    def mul(self: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
        """self · other; ``out`` is the tensor that takes the result.

        Args:
            other: a tensor that is broadcast with this one, or a number.
        """
        if out is not None:
            destination("mul", out, self, other)
        return mul(self, other, into=out)

    def mul_(self: Tensor, other: Tensor | Number) -> Tensor:
        """`mul`, in place."""
        return mul(self, other, into=self)

    def div(
        self: Tensor,
        other: Tensor | Number,
        *,
        rounding_mode: str | None = None,
        out: Tensor | None = None,
    ) -> Tensor:
        """self / other; of integers in the default floating type.

        ``rounding_mode`` "floor" rounds down and "trunc" towards 0; integers then stay integers.
        ``out`` is the tensor that takes the result.

        Args:
            other: a tensor that is broadcast with this one, or a number.
        """
        if out is not None:
            destination("div", out, self, other)
        return _division(rounding_mode)(self, other, into=out)

    def div_(self: Tensor, other: Tensor | Number, *, rounding_mode: str | None = None) -> Tensor:
        """`div`, in place."""
        return _division(rounding_mode)(self, other, into=self)

    def true_divide(self: Tensor, other: Tensor | Number) -> Tensor:
        """self / other

        Args:
            other: a tensor that is broadcast with this one, or a number.
        """
        return div(self, other)

    def true_divide_(self: Tensor, other: Tensor | Number) -> Tensor:
        """`true_divide`, in place."""
        return div(self, other, into=self)

    floor_divide, floor_divide_ = binary(floor_divide)
    remainder, remainder_ = binary(remainder)
    fmod, fmod_ = binary(fmod)
    neg, neg_ = unary(neg)
    abs, abs_ = unary(ops.abs)
    sign, sign_ = unary(ops.sign)

    def pow(self: Tensor, exponent: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
        """self ^ exponent; of integers an integer. ``out`` is the tensor that takes the result.

        Args:
            exponent: a tensor that is broadcast with this one, or a number.

        Errors: RuntimeError for integers to a negative number.
        """
        if out is not None:
            destination("pow", out, self, exponent)
        return power(self, exponent, into=out)

    def pow_(self: Tensor, exponent: Tensor | Number) -> Tensor:
        """`pow`, in place."""
        return power(self, exponent, into=self)

    def float_power(self: Tensor, exponent: Tensor | Number) -> Tensor:
        """self ^ exponent in float64.

        Args:
            exponent: a tensor that is broadcast with this one, or a number.
        """
        return pow(_double(self), _double(exponent))

    def float_power_(self: Tensor, exponent: Tensor | Number) -> Tensor:
        """`float_power`, in place. Errors: RuntimeError unless this tensor is float64."""
        if self.dtype != dtypes.float64:
            raise RuntimeError(
                f"float_power_: the base has dtype {self.dtype}, but the result requires float64"
            )
        return pow(self, _double(exponent), into=self)

    def square(self: Tensor) -> Tensor:
        """self²"""
        return pow(self, 2)

    square_ = in_place(square)

    sqrt, sqrt_ = unary(ops.sqrt)
    rsqrt, rsqrt_ = unary(ops.rsqrt)
    reciprocal, reciprocal_ = unary(ops.reciprocal)
    hypot, hypot_ = binary(ops.hypot)
    copysign, copysign_ = binary(ops.copysign)

    def addcmul(self: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
        """self + value · tensor1 · tensor2

        Args:
            tensor1, tensor2: the factors, broadcast.
            value: a number.
        """
        return ops.addcmul(self, tensor1, tensor2, value=number(value))

    def addcmul_(self: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
        """`addcmul`, in place."""
        return ops.addcmul(self, tensor1, tensor2, value=number(value), into=self)

    def addcdiv(self: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
        """self + value · tensor1 / tensor2

        Args:
            tensor1, tensor2: numerator and denominator, broadcast.
            value: a number.
        """
        return ops.addcdiv(self, tensor1, tensor2, value=number(value))

    def addcdiv_(self: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
        """`addcdiv`, in place."""
        return ops.addcdiv(self, tensor1, tensor2, value=number(value), into=self)

    def lerp(self: Tensor, end: Tensor, weight: Tensor | Number) -> Tensor:
        """self + weight · (end - self): the way from here to ``end``.

        Args:
            weight: how far to go, 0 for staying and 1 for ``end``; a number or a tensor.

        Errors: RuntimeError for tensors of different types.
        """
        return _way(self, end, weight)

    def lerp_(self: Tensor, end: Tensor, weight: Tensor | Number) -> Tensor:
        """`lerp`, in place."""
        return _way(self, end, weight, into=self)

    def copy_(self: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
        """Take over the numbers of ``src``, broadcast, in this tensor's type and from whichever
        device they are on. Errors: TypeError for what is no tensor and no number; RuntimeError for
        a shape that does not broadcast to this one, which one of more dimensions never does.

        Args:
            non_blocking: accepted, and changes nothing.
        """
        if isinstance(src, (bool, int, float)):
            return self.fill_(src)
        if not isinstance(src, Core):
            raise TypeError(f"copy_: expected a tensor, not {type(src).__name__}")
        if src.ndim > self.ndim:
            raise RuntimeError(
                f"copy_: output with shape {list(self.shape)} doesn't match the broadcast shape "
                f"{list(src.shape)}"
            )
        return copy(self, src.to(device=self.device), into=self)

    def fill_(self: Tensor, value: Tensor | Number) -> Tensor:
        """Take one number everywhere. Errors: RuntimeError for a tensor with dimensions.

        Args:
            value: a number, or a tensor without dimensions.
        """
        if isinstance(value, (int, float)):
            value = dtypes.fitting("fill_", value, self.dtype)
        elif getattr(value, "ndim", 0):
            raise RuntimeError(
                f"fill_: only supports a 0-dimensional value tensor, got {value.shape}"
            )
        return copy(self, value, into=self)

    def zero_(self: Tensor) -> Tensor:
        """Become 0 everywhere."""
        return copy(self, 0, into=self)

    # -- PyTorch's other names ------------------------------------------------------------------

    subtract = sub
    subtract_ = sub_
    multiply = mul
    multiply_ = mul_
    divide = div
    divide_ = div_
    negative = neg
    negative_ = neg_
    absolute = abs
    absolute_ = abs_


def _division(rounding_mode: str | None) -> Op:
    if rounding_mode not in _DIVISIONS:
        raise RuntimeError(
            f"div: expected rounding_mode to be one of None, 'trunc' or 'floor', found "
            f"{rounding_mode!r}"
        )
    return _DIVISIONS[rounding_mode]


def _double(x: Any) -> Any:
    return x.double() if hasattr(x, "double") else float(x)


def _way(start: Any, end: Any, weight: Any, into: Any = None) -> Tensor:
    """start + weight · (end - start); a weight without dimensions is taken as a number is. Errors:
    RuntimeError unless all other tensors are of the same floating type."""
    if not isinstance(weight, Core):
        weight = number(weight)
    elif not weight.ndim:
        weight = weight.to(dtype=start.dtype)  # type: ignore[attr-defined]
    types = dict.fromkeys(getattr(x, "dtype", start.dtype) for x in (start, end, weight))
    if len(types) > 1 or start.dtype.kind != "f":
        raise RuntimeError(f"lerp: expected one floating-point type, got {[*map(str, types)]}")
    return ops.lerp(start, end, weight, into=into)
