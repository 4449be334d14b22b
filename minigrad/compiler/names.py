"""What the names in a step stand for: a step that is replayed does not look them up again."""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from functools import partial
from inspect import unwrap
from types import CodeType, FunctionType, MethodType
from typing import Any, NamedTuple

from minigrad.nn.registry import Registry
from minigrad.optim.optimizer import Optimizer
from minigrad.tensor import Tensor

PLAIN = (bool, int, float, str, bytes, type(None))
THINGS = (Tensor, Registry, Optimizer)
PACKAGE = __name__.partition(".")[0]


class Name(NamedTuple):
    """A way to look a name up, and what was found when a step was recorded."""

    look: Callable[[], Any]
    found: Any

    def stands(self) -> bool:
        """Whether it stands for the same thing, or for an equal plain value."""
        now, found = self.look(), self.found
        return now is found or (
            isinstance(found, PLAIN) and type(now) is type(found) and bool(now == found)
        )


def names_in(step: Any) -> list[Name]:
    """The names in a step, and in the functions that it knows by name, that stand for tensors,
    modules, optimizers and plain values: variables around it, and attributes of the object whose
    method it is. What lies deeper, in other objects and in lists, is not looked at."""
    return list(_names(step, set()))


def _names(step: Any, seen: set[int]) -> Iterator[Name]:
    step = unwrap(step)
    if id(step) in seen:
        return
    seen.add(id(step))
    for look in _looks(step):
        found = look()
        if isinstance(found, (*THINGS, *PLAIN)):
            yield Name(look, found)
        elif _theirs(found):
            yield from _names(found, seen)


def _theirs(found: Any) -> bool:
    """Whether it is a function of the user's."""
    if not isinstance(unwrap(found) if callable(found) else found, (FunctionType, MethodType)):
        return False
    return str(found.__module__).partition(".")[0] != PACKAGE


def _looks(step: Any) -> Iterator[Callable[[], Any]]:
    """Every name in a function or a method, as a way to look it up."""
    if isinstance(step, MethodType):
        own = getattr(step.__self__, "__dict__", {})
        step = step.__func__
        if isinstance(step, FunctionType):
            for name in step.__code__.co_names:
                if name in own:
                    yield partial(own.get, name)
    if not isinstance(step, FunctionType):
        return
    for cell in step.__closure__ or ():
        if cell != type(cell)():  # it is not empty
            yield partial(getattr, cell, "cell_contents")
    for name in dict.fromkeys(_globals(step.__code__)):
        if name in step.__globals__:
            yield partial(step.__globals__.get, name)


def _globals(code: CodeType) -> Iterator[str]:
    """The global names in a piece of code, and in what is defined inside of it."""
    for each in dis.get_instructions(code):
        if each.opname == "LOAD_GLOBAL":
            yield each.argval
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _globals(inner)
