"""What is said of an argument that should have been a tensor and is a list, an array, another's.

Nobody looks at arguments before the work, as that would cost every call: once it has failed, they
are held against the function's own annotations.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from minigrad.foreign import is_foreign
from minigrad.methods.core import Core

_TENSORS, _OTHERS = {"Tensor", "Sequence[Tensor]"}, {"self", "return"}
_NAMED = inspect.Parameter.VAR_KEYWORD
FAILURES = (AttributeError, TypeError, RuntimeError)
"""What may have come of a stranger."""


def tell(name: str, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
    """After a failure: TypeError for the first argument that is none of the tensors that the
    function's annotations ask for, if there is one."""
    bound = inspect.signature(function)
    try:
        given = bound.bind(*args, **kwargs).arguments
    except TypeError:  # too many, or too few: Python has said it
        return
    for own, value in given.items():
        if bound.parameters[own].kind in (inspect.Parameter.VAR_POSITIONAL, _NAMED):
            continue
        asked = str(getattr(function, "__annotations__", {}).get(own, "")).split(" | ")
        if "Sequence[Tensor]" in asked:
            _tell_of_part(name, own, value)
        if "Tensor" not in asked or isinstance(value, Core):
            continue
        if value is None and "None" in asked:
            continue
        if isinstance(value, (int, float)) and {"Number", "float", "int"} & set(asked):
            continue
        raise TypeError(f"{name}: argument {own!r} must be Tensor, not {_kind(value)}") from None


def _tell_of_part(name: str, own: str, values: Any) -> None:
    if not isinstance(values, (list, tuple)):
        raise TypeError(
            f"{name}: argument {own!r} must be a list or tuple of Tensors, not "
            f"{type(values).__name__}; pass several as {name}([a, b])"
        ) from None
    for i, value in enumerate(values):
        if not isinstance(value, Core):
            raise TypeError(
                f"{name}: expected Tensor as element {i} in argument {own!r}, but got "
                f"{_kind(value)}"
            ) from None


def _kind(value: Any) -> str:
    """What it is, and how to have a tensor instead."""
    if value is None:
        return "NoneType; what should have made it returned nothing"
    if isinstance(value, (list, tuple)) and any(isinstance(x, Core) for x in value):
        return f"{type(value).__name__}; pass one of its parts, or stack them"
    kind = "PyTorch's Tensor" if is_foreign(value) else type(value).__name__
    return f"{kind}; make it one with minigrad.tensor(...)"


def telling(function: Callable[..., Any], module: str = "") -> Callable[..., Any]:
    """The function, whose errors tell of strangers. ``module`` is where it is bound, so that it is
    found by programs that pickle it."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except FAILURES:
            tell(function.__name__, function, *args, **kwargs)
            raise

    call.__module__ = module or call.__module__
    call.plain = function  # type: ignore[attr-defined]
    return call


def all_telling(space: dict[str, Any], asked: Callable[[Any], bool]) -> None:
    """Put the telling function in place of each public one of a module for which ``asked`` holds;
    what has two names is one function still."""
    made: dict[Any, Any] = {}
    for name, function in list(space.items()):
        if name[0] != "_" and asked(function):
            new = made.get(function) or telling(function, space["__name__"])
            space[name] = made[function] = new


def asks_for_tensors(function: Any) -> bool:
    """Whether it has arguments that must be tensors, and does not tell of strangers yet. What takes
    numbers as well tells at the door."""
    told = getattr(function, "__annotations__", {})
    return not hasattr(function, "plain") and any(
        _TENSORS & set(kinds) and not {"Number", "None"} & set(kinds)
        for kinds in (str(k).split(" | ") for own, k in told.items() if own not in _OTHERS)
    )
