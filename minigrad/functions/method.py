"""A method of Tensor as a function."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def function(method: F, first: str = "input", name: str | None = None) -> F:
    """The method as a function, whose first argument goes by PyTorch's name: ``exp(input=x)``.

    A method calls that argument self. The function is the same code under another name for it, so
    there is one definition, and a call of the one costs what a call of the other costs. ``name`` is
    what it is bound to, where the method is another one's second name.
    """
    made: Any = method
    code = made.__code__
    places = {kind: _renamed(getattr(code, kind), first) for kind in ("co_varnames", "co_cellvars")}
    twin: Any = FunctionType(
        code.replace(**places), made.__globals__, made.__name__, made.__defaults__, made.__closure__
    )
    # Where the module that asks binds it, it is found by programs that pickle it.
    twin.__module__ = sys._getframe(1).f_globals["__name__"]
    twin.__qualname__ = name or made.__name__
    twin.__kwdefaults__, twin.__doc__ = made.__kwdefaults__, made.__doc__
    twin.__annotations__ = made.__annotations__
    if hasattr(made, "__wrapped__"):  # whose signature is shown
        twin.__wrapped__ = function(made.__wrapped__, first)
    return twin  # type: ignore[no-any-return]


def _renamed(names: tuple[str, ...], first: str) -> tuple[str, ...]:
    return tuple(first if name == "self" else name for name in names)
