"""What PyTorch takes for a whole number, for a number and for a switch.

A plain int or float passes at the cost of one look. NumPy's numbers and 0-d tensors become plain
ones here, so that their type decides nothing further down.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

_NO_NUMBERS = (bool, np.bool_)


def whole(caller: str, name: str, value: Any) -> int:
    """An int, a NumPy integer or a 0-d tensor of integers. Errors: TypeError for anything else,
    True and 2.0 among it."""
    kind = value.__class__
    if kind is int:
        return value  # type: ignore[no-any-return]
    if kind not in _NO_NUMBERS and hasattr(value, "__index__") and not np.ndim(value):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise TypeError(f"{caller}: argument '{name}' must be int, not {kind.__name__}")


def number(caller: str, name: str, value: Any) -> float:
    """A number as a plain int or float. Errors: TypeError for anything else."""
    kind = value.__class__
    if kind is float or kind is int:
        return value  # type: ignore[no-any-return]
    if hasattr(value, "__float__") and not getattr(value, "ndim", 0) and kind is not complex:
        return value.item() if hasattr(value, "item") else float(value)
    raise TypeError(f"{caller}: argument '{name}' must be a number, not {kind.__name__}")


def switch(caller: str, name: str, value: Any) -> bool:
    """True or False. Errors: TypeError for anything else, 0 and 1 among it."""
    if value is True or value is False:
        return value
    raise TypeError(f"{caller}: argument '{name}' must be bool, not {value.__class__.__name__}")
