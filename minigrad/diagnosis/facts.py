"""What the doctor remembers of tensors, for as long as they live."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import Any

from minigrad.calls import Call

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


class Facts:
    """The facts by tensor."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[weakref.ref[Any], Fact]] = {}

    def put(self, tensor: Any, fact: Fact) -> None:
        """Remember this of a tensor."""
        key, known = id(tensor), self._of
        known[key] = (weakref.ref(tensor, lambda _: known.pop(key, None)), fact)

    def of(self, tensor: Any) -> Fact | None:
        """What is known of a tensor."""
        found = self._of.get(id(tensor))
        return None if found is None or found[0]() is not tensor else found[1]


class Lines:
    """Calls by the array that they made or wrote."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[weakref.ref[Any], Call]] = {}

    def put(self, array: Any, call: Call) -> None:
        """Remember this of an array."""
        key, known = id(array), self._of
        known[key] = (weakref.ref(array, lambda _: known.pop(key, None)), call)

    def of(self, array: Any) -> Call | None:
        """The call that is known of an array."""
        found = self._of.get(id(array))
        return None if found is None or found[0]() is not array else found[1]
