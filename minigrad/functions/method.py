"""A method of Tensor as a function."""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any, TypeVar

import numpy as np

from minigrad.methods.core import Core

F = TypeVar("F", bound=Callable[..., Any])


def function(
    method: F, first: str = "input", *, name: str | None = None, numbers: bool = False
) -> F:
    """The method as a function, whose first argument goes by PyTorch's name: ``exp(input=x)``.

    A method calls that argument self. The function has the method's parameters under another name
    for it, and looks at what it is given: TypeError for what is no tensor, or with ``numbers`` no
    number either (``pow(2, x)``). ``name`` is what it is bound to, where the method is another
    one's second name.
    """
    made: Any = method
    name = name or made.__name__
    own = signature(made)
    parameters = list(own.parameters.values())
    parameters[0] = parameters[0].replace(name=first, kind=Parameter.POSITIONAL_OR_KEYWORD)
    shown = own.replace(parameters=parameters)
    if hasattr(made, "__wrapped__"):  # a decorator takes other names as well
        rest = (Parameter("args", Parameter.VAR_POSITIONAL), _REST)
        parameters = [parameters[0], *rest]
    heads, words = [], []
    space: dict[str, Any] = {"method": made, "Core": Core, "generic": np.generic, "refuse": _refuse}
    bare = False
    for p in parameters:
        if p.kind is p.KEYWORD_ONLY and not bare:
            heads.append("*")
            bare = True
        bare = bare or p.kind is p.VAR_POSITIONAL
        default = ""
        if p.default is not p.empty:
            space[f"default_{p.name}"] = p.default
            default = f"=default_{p.name}"
        stars = "*" if p.kind is p.VAR_POSITIONAL else "**" if p.kind is p.VAR_KEYWORD else ""
        heads.append(f"{stars}{p.name}{default}")
        words.append(
            f"{p.name}={p.name}" if p.kind is p.KEYWORD_ONLY and not stars else stars + p.name
        )
    allowed = "(Core, bool, int, float, generic)" if numbers else "Core"
    text = (
        f"def {name}({', '.join(heads)}):\n"
        f"    if not isinstance({first}, {allowed}):\n"
        f"        refuse({name!r}, {first!r}, {first})\n"
        f"    return method({', '.join(words)})\n"
    )
    exec(compile(text, __file__, "exec"), space)
    twin = space[name]
    # Where the module that asks binds it, it is found by programs that pickle it.
    twin.__module__ = sys._getframe(1).f_globals["__name__"]
    twin.__qualname__, twin.__doc__ = name, made.__doc__
    twin.__annotations__ = made.__annotations__
    twin.__signature__ = shown
    return twin  # type: ignore[no-any-return]


_REST = Parameter("kwargs", Parameter.VAR_KEYWORD)


def _refuse(name: str, first: str, given: Any) -> None:
    raise TypeError(
        f"{name}: argument {first!r} must be Tensor, not {type(given).__name__}; make it one with "
        "minigrad.tensor(...)"
    )
