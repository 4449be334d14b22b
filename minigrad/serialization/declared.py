"""What an attribute of a module may be: told by its class, without running anything of it."""

from __future__ import annotations

import inspect
from functools import cache
from types import FunctionType
from typing import Any

from minigrad.nn.module import Module

_PLAIN: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool, int),
    "str": (str,),
    "None": (type(None),),
}


def unfit(kind: type[Module], name: str, value: Any) -> str | None:
    """What was expected in the place of this value, in words; None where it may be.

    A method may be hidden by a function alone. Where a class of minigrad takes numbers, words or
    truth values under that name, its attribute is one; classes of others are not asked.
    """
    if name == "training":
        return None if isinstance(value, bool) else "True or False"
    hidden = inspect.getattr_static(kind, name, None)
    if isinstance(hidden, FunctionType | staticmethod | classmethod) and not callable(value):
        return f"a function, as {name} is a method"
    known: Any = kind  # a class is hashable, which mypy denies one that has __hash__
    declared = _declared(known).get(name)
    if declared is None or isinstance(value, declared[0]):
        return None
    return declared[1]


@cache
def _declared(kind: Any) -> dict[str, tuple[tuple[type, ...], str]]:
    """The types, and their names, of those constructor arguments that are plain data, and that the
    class does not use under the same name for something else: a layer's ``bias`` is a parameter."""
    if not kind.__module__.startswith("minigrad."):
        return {}
    found = {}
    otherwise = {name for each in kind.__mro__ for name in vars(each).get("__annotations__", ())}
    written = getattr(
        inspect.getattr_static(kind, "__init__"), "__annotations__", {}
    )  # as text: it is not evaluated
    for name, text in written.items():
        if name in otherwise:
            continue
        words = [word.strip() for word in text.split("|")] if isinstance(text, str) else [""]
        if all(word in _PLAIN for word in words):
            types = tuple(kind for word in words for kind in _PLAIN[word])
            found[name] = (types, text)
    return found
