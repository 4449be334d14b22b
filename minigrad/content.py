"""What a value is made of, so that it can be told whether it is still the same."""

from __future__ import annotations

from collections import deque
from typing import Any

PLAIN: frozenset[type] = frozenset((bool, int, float, complex, str, bytes, type(None)))
"""Values that are all they say: an equal one stands for the same."""
CONTAINERS = (list, tuple, dict, set, frozenset, deque)
DEPTH, LENGTH = 4, 256
"""What lies deeper in containers, and containers of more members, are known by what they are."""


class Itself:
    """A thing that is the same as itself alone. It is kept, so that no other gets its id."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def content(value: Any, depth: int = DEPTH) -> Any:
    """Equal for values that stand for the same: plain ones of one type that are equal (zeros of one
    sign, also two nan), containers of such, and whatever else is the same thing."""
    kind = value.__class__
    if kind in PLAIN:
        return (kind, repr(value) if kind is float or kind is complex else value)
    if not isinstance(value, CONTAINERS) or not depth or len(value) > LENGTH:
        return Itself(value)
    if isinstance(value, dict):
        return (kind, *((content(k, 1), content(v, depth - 1)) for k, v in value.items()))
    parts = (content(each, depth - 1) for each in value)
    return (kind, frozenset(parts)) if isinstance(value, (set, frozenset)) else (kind, *parts)
