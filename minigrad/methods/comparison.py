"""Comparisons and logic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad import dtypes
from minigrad.dtypes import Number
from minigrad.methods.core import Core
from minigrad.methods.spelling import number
from minigrad.methods.twins import binary, unary
from minigrad.op import Op
from minigrad.ops import comparison as ops
from minigrad.recording import reads

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Comparison:
    """eq and its like."""

    eq, eq_ = binary(ops.eq)
    ne, ne_ = binary(ops.ne)
    lt, lt_ = binary(ops.lt)
    le, le_ = binary(ops.le)
    gt, gt_ = binary(ops.gt)
    ge, ge_ = binary(ops.ge)

    def isnan(self: Tensor) -> Tensor:
        """Where there is NaN."""
        return ops.isnan(self)

    def isinf(self: Tensor) -> Tensor:
        """Where there is ∞ or -∞."""
        return ops.isinf(self)

    def isfinite(self: Tensor) -> Tensor:
        """Where there is neither NaN nor an infinity."""
        return ops.isfinite(self)

    def isclose(
        self: Tensor,
        other: Tensor,
        rtol: float = 1e-05,
        atol: float = 1e-08,
        equal_nan: bool = False,
    ) -> Tensor:
        """Where |self - other| ≤ atol + rtol · |other|.

        Args:
            other: a tensor of the same type.
            rtol: the tolerance as a part of ``other``.
            atol: the tolerance as an amount.
            equal_nan: whether NaN is close to NaN.

        Errors: RuntimeError for different types or negative tolerances.
        """
        if self.dtype != other.dtype:
            raise RuntimeError(
                f"isclose: {self.dtype} did not match {other.dtype}; convert one with .to(...)"
            )
        rtol, atol = number(rtol), number(atol)
        if rtol < 0 or atol < 0:
            raise RuntimeError(
                f"isclose: rtol and atol must not be negative, got {rtol} and {atol}"
            )
        x: Any = self.detach()
        y: Any = other.detach()
        close = x == y
        if equal_nan:
            close = close | (x.isnan() & y.isnan())
        if x.dtype.kind != "f":
            x, y = x.double(), y.double()
        distance = (x - y).abs()
        near: Tensor = close | (distance.isfinite() & (distance <= atol + rtol * y.abs()))
        return near

    def allclose(
        self: Tensor,
        other: Tensor,
        rtol: float = 1e-05,
        atol: float = 1e-08,
        equal_nan: bool = False,
    ) -> bool:
        """Whether `isclose` holds everywhere.

        Args:
            other: a tensor of the same type.
            rtol: the tolerance as a part of ``other``.
            atol: the tolerance as an amount.
            equal_nan: whether NaN is close to NaN.
        """
        reads("allclose()")
        return bool(self.isclose(other, rtol, atol, equal_nan).all().item())

    def equal(self: Tensor, other: Tensor) -> bool:
        """Whether the other tensor has the same shape and the same numbers.

        Args:
            other: the other tensor.
        """
        reads("equal()")
        return self.shape == other.shape and bool(ops.eq(self, other).all().item())

    def where(self: Tensor, condition: Tensor, other: Tensor | Number) -> Tensor:
        """The number of ``self`` where the condition holds, else that of ``other``.

        Args:
            condition: truth values, broadcast with the two.

        Errors: RuntimeError for a condition that is not of type bool.
        """
        return chosen(condition, self, other)

    logical_and, logical_and_ = binary(ops.logical_and)
    logical_or, logical_or_ = binary(ops.logical_or)
    logical_xor, logical_xor_ = binary(ops.logical_xor)
    logical_not, logical_not_ = unary(ops.logical_not)
    bitwise_and, bitwise_and_ = binary(ops.bitwise_and)
    bitwise_or, bitwise_or_ = binary(ops.bitwise_or)
    bitwise_xor, bitwise_xor_ = binary(ops.bitwise_xor)
    bitwise_not, bitwise_not_ = unary(ops.bitwise_not)
    bitwise_left_shift, bitwise_left_shift_ = binary(ops.bitwise_left_shift)
    bitwise_right_shift, bitwise_right_shift_ = binary(ops.bitwise_right_shift)

    # -- PyTorch's other names ------------------------------------------------------------------

    not_equal = ne
    not_equal_ = ne_
    less = lt
    less_ = lt_
    less_equal = le
    less_equal_ = le_
    greater = gt
    greater_ = gt_
    greater_equal = ge
    greater_equal_ = ge_


def chosen(condition: Any, x: Any, y: Any) -> Tensor:
    """x where the condition holds, else y: `where` for tensors and numbers alike."""
    if condition.dtype.kind != "b":
        raise RuntimeError(
            f"where: expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{condition.dtype}; compare it with something first"
        )
    if not isinstance(x, Core) and not isinstance(y, Core):  # two numbers have a type of their own
        x = Op.fresh(condition.device.call("asarray", x, dtypes.result_type([x, y])))
    return ops.where(condition, x, y)
