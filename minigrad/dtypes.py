"""The number types, and which of two PyTorch would compute in.

The types are NumPy's own dtype objects under PyTorch's names. Promotion is PyTorch's: types come
in three categories (bool < integer < floating), an operand of a higher category decides, and
within a category a tensor with dimensions outranks a 0-d tensor, which outranks a Python number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np

DType: TypeAlias = np.dtype[Any]
Number: TypeAlias = bool | int | float

float64 = np.dtype(np.float64)
float32 = np.dtype(np.float32)
float16 = np.dtype(np.float16)
int64 = np.dtype(np.int64)
int32 = np.dtype(np.int32)
int16 = np.dtype(np.int16)
int8 = np.dtype(np.int8)
uint8 = np.dtype(np.uint8)
bool_ = np.dtype(np.bool_)

DEFAULT = float32
"""The type of new floating-point tensors. A constant: a program that wants float64 says so."""

SUPPORTED = (float64, float32, float16, int64, int32, int16, int8, uint8, bool_)
_RANGE: dict[DType, tuple[int, int]] = {
    uint8: (0, 2**8 - 1),
    **{
        dtype: (-(2 ** (8 * dtype.itemsize - 1)), 2 ** (8 * dtype.itemsize - 1) - 1)
        for dtype in (int8, int16, int32, int64)
    },
}
_HIGHEST = {
    float64: float(np.finfo(np.float64).max),
    float32: float(np.finfo(np.float32).max),
    float16: float(np.finfo(np.float16).max),
}
_CATEGORY = {"b": 0, "i": 1, "u": 1, "f": 2}


def as_dtype(dtype: Any) -> DType:
    """The dtype object for any spelling: a dtype, a NumPy scalar type, Python's float, int, bool.

    Errors: TypeError for a type that no tensor can have.
    """
    try:
        found: DType | None = np.dtype(dtype)
    except TypeError:
        found = None  # NumPy knows no such name
    if found is None or found not in SUPPORTED:
        names = ", ".join(str(name) for name in SUPPORTED)
        raise TypeError(f"dtype: expected one of {names}; got {found or repr(dtype)}")
    return found


def dtype_of_number(number: Number) -> DType:
    """The type that a Python number takes as a tensor of its own."""
    if isinstance(number, bool):
        return bool_
    return int64 if isinstance(number, int) else DEFAULT


def bounds(dtype: DType) -> tuple[float, float]:
    """The smallest and the greatest number of a type."""
    if dtype.kind == "f":
        return -_HIGHEST[dtype], _HIGHEST[dtype]
    return (0, 1) if dtype.kind == "b" else _RANGE[dtype]


def wrapped(number: int, dtype: DType) -> int:
    """A whole number as an integer type holds it: modulo 2 to the power of its bits, as in C.

    What PyTorch does with a Python number that meets a tensor in arithmetic or a comparison.
    Errors: OverflowError for one that 64 bits do not hold.
    """
    low, high = _RANGE[dtype]
    if low <= number <= high:
        return int(number)
    if not -(2**63) <= number < 2**64:
        raise OverflowError(f"int too big to convert: {number} does not fit into 64 bits")
    return (number - low) % (high - low + 1) + low


def fitting(caller: str, number: Number, dtype: DType) -> Number:
    """A number as a type holds it, where it must be able to: whole for integers, to which negative
    whole numbers wrap if the type is unsigned.

    What PyTorch does with a number that is put somewhere, that bounds or that scales.
    Errors: RuntimeError for a number outside the type's range.
    """
    if isinstance(number, np.generic):  # its own type would take part below
        number = number.item()
    if dtype.kind == "b":
        return bool(number)
    if dtype.kind == "f":
        if abs(number) <= _HIGHEST[dtype] or not math.isfinite(number):
            return number
    else:
        low, high = _RANGE[dtype]
        if isinstance(number, int) and not low:
            low = -high
        if low <= number <= high:
            return wrapped(int(number), dtype)
    raise RuntimeError(
        f"{caller}: value {number} cannot be converted to type {dtype} without overflow"
    )


def category(dtype: DType) -> int:
    """0 for bool, 1 for integers, 2 for floating-point types."""
    return _CATEGORY[dtype.kind]


def result_type(operands: Iterable[Any]) -> DType:
    """The type that PyTorch computes in, given arrays and Python numbers.

    Source: PyTorch documentation, torch.Tensor attributes, type promotion.
    """
    # One candidate a rank: 2 for arrays with dimensions, 1 for 0-d arrays, 0 for Python numbers.
    found: list[DType | None] = [None, None, None]
    for x in operands:
        if isinstance(x, (bool, int, float)):
            rank, dtype = 0, dtype_of_number(x)
        else:
            rank, dtype = (2 if x.ndim else 1), x.dtype
        held = found[rank]
        found[rank] = dtype if held is None else promote(held, dtype)
    result: DType | None = None
    for candidate in reversed(found):
        if candidate is not None and (result is None or category(candidate) > category(result)):
            result = candidate
    if result is None:
        raise TypeError("result_type: expected at least one operand, got none")
    return result


def promote(a: DType, b: DType) -> DType:
    """The common type of two tensors with dimensions. Unlike NumPy's, int64 and float32 give
    float32: a floating type is never widened by an integer type."""
    if category(a) == 2 and category(b) < 2:
        return a
    if category(b) == 2 and category(a) < 2:
        return b
    return np.promote_types(a, b)
