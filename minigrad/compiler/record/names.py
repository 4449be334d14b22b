"""What the names in a step stand for: a step that is replayed does not look them up again."""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from minigrad.content import CONTAINERS, PLAIN, content
from minigrad.nn.module import Module
from minigrad.nn.registry import Registry
from minigrad.optim.optimizer import Optimizer
from minigrad.tensor import Tensor

PACKAGE = __name__.partition(".")[0]
LEVELS = 4
"""So deep objects in objects are looked into."""
LOADS = frozenset(("LOAD_ATTR", "LOAD_METHOD"))


class Name:
    """A way to look a name up, and what was found when a step was recorded."""

    __slots__ = ("_content", "found", "look")

    def __init__(self, look: Callable[[], Any], found: Any) -> None:
        self.look, self.found = look, found
        self._content = content(found) if isinstance(found, (*PLAIN, *CONTAINERS)) else None

    def stands(self) -> bool:
        """Whether it stands for the same thing, or for an equal plain value, or for a container of
        such."""
        now = self.look()
        if now is self.found and not isinstance(now, CONTAINERS):
            return True
        return self._content is not None and content(now) == self._content


def names_in(step: Any) -> list[Name]:
    """The names that a step reads, with what they stand for: variables around it, defaults, and the
    attributes of objects, classes and programs that it finds under a name; so in the functions,
    methods, properties and modules of the user's that it finds there, too."""
    return list(_Reader().names(step))


class _Reader:
    """Goes through functions, each once."""

    def __init__(self) -> None:
        self._seen: dict[Any, Any] = {}

    def _new(self, *things: Any) -> bool:
        key = tuple(map(id, things))
        return self._seen.setdefault(key, things) is things

    def names(self, step: Any) -> Iterator[Name]:
        """Those that a callable reads."""
        if isinstance(step, partial):
            yield from self.names(step.func)
            for each in (*step.args, *step.keywords.values()):
                yield from self._inside(each, frozenset(), LEVELS)
            return
        function, owner = getattr(step, "__func__", step), getattr(step, "__self__", None)
        if not isinstance(function, FunctionType):
            if callable(step) and isinstance(type(step).__call__, FunctionType):
                yield from self.names(MethodType(type(step).__call__, step))
        elif self._new(function, owner):
            attributes = frozenset(_read(function.__code__, LOADS))
            if owner is not None:
                yield from self._inside(owner, attributes, LEVELS)
            for look in _looks(function):
                yield from self._at(look, attributes, LEVELS)
            if hasattr(function, "__wrapped__"):
                yield from self.names(function.__wrapped__)

    def _at(
        self, look: Callable[[], Any], attributes: frozenset[str], depth: int
    ) -> Iterator[Name]:
        found = look()
        if not isinstance(found, ModuleType):
            yield Name(look, found)
        yield from self._inside(found, attributes, depth)

    def _inside(self, found: Any, attributes: frozenset[str], depth: int) -> Iterator[Name]:
        """The names that a function reads in what it has found under a name."""
        if not depth or found.__class__ in PLAIN or isinstance(found, (Tensor, Optimizer)):
            return
        if isinstance(found, CONTAINERS):
            for each in found.values() if isinstance(found, dict) else found:
                yield from self._inside(each, attributes, depth - 1)
            return
        if isinstance(found, Registry) and self._new(found):
            for module in found.modules() if isinstance(found, Module) else ():
                if not _ours(type(module).forward):
                    yield from self.names(module.forward)
                elif type(module).forward is Module.forward:  # a list, that nobody calls
                    for members in (module._modules, module._parameters):
                        yield Name(partial(_itself, members), members.copy())
        if _ours(found):
            return
        if isinstance(found, (FunctionType, MethodType, partial)):
            yield from self.names(found)
        elif self._new(found, attributes):
            yield from self._attributes(found, attributes, depth - 1)

    def _attributes(self, found: Any, attributes: frozenset[str], depth: int) -> Iterator[Name]:
        own = getattr(found, "__dict__", {})
        for name in sorted(attributes):
            if name in own and not isinstance(found, type):
                look = partial(own.get, name)
                if not isinstance(found, ModuleType) or _may_change(own[name]):
                    yield from self._at(look, attributes, depth)
                continue
            kinds = found.__mro__ if isinstance(found, type) else type(found).__mro__
            value = next((vars(kind)[name] for kind in kinds if name in vars(kind)), None)
            if isinstance(value, property) and not isinstance(found, type):
                if value.fget is not None and not _ours(value.fget):
                    yield from self.names(MethodType(value.fget, found))
            elif isinstance(value, FunctionType) and not _ours(value):
                bound = value if isinstance(found, type) else MethodType(value, found)
                yield from self.names(bound)
            elif value is not None and not hasattr(type(value), "__get__"):
                yield from self._at(partial(getattr, found, name, None), attributes, depth)


def _itself(members: Any) -> Any:
    return members


def _may_change(found: Any) -> bool:
    """Whether what a program calls a name is a setting of its, or a function of the user's."""
    return isinstance(found, (*PLAIN, *CONTAINERS, Tensor, Registry, Optimizer, FunctionType))


def _ours(found: Any) -> bool:
    """Whether it is of this package, or of those that hold no settings of the user's."""
    if isinstance(found, ModuleType):
        where = found.__name__
    else:
        known = isinstance(found, (type, FunctionType, MethodType))
        where = str((found if known else type(found)).__module__)
    return where.partition(".")[0] in (PACKAGE, "numpy", "builtins")


def _looks(step: FunctionType) -> Iterator[Callable[[], Any]]:
    """Every variable around a function, as a way to look it up."""
    for cell in step.__closure__ or ():
        if cell != type(cell)():  # it is not empty
            yield partial(getattr, cell, "cell_contents")
    for name in dict.fromkeys(_read(step.__code__, frozenset(("LOAD_GLOBAL",)))):
        if name in step.__globals__:
            yield partial(step.__globals__.get, name)
    for name in ("__defaults__", "__kwdefaults__"):
        if getattr(step, name):
            yield partial(getattr, step, name)


def _read(code: CodeType, how: frozenset[str]) -> Iterator[str]:
    """The names that a piece of code reads so, and what is defined inside of it."""
    for each in dis.get_instructions(code):
        if each.opname in how:
            yield each.argval
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _read(inner, how)
