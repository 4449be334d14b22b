"""What PyTorch takes for a whole number, for a number and for a switch.

A plain int or float passes at the cost of one look. NumPy's numbers and tensors without dimensions
become plain ones here, so that their type decides nothing further down, and so that a step that is
being recorded hears that a tensor's number was read: kept as a param it would be frozen. No
gradient flows through a number: a tensor that wants one is refused, as in PyTorch.
"""

from __future__ import annotations

import operator
from typing import Any


def whole(caller: str, name: str, value: Any) -> int:
    """An int, a NumPy integer or a 0-d tensor of integers. Errors: TypeError for anything else,
    True and 2.0 among it."""
    if value.__class__ is int:
        return value
    found = as_whole(value)
    if found is None:
        raise TypeError(f"{caller}: argument '{name}' must be int, not {described(value)}")
    return found


def number(caller: str, name: str, value: Any) -> float:
    """A number as a plain int or float. Errors: TypeError for anything else."""
    kind = value.__class__
    if kind is float or kind is int:
        return value  # type: ignore[no-any-return]
    found = as_number(value)
    if found is None:
        raise TypeError(f"{caller}: argument '{name}' must be a number, not {described(value)}")
    return found


def wholes(caller: str, name: str, values: Any) -> tuple[int, ...]:
    """A list of what `whole` takes. Errors: TypeError for one that stands alone, and as there."""
    if not isinstance(values, (tuple, list)):
        raise TypeError(
            f"{caller}: argument '{name}' must be a tuple of ints, not {described(values)}"
        )
    return tuple(whole(caller, name, n) for n in values)


def switch(caller: str, name: str, value: Any) -> bool:
    """True or False. Errors: TypeError for anything else, 0 and 1 among it."""
    if value is True or value is False:
        return value
    raise TypeError(f"{caller}: argument '{name}' must be bool, not {value.__class__.__name__}")


def as_whole(value: Any) -> int | None:
    """The value as a plain int, None where it is no whole number. Truth values are none, also in a
    tensor; a tensor of one number is one, as in PyTorch."""
    kind: Any = getattr(getattr(value, "dtype", None), "kind", "i")  # NumPy's letter of the type
    if value.__class__ is bool or kind not in ("i", "u"):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def as_number(value: Any) -> float | None:
    """The value as a plain int or float, None where it is no number; True counts as 1."""
    if not hasattr(value, "__float__") or isinstance(value, complex):
        return None
    if getattr(value, "ndim", 0) != 0 or getattr(value, "requires_grad", False):
        return None
    plain = value.item() if hasattr(value, "item") else value
    return int(plain) if isinstance(plain, int) else float(plain)


def described(value: Any) -> str:
    """What came in place of a number, for an error."""
    name = value.__class__.__name__
    if getattr(value, "requires_grad", False):
        return f"a {name} that requires grad: no gradient flows through a number; give its item()"
    shape = getattr(value, "shape", ())
    return f"{name} of shape {tuple(shape)}" if shape else name
