"""What operands have to agree on before an op computes: a type, a device, a shape."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.device import CPU, Device, device_of
from minigrad.errors import DeviceError
from minigrad.op import Op

NUMBERS = frozenset((int, float, bool))
"""The classes of Python's numbers that stand beside tensors."""


def disagreement(op: Op, arrays: list[Any]) -> dtypes.DType | None:
    """The type to bring the operands to, None when they agree already (the common case)."""
    dtype = None
    plain = True
    for a in arrays[op.first :]:
        if a.__class__ in NUMBERS:
            continue
        if dtype is None:
            dtype = a.dtype
        elif a.dtype is not dtype and a.dtype != dtype:
            plain = False
    if dtype is None or (plain and dtype.kind == "f"):
        return None
    goal = dtypes.result_type(arrays[op.first :])
    if op.promote == "float" and goal.kind != "f":
        goal = dtypes.DEFAULT
    return None if plain and dtype == goal else goal


def wrapped(op: Op, operands: tuple[Any, ...], arrays: list[Any]) -> list[Any] | None:
    """The operands with Python's whole numbers as the integer type of the tensors beside them holds
    them: in a uint8, -1 is 255. None when they fit already (the common case)."""
    kind: dtypes.DType | None = None
    for a in arrays[op.first :]:
        if a.__class__ not in NUMBERS:
            kind = a.dtype
            break
    if kind is None or kind.kind not in "iu":
        return None
    changed = list(operands)
    for i, a in enumerate(arrays):
        if a.__class__ is int:
            changed[i] = (
                dtypes.fitting(op.name, a, kind) if i in op.fits else dtypes.wrapped(a, kind)
            )
    return None if all(map(operator.is_, changed, operands)) else changed


def common_device(op: Op, arrays: list[Any]) -> Device:
    """The device of the operands. Errors: DeviceError where they are on several."""
    found: Device | None = None
    for i, a in enumerate(arrays):
        if a.__class__ is np.ndarray:
            device = CPU
        elif a.__class__ in NUMBERS:
            continue
        else:
            device = device_of(a)
        if found is None or found is device:
            found = device
        elif found != device:
            if found is CPU and all(getattr(b, "ndim", 0) == 0 for b in arrays[:i]):
                found = device  # PyTorch lets 0-d tensors on the CPU join in
            elif not (device is CPU and a.ndim == 0):
                raise DeviceError(
                    f"{op.name}: Expected all tensors to be on the same device: operands on "
                    f'{found} and {device}; move one with .to("{found}")'
                )
    return found or CPU


def check_broadcast(op: Op, arrays: list[Any], error: ValueError) -> None:
    """Say in PyTorch's words and with all shapes that operands do not go together, if that was the
    error. Errors: RuntimeError."""
    if not (op.promote or op.elementwise):
        return
    shapes = [a.shape for a in arrays if a.__class__ not in NUMBERS]
    for dim in range(-1, -1 - max(map(len, shapes), default=0), -1):
        lengths = [shape[dim] for shape in shapes if len(shape) >= -dim and shape[dim] != 1]
        if len(set(lengths)) > 1:
            raise RuntimeError(
                f"{op.name}: The size of tensor a ({lengths[0]}) must match the size of tensor b "
                f"({next(n for n in lengths if n != lengths[0])}) at non-singleton dimension "
                f"{max(map(len, shapes)) + dim}: the shapes are {', '.join(map(str, shapes))}"
            ) from error
