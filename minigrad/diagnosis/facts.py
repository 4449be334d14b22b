"""What the doctor remembers of tensors, for as long as they live."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from minigrad.calls import Call

T = TypeVar("T")
NOTHING: frozenset[int] = frozenset()


@dataclass(slots=True)
class Cut:
    """Where something was taken off the tape, how, and in which step it had been made."""

    call: Call
    how: str
    made: int = 0


@dataclass(slots=True)
class Fact:
    """How a tensor came about.

    Attributes:
        op: the op that made its numbers; ops that only move them are looked through.
        call: what the user called for that.
        last: the call that it came out of, be it of an op that moved it.
        params: the op's params.
        moved: whether its numbers were moved since.
        cut: where it was taken off the tape, if it was.
        leaves: the ids of the parameters that went into it.
        forwards: the numbers of the calls of models that went into it.
        soft: the dimension over which it is a softmax, with the call; through products and logs.
        age: in how many steps the graph behind it was made longer.
        born: in which step it was made.
        older: the call that made it depend on an older step.
        fresh: the latest call that made one of its operands of numbers, with a count of such calls.
    """

    op: str
    call: Call
    params: dict[str, Any] = field(default_factory=dict)
    moved: bool = False
    cut: Cut | None = None
    leaves: frozenset[int] = NOTHING
    forwards: frozenset[int] = NOTHING
    soft: tuple[int, Call] | None = None
    age: int = 0
    born: int = 0
    older: Call | None = None
    last: Call | None = None
    fresh: tuple[int, Call] | None = None


class Known(Generic[T]):
    """Something about tensors, or arrays, that is forgotten when they die; nothing about what
    cannot be referred to weakly."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[weakref.ref[Any], T]] = {}

    def put(self, thing: Any, told: T) -> None:
        """Remember this of a thing."""
        key, known = id(thing), self._of
        try:
            known[key] = (weakref.ref(thing, lambda _: known.pop(key, None)), told)
        except TypeError:  # a bytearray, of a file that was read
            return

    def of(self, thing: Any) -> T | None:
        """What is known of a thing."""
        found = self._of.get(id(thing))
        return None if found is None or found[0]() is not thing else found[1]
