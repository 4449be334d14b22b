"""Sums, differences and powers with all that PyTorch takes and refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad import dtypes
from minigrad.dtypes import Number
from minigrad.methods.core import Core
from minigrad.methods.spelling import number
from minigrad.ops import arithmetic as ops
from minigrad.ops.arithmetic import add, mul, pow, sub
from minigrad.ops.comparison import logical_or
from minigrad.recording import switch

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


def destination(name: str, out: Any, *operands: Any) -> None:
    """Look at the tensor that is to take a result. Errors: TypeError for no tensor, RuntimeError
    where a gradient is wanted: what a name stands for would change under the tape."""
    if not isinstance(out, Core):
        raise TypeError(f"{name}: argument 'out' must be Tensor, not {type(out).__name__}")
    if switch.recording and any(isinstance(x, Core) and x.requires_grad for x in (out, *operands)):
        raise RuntimeError(
            f"{name}: functions with out=... arguments don't support automatic differentiation, "
            "but one of the arguments requires grad; write under no_grad(), or without out="
        )


def plus(x: Any, y: Any, alpha: Number, into: Any = None, *, less: bool = False) -> Tensor:
    """x + alpha · y, or x - alpha · y. Errors: RuntimeError for a fraction of integers, for a truth
    value of numbers, and for an alpha that their type does not hold."""
    if alpha.__class__ is int and alpha == 1 and not less:
        return add(x, y, into=into)
    alpha = alpha if alpha.__class__ is bool else number(alpha)
    common, name = dtypes.result_type([x, y]), "sub" if less else "add"
    if alpha.__class__ is bool and common.kind != "b":
        raise RuntimeError(f"{name}: Boolean alpha only supported for Boolean results")
    if common.kind != "f":
        if isinstance(alpha, float):
            told = "For integral input tensors, argument alpha must not be a floating point number"
            raise RuntimeError(f"{name}: {told}: it is {alpha}")
        signed = -1 if less and common.kind == "i" else 1  # as which PyTorch asks whether it fits
        alpha = signed * dtypes.fitting(name, signed * alpha, common)
    factor = -alpha if less else alpha
    if y.__class__ in (int, float, bool):  # the product of two numbers has a type of its own
        return add(x, factor * y if common.kind != "i" else (factor * y) % 2**64, into=into)
    if common.kind == "b":  # α takes their type, it does not lend its own
        return add(x, y if factor else mul(y, False), into=into)
    return ops.addcmul(x, y, factor, into=into)


def minus(x: Any, y: Any, alpha: Number = 1, into: Any = None) -> Tensor:
    """x - alpha · y. Errors: NotImplementedError for truth values, as in PyTorch."""
    for operand in (x, y):
        if operand.__class__ is bool or (
            isinstance(operand, Core) and operand.array.dtype.kind == "b"
        ):
            raise NotImplementedError(
                "sub: Subtraction, the `-` operator, with a bool tensor is not supported; use ^ "
                "for the difference of two masks, ~ to invert one"
            )
    plain = alpha.__class__ is int and alpha == 1
    return sub(x, y, into=into) if plain else plus(x, y, alpha, into, less=True)


def power(x: Any, y: Any, into: Any = None) -> Tensor:
    """x ^ y. Errors: RuntimeError for integers to a number that is negative or that their type does
    not hold."""
    if isinstance(y, int) and isinstance(x, Core) and x.dtype.kind != "f":
        if y < 0:
            raise RuntimeError(
                "pow: Integers to negative integer powers are not allowed: the exponent is "
                f"{y}; convert with .float() first"
            )
        common = dtypes.result_type([x.array, y])
        if common.kind == "b":
            return logical_or(x, not y, into=into)
        y = dtypes.fitting("pow", y, common)
    return pow(x, y, into=into)
