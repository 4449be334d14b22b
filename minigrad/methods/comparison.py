"""Comparisons and logic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad import dtypes
from minigrad.dtypes import Number
from minigrad.methods.arithmetic import over
from minigrad.methods.core import Core
from minigrad.op import Op
from minigrad.ops import comparison as ops
from minigrad.tape import reads

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Comparison:
    """eq and its like."""

    def eq(self: Tensor, other: Tensor | Number) -> Tensor:
        """Where self = other."""
        return ops.eq(self, other)

    eq_ = over(ops.eq)

    def ne(self: Tensor, other: Tensor | Number) -> Tensor:
        """Where self ≠ other."""
        return ops.ne(self, other)

    ne_ = over(ops.ne)

    def lt(self: Tensor, other: Tensor | Number) -> Tensor:
        """Where self < other."""
        return ops.lt(self, other)

    lt_ = over(ops.lt)

    def le(self: Tensor, other: Tensor | Number) -> Tensor:
        """Where self ≤ other."""
        return ops.le(self, other)

    le_ = over(ops.le)

    def gt(self: Tensor, other: Tensor | Number) -> Tensor:
        """Where self > other."""
        return ops.gt(self, other)

    gt_ = over(ops.gt)

    def ge(self: Tensor, other: Tensor | Number) -> Tensor:
        """Where self ≥ other."""
        return ops.ge(self, other)

    ge_ = over(ops.ge)

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

        Errors: RuntimeError for different types or negative tolerances.
        """
        if self.dtype != other.dtype:
            raise RuntimeError(
                f"isclose: {self.dtype} did not match {other.dtype}; convert one with .to(...)"
            )
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
        """Whether `isclose` holds everywhere."""
        reads("allclose()")
        return bool(self.isclose(other, rtol, atol, equal_nan).all().item())

    def equal(self: Tensor, other: Tensor) -> bool:
        """Whether the other tensor has the same shape and the same numbers."""
        reads("equal()")
        return self.shape == other.shape and bool(ops.eq(self, other).all().item())

    def where(self: Tensor, condition: Tensor, other: Tensor | Number) -> Tensor:
        """The number of ``self`` where the condition holds, else that of ``other``.

        Errors: RuntimeError for a condition that is not of type bool.
        """
        return chosen(condition, self, other)

    def logical_and(self: Tensor, other: Tensor) -> Tensor:
        """Where both differ from 0."""
        return ops.logical_and(self, other)

    logical_and_ = over(ops.logical_and)

    def logical_or(self: Tensor, other: Tensor) -> Tensor:
        """Where one or both differ from 0."""
        return ops.logical_or(self, other)

    logical_or_ = over(ops.logical_or)

    def logical_xor(self: Tensor, other: Tensor) -> Tensor:
        """Where just one differs from 0."""
        return ops.logical_xor(self, other)

    logical_xor_ = over(ops.logical_xor)

    def logical_not(self: Tensor) -> Tensor:
        """Where there is 0."""
        return ops.logical_not(self)

    logical_not_ = over(ops.logical_not)

    def bitwise_and(self: Tensor, other: Tensor | Number) -> Tensor:
        """The bits that both have. Errors: TypeError for floating-point numbers."""
        return ops.bitwise_and(self, other)

    bitwise_and_ = over(ops.bitwise_and)

    def bitwise_or(self: Tensor, other: Tensor | Number) -> Tensor:
        """The bits that one or both have."""
        return ops.bitwise_or(self, other)

    bitwise_or_ = over(ops.bitwise_or)

    def bitwise_xor(self: Tensor, other: Tensor | Number) -> Tensor:
        """The bits that just one has."""
        return ops.bitwise_xor(self, other)

    bitwise_xor_ = over(ops.bitwise_xor)

    def bitwise_not(self: Tensor) -> Tensor:
        """The other bits; of truth values the other one."""
        return ops.bitwise_not(self)

    bitwise_not_ = over(ops.bitwise_not)

    def bitwise_left_shift(self: Tensor, other: Tensor | Number) -> Tensor:
        """self · 2^other"""
        return ops.bitwise_left_shift(self, other)

    bitwise_left_shift_ = over(ops.bitwise_left_shift)

    def bitwise_right_shift(self: Tensor, other: Tensor | Number) -> Tensor:
        """⌊self / 2^other⌋"""
        return ops.bitwise_right_shift(self, other)

    bitwise_right_shift_ = over(ops.bitwise_right_shift)

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
