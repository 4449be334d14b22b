"""Arrays and params in the form that the page's script reads: JSON, with numbers in base64."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np

from minigrad.device import CPU, Array, place
from minigrad.op import Op
from minigrad.ops.indexing import HOLE
from minigrad.ops.patches import Window
from minigrad.ops.update import Path


def type_of(dtype: Any) -> str:
    """``f4`` for float32."""
    return f"{dtype.kind}{dtype.itemsize}"


def numbers(array: Array) -> str:
    """The numbers in C order, little end first, in base64; integers of 64 bits as doubles."""
    host = np.ascontiguousarray(place(array, CPU))
    kind = "f8" if type_of(host.dtype) in ("i8", "f2") else type_of(host.dtype)
    as_stored = host.astype("u1" if kind == "b1" else f"<{kind}")
    return base64.b64encode(as_stored.tobytes()).decode()


def param(name: str, value: Any, shape: tuple[int, ...]) -> Any:
    """A param; ``shape`` is that of the first operand."""
    if name == "key":
        return [_part(each) for each in value]
    if name == "path":
        return path(value, shape)
    return plain(value)


def plain(value: Any) -> Any:
    """A value in JSON, which has no infinity."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return {"$": repr(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    if isinstance(value, Window):
        return {
            "kernel": list(value.kernel),
            "stride": list(value.stride),
            "dilation": list(value.dilation),
            "padding": [list(pair) for pair in value.padding],
        }
    if isinstance(value, (np.dtype, type)):
        return type_of(np.dtype(value))
    return None


def path(steps: Path, shape: tuple[int, ...]) -> list[Any]:
    """View ops with the shapes that they lead to."""
    told, seen = [], np.empty(shape, np.int8)
    for op, params in steps:
        params = {**op.defaults, **params}
        told.append({"op": op.name, "p": _params(op, params, seen.shape)})
        seen = op.forward(np, seen, **params)
        told[-1]["s"] = list(seen.shape)
    return told


def _params(op: Op, params: dict[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
    return {name: param(name, value, shape) for name, value in params.items()}


def _part(part: Any) -> dict[str, Any]:
    if part is HOLE:
        return {"at": 1}
    if part is None:
        return {"new": 1}
    if part is Ellipsis:
        return {"rest": 1}
    if isinstance(part, (bool, np.bool_)):
        return {"is": bool(part)}
    if isinstance(part, slice):
        return {"s": [None if v is None else int(v) for v in (part.start, part.stop, part.step)]}
    return {"n": int(part)}
