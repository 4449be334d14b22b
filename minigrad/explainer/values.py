"""The values of a step: which array has which numbers, and what a write makes of all that look into
the same memory."""

from __future__ import annotations

import sys

import numpy as np

from minigrad.device import Array
from minigrad.explainer.stack import called, shared_places
from minigrad.explainer.trace import Cause, Row, Trace, Value
from minigrad.marking import owner
from minigrad.recording import Recorder
from minigrad.tensor import Tensor


class Values(Recorder):
    """A recorder that knows the newest value of each array.

    Attributes:
        trace: what has been seen so far.
        homes: files of minigrad's that count as the user's: a recipe's step, a lesson.
    """

    def __init__(self) -> None:
        self.trace = Trace()
        self.homes: frozenset[str] = frozenset()
        self._known: dict[int, Value] = {}
        self._arrays: dict[int, list[Array]] = {}  # by whose memory they look into
        self._stale: dict[int, list[tuple[Array, Value, bool]]] = {}  # written through other views
        self._carrying: set[int] = set()  # numbers of the values that a gradient may flow to
        self._overlays: dict[int, int] = {}  # the rows that made them, by value
        self._versions: dict[int, list[Value]] = {}  # of a leaf, for the number of each of them
        self._made: dict[int, Array] = {}
        self._cause: Cause | None = None

    def made(self, tensor: Tensor) -> None:
        self._made[id(tensor.array)] = tensor.array

    def _value(self, array: Array) -> Value:
        """The newest value of an array."""
        if self._stale and id(array) in self._stale:
            self._look_again(array)
        known = self._known.get(id(array))
        if known is None:
            return self._new(array, "constant" if id(array) in self._made else "state")
        return known

    def _new(self, array: Array, origin: str, name: str = "") -> Value:
        made = Value(len(self.trace.values), origin, array, name=name)
        self.trace.values.append(made)
        self._known[id(array)] = made
        self._arrays.setdefault(id(owner(array)), []).append(array)
        return made

    def _keep(self, array: Array) -> None:
        value = self._known[id(array)]
        if value.origin != "value":
            self._keep_copy(value)

    def _keep_copy(self, value: Value) -> None:
        if value.data is None:
            value.data = value.array.copy()

    def _written(self, array: Array, made: Value, taped: bool) -> None:
        self._stale.pop(id(array), None)
        for other in self._arrays[id(owner(array))]:
            if other is not array and np.may_share_memory(other, array):
                self._stale.setdefault(id(other), []).append((array, made, taped))

    def _look_again(self, array: Array) -> None:
        """Rows that show what writes through other views have changed in this one. Where a write
        on the tape has written, a gradient goes on to that, and elsewhere to what stood there
        before; a write past the tape changes numbers only."""
        for writer, value, taped in self._stale.pop(id(array)):
            before = self._known[id(array)]
            made = Value(len(self.trace.values), "value", array)
            self.trace.values.append(made)
            places = shared_places(array, writer)
            row = Row("overlay", (before, value), {"places": places}, made, before)
            row.flows = (taped and before.number in self._carrying, taped)
            if taped:
                self._carrying.add(made.number)
            else:
                self._passed_by(row)
            self._overlays[made.number] = len(self.trace.rows)
            row.phase, row.cause = self.phase, self._cause
            row.where = called(sys._getframe(2), self.homes, False)[0]
            self.trace.rows.append(row)
            self._known[id(array)] = made

    def _passed_by(self, row: Row) -> None:
        """A write past the tape: what a gradient flows to goes on being that."""
        if row.into is None or row.into.number not in self._carrying:
            return
        self._carrying.add(row.result.number)
        row.past = "node"
        versions = self._versions.get(row.into.number)
        if versions is not None:
            row.past = "leaf"
            self._version(versions, row.result)

    def _version(self, versions: list[Value], value: Value) -> None:
        versions.append(value)
        self._versions[value.number] = versions
        self._carrying.add(value.number)
