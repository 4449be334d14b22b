"""A method of Tensor as a function."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from inspect import Parameter, signature
from types import CodeType, FunctionType
from typing import Any, TypeVar

import numpy as np

from minigrad.methods.core import Core
from minigrad.strangers import FAILURES, tell

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
    made: Any = getattr(method, "plain", method)
    name = name or made.__name__
    own = signature(made)
    parameters = list(own.parameters.values())
    parameters[0] = parameters[0].replace(name=first, kind=Parameter.POSITIONAL_OR_KEYWORD)
    shown = own.replace(parameters=parameters)
    if hasattr(made, "__wrapped__"):  # a decorator takes other names as well
        rest = (Parameter("args", Parameter.VAR_POSITIONAL), _REST)
        parameters = [parameters[0], *rest]
    keywords = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    inside = {"method": made, "allowed": _NUMBERS if numbers else Core, "refuse": _refuse}
    inside |= {"failures": FAILURES, "tell": tell}
    twin: Any = FunctionType(
        _code(tuple(p.kind for p in parameters), tuple(p.name for p in keywords)).replace(
            co_name=name,
            co_qualname=name,
            co_varnames=tuple(p.name for p in sorted(parameters, key=_place)),
        ),
        {**inside, "name": name, "first": first},
        name,
        tuple(p.default for p in parameters if p not in keywords and p.default is not p.empty),
    )
    twin.__kwdefaults__ = {p.name: p.default for p in keywords if p.default is not p.empty}
    # Where the module that asks binds it, it is found by programs that pickle it.
    twin.__module__ = sys._getframe(1).f_globals["__name__"]
    twin.__doc__ = _told(made, first, "..." if own.parameters.keys() - {"self"} else "")
    twin.__annotations__ = made.__annotations__
    twin.__signature__, twin.plain = shown, made
    return twin  # type: ignore[no-any-return]


def _told(method: Any, first: str, others: str) -> str:
    """The method's docstring with what the function calls its tensor."""
    entry = f"{first}: the tensor x; ``x.{method.__name__}({others})`` is the same."
    lines = (method.__doc__ or "").rstrip().split("\n")
    margin = lines[-1][: len(lines[-1]) - len(lines[-1].lstrip())] if lines[1:] else ""
    for i, line in enumerate(lines):
        if line.endswith("Args:"):
            margin = line.removesuffix("Args:")
            return "\n".join([*lines[: i + 1], f"{margin}    {entry}", *lines[i + 1 :]])
    return "\n".join([*lines, "", f"{margin}Args:", f"{margin}    {entry}"])


@cache
def _code(kinds: tuple[Any, ...], keywords: tuple[str, ...]) -> CodeType:
    """What a function does that has parameters of these kinds. Those of one form share it but for
    the names: to compile each by itself takes a fifth of ``import minigrad``."""
    heads: list[str] = []
    words: list[str] = []
    left = iter(keywords)
    for i, kind in enumerate(kinds):
        if kind is Parameter.KEYWORD_ONLY:
            if "*" not in "".join(heads):
                heads.append("*")
            heads.append(next(left))
            words.append(f"{heads[-1]}={heads[-1]}")
        else:
            heads.append(f"{_STARS.get(kind, '')}x{i}")
            words.append(heads[-1])
    text = (
        f"def function({', '.join(heads)}):\n"
        f"    if not isinstance(x0, allowed):\n"
        f"        refuse(name, first, x0)\n"
        f"    try:\n"
        f"        return method({', '.join(words)})\n"
        f"    except failures:\n"
        f"        tell(name, method, {', '.join(words)})\n"
        f"        raise\n"
    )
    found = compile(text, __file__, "exec").co_consts
    return next(x for x in found if isinstance(x, CodeType))


def _place(p: Parameter) -> int:
    """Where Python keeps a parameter among a function's names: ``*args`` behind the keywords."""
    return _ORDER.index(p.kind)


_ORDER: list[Any] = [
    Parameter.POSITIONAL_OR_KEYWORD,
    Parameter.KEYWORD_ONLY,
    Parameter.VAR_POSITIONAL,
    Parameter.VAR_KEYWORD,
]
_STARS = {Parameter.VAR_POSITIONAL: "*", Parameter.VAR_KEYWORD: "**"}
_NUMBERS = (Core, bool, int, float, np.generic)
_REST = Parameter("kwargs", Parameter.VAR_KEYWORD)


def _refuse(name: str, first: str, given: Any) -> None:
    raise TypeError(
        f"{name}: argument {first!r} must be Tensor, not {type(given).__name__}; make it one with "
        "minigrad.tensor(...)"
    )
