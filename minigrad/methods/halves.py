"""Functions of several steps on halves: computed in float32 throughout, and rounded once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from minigrad.dtypes import float16, float32, float64

F = TypeVar("F", bound=Callable[..., Any])


def rounded_once(function: F) -> F:
    """A function whose steps would each round, or overflow, in float16: a mean by way of a sum.

    Where its first operand is in float16, all operands that are go through it in float32, and so do
    the gradients on their way back; the results come in float16. Others pass as they are, also
    those beside a wider one: it decides the type of the result.
    """
    first = next(iter(inspect.signature(function).parameters))

    def given(x: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if getattr(x, "dtype", None) != float16 or any(map(_wider, (*args, *named.values()))):
            return function(*args, **named)
        wide = {name: _cast(a, float16, float32) for name, a in named.items()}
        y = function(*(_cast(a, float16, float32) for a in args), **wide)
        if isinstance(y, tuple):
            return tuple(_cast(part, float32, float16) for part in y)
        return _cast(y, float32, float16)

    @wraps(function)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return given(self, (self, *args), kwargs)

    @wraps(function)
    def plain(*args: Any, **kwargs: Any) -> Any:
        return given(args[0] if args else kwargs.get(first), args, kwargs)

    return method if first == "self" else plain  # type: ignore[return-value]


def _wider(x: Any) -> bool:
    return getattr(x, "dtype", float16) in (float32, float64)


def _cast(x: Any, old: Any, new: Any) -> Any:
    """A tensor of the old type in the new one, anything else as it is."""
    return x.to(dtype=new) if getattr(x, "dtype", None) == old else x
