"""How an op's forward is run: where its arrays are, quietly, into new memory or into old."""

from __future__ import annotations

import contextvars
import threading
from typing import Any

import numpy as np

from minigrad.device import CPU, Array, Device
from minigrad.op import Op
from minigrad.operands import NUMBERS, check_broadcast

_asarray = np.asarray


class _Quiet(threading.local):
    """A context in which NumPy does not warn of inf and nan: in an op they are proper results, as
    in PyTorch. One for each thread; entering it costs a tenth of ``np.errstate``."""

    def __init__(self) -> None:
        self.context = contextvars.Context()
        self.context.run(np.seterr, all="ignore")


quiet = _Quiet()


def compute(op: Op, device: Device, arrays: list[Any], params: dict[str, Any]) -> Array:
    """The result in memory of its own, or a view where the op gives one."""
    try:
        if device is not CPU:
            array = computed_there(op, device, arrays, params)
        elif op.ufunc is None:
            array = quiet.context.run(op.forward, np, *arrays, **params)
        else:
            array = quiet.context.run(op.ufunc, *arrays)
    except ValueError as error:
        check_broadcast(op, arrays, error)
        raise
    # Of 0-d arrays NumPy's functions make scalars; an op's result is always an array.
    if isinstance(array, np.generic):
        return _asarray(array)
    if not op.elementwise and not op.view and not array.flags.c_contiguous:
        return device.call("ascontiguousarray", array)  # what follows may want a view of it
    return array


def computed_there(
    op: Op, device: Device, arrays: list[Any], params: dict[str, Any], **out: Array
) -> Array:
    """The result on a CUDA device, by the op's own forward for it where there is one."""
    xp = device.xp
    forward = op.kernels.get(device.type, op.forward)
    with xp.cuda.Device(device.index):
        return forward(xp, *map(_joined, arrays), **out, **params)


def _joined(a: Any) -> Any:
    """A 0-d CPU array among CUDA operands, as a number."""
    return a.item() if isinstance(a, np.ndarray) else a


def fits(arrays: list[Any], target: Array) -> bool:
    """Whether an elementwise op on these arrays has the type and the shape of the target, so that
    it may be computed right into it."""
    dtype, shape = target.dtype, target.shape
    if dtype.kind != "f":
        return False
    for a in arrays:
        if a is target or a.__class__ in NUMBERS:
            continue
        if a.dtype is not dtype and a.dtype != dtype:
            return False
        if (
            a.ndim
            and a.shape != shape
            and (
                a.ndim > len(shape)
                or any(n not in (1, m) for n, m in zip(a.shape[::-1], shape[::-1], strict=False))
            )
        ):
            return False
    return True
