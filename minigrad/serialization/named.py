"""What a file holds by its name alone: types, devices, and the functions of minigrad."""

from __future__ import annotations

from functools import lru_cache
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from minigrad import dtypes, functions
from minigrad.device import Device
from minigrad.device import device as as_device
from minigrad.nn import functional

_TYPES = {str(dtype): dtype for dtype in dtypes.SUPPORTED}


@lru_cache(maxsize=1)
def _functions() -> dict[str, FunctionType]:
    """The public functions by the names that a file may hold. There are no others: a name is
    looked up here, never imported."""
    homes: dict[str, ModuleType] = {"minigrad": functions, "minigrad.nn.functional": functional}
    return {
        f"{home}:{name}": found
        for home, module in homes.items()
        for name, found in vars(module).items()
        if isinstance(found, FunctionType) and not name.startswith("_")
    }


def name_of(value: Any) -> dict[str, str] | None:
    """How a file says what this is, None for anything else."""
    if isinstance(value, np.dtype) and value in dtypes.SUPPORTED:
        return {"dtype": str(value)}
    if isinstance(value, Device):
        return {"device": str(value)}
    if isinstance(value, FunctionType):
        for name, found in _functions().items():
            if value in (found, getattr(found, "plain", None)):  # layers hold the plain one
                return {"function": name}
    return None


def value_of(kind: str, name: str) -> Any:
    """What that name stands for, None for one that stands for nothing."""
    if kind == "dtype":
        return _TYPES.get(name)
    if kind == "function":
        return _functions().get(name)
    try:
        return as_device(name)
    except RuntimeError:
        return None
