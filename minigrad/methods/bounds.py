"""The larger, the smaller, and what lies between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad.dtypes import Number
from minigrad.methods.spelling import number
from minigrad.methods.twins import in_place
from minigrad.ops import bounds as ops

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Bounds:
    """maximum and its like."""

    def maximum(self: Tensor, other: Tensor | Number) -> Tensor:
        """max(self, other), NaN where either is; equal numbers share the gradient.

        Args:
            other: a tensor that is broadcast with this one, or a number.
        """
        return ops.maximum(self, other)

    def minimum(self: Tensor, other: Tensor | Number) -> Tensor:
        """min(self, other), NaN where either is; equal numbers share the gradient.

        Args:
            other: a tensor that is broadcast with this one, or a number.
        """
        return ops.minimum(self, other)

    def fmax(self: Tensor, other: Tensor | Number) -> Tensor:
        """max(self, other), where one is NaN the other.

        Args:
            other: a tensor that is broadcast with this one, or a number.
        """
        return ops.fmax(self, other)

    def fmin(self: Tensor, other: Tensor | Number) -> Tensor:
        """min(self, other), where one is NaN the other.

        Args:
            other: a tensor that is broadcast with this one, or a number.
        """
        return ops.fmin(self, other)

    def clamp(
        self: Tensor, min: Tensor | Number | None = None, max: Tensor | Number | None = None
    ) -> Tensor:
        """min(max(self, min), max); a bound may be left out. At a bound the gradient is 0, or
        halved where the bound is a tensor.

        Args:
            min, max: the bounds, numbers or tensors.

        Errors: RuntimeError without any bound.
        """
        return _clamped(self, min, max)

    def clamp_(
        self: Tensor, min: Tensor | Number | None = None, max: Tensor | Number | None = None
    ) -> Tensor:
        """`clamp`, in place."""
        return _clamped(self, min, max, into=self)

    def clamp_min(self: Tensor, min: Tensor | Number) -> Tensor:
        """max(self, min)

        Args:
            min: the lower bound, a number or a tensor.
        """
        return _clamped(self, min, None)

    def clamp_min_(self: Tensor, min: Tensor | Number) -> Tensor:
        """`clamp_min`, in place."""
        return _clamped(self, min, None, into=self)

    def clamp_max(self: Tensor, max: Tensor | Number) -> Tensor:
        """min(self, max)

        Args:
            max: the upper bound, a number or a tensor.
        """
        return _clamped(self, None, max)

    def clamp_max_(self: Tensor, max: Tensor | Number) -> Tensor:
        """`clamp_max`, in place."""
        return _clamped(self, None, max, into=self)

    def nan_to_num(
        self: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
    ) -> Tensor:
        """Numbers in place of NaN, ∞ and -∞: by default 0, and the largest of the type.

        Args:
            nan: what stands for NaN.
            posinf: what stands for ∞; None is the largest number of the type.
            neginf: what stands for -∞; None is the least.
        """
        zero, high, low = (None if x is None else number(x) for x in (nan, posinf, neginf))
        return ops.nan_to_num(self, nan=zero, posinf=high, neginf=low)

    nan_to_num_ = in_place(nan_to_num)

    def heaviside(self: Tensor, values: Tensor) -> Tensor:
        """0 below 0, 1 above, ``values`` at 0. It has no derivative."""
        return ops.heaviside(self, values)

    heaviside_ = in_place(heaviside)

    # -- PyTorch's other names ------------------------------------------------------------------

    clip = clamp
    clip_ = clamp_


def _clamped(x: Any, min: Any, max: Any, into: Any = None) -> Tensor:
    if min is None and max is None:
        raise RuntimeError("clamp: At least one of 'min' or 'max' must not be None")
    if max is None:
        return ops.clamp_min(x, min, into=into)
    if min is None:
        return ops.clamp_max(x, max, into=into)
    return ops.clamp(x, min, max, into=into)
