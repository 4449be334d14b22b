"""New tensors of numbers at equal distances."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.arguments import number, whole
from minigrad.creation import kind_of, made
from minigrad.device import Array
from minigrad.dtypes import Number
from minigrad.tensor import Tensor

__all__ = ["arange", "linspace", "logspace"]

_RANGE = ("start", "end", "step")


def arange(
    start: Number | None = None,
    end: Number | None = None,
    step: Number = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """start, start + step, ... below end; ``arange(end)`` starts from 0.

    Whole numbers give int64, a fraction anywhere the default floating type.
    Errors: RuntimeError for a step of 0 or one that leads away from the end.

    Args:
        start: the first number.
        end: where it stops, itself not included.
        step: the distance, which may be negative.
        dtype: the type of the numbers; None goes by the others.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    given: tuple[Any, ...] = (0, start, step) if end is None else (start or 0, end, step)
    low, high, step = (number("arange", n, x) for n, x in zip(_RANGE, given, strict=True))
    if dtype is not None and dtypes.as_dtype(dtype).kind == "b":
        raise NotImplementedError("arange: not implemented for bool; compare numbers instead")
    if not all(map(math.isfinite, (low, high, step))):
        raise RuntimeError(f"arange: unsupported range: {low} -> {high} by {step}")
    if step == 0:
        raise RuntimeError("arange: step must be nonzero")
    if (high - low) * step < 0:
        raise RuntimeError(
            f"arange: upper bound and lower bound inconsistent with step sign: from {low} to "
            f"{high} by {step}"
        )
    whole = all(isinstance(x, int) for x in (low, high, step))
    kind = kind_of(dtype, dtypes.int64 if whole else dtypes.DEFAULT)
    n = -((low - high) // step) if whole else math.ceil((high - low) / step)
    if kind.kind != "f":  # the numbers that it counts with are whole as well, as in PyTorch
        low, high, step = (dtypes.fitting("arange", x, dtypes.int64) for x in (low, high, step))
    places: Array = np.arange(n, dtype=np.float64 if kind.kind == "f" else np.int64)
    return made((places * step + low).astype(kind), device, requires_grad)


def linspace(
    start: Number,
    end: Number,
    steps: int,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """``steps`` numbers at equal distances, from start to end, both included.

    Args:
        start, end: the first and the last number.
        dtype: the type of the numbers; None is the default floating type, float32.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    kind = kind_of(dtype)
    line = _line("linspace", *_within("linspace", start, end, kind), steps)
    return made(line.astype(kind), device, requires_grad)


def logspace(
    start: Number,
    end: Number,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """``base`` to the power of `linspace`.

    Args:
        start, end: the first and the last exponent.
        steps: how many numbers.
        dtype: the type of the numbers; None is the default floating type, float32.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    kind = kind_of(dtype)
    exponents = _line("logspace", *_within("logspace", start, end, kind), steps)
    root = float(number("logspace", "base", base))
    return made(np.power(root, exponents).astype(kind), device, requires_grad)


def _within(caller: str, start: Any, end: Any, kind: dtypes.DType) -> tuple[Number, Number]:
    """The bounds as an integer type holds them. Errors: RuntimeError."""
    if kind.kind == "b":
        raise NotImplementedError(f"{caller}: not implemented for bool; convert with .bool()")
    # PyTorch takes here, and only here, tensors that require grad, as constants.
    low, high = (
        number(caller, name, x.detach() if isinstance(x, Tensor) else x)
        for name, x in (("start", start), ("end", end))
    )
    if kind.kind == "f":
        return low, high
    return dtypes.fitting(caller, low, kind), dtypes.fitting(caller, high, kind)


def _line(caller: str, start: Number, end: Number, steps: int) -> Array:
    steps = whole(caller, "steps", steps)
    if steps < 0:
        raise RuntimeError(f"{caller}: number of steps must be non-negative, got {steps}")
    return np.linspace(float(start), float(end), steps)
