"""The places on the tape that the values of a step have: leaves, and the nodes of rows."""

from __future__ import annotations

import sys

from minigrad.explainer.stack import called
from minigrad.explainer.trace import Row, Value
from minigrad.explainer.values import Values
from minigrad.tape import Node, Source
from minigrad.tensor import Tensor


class Places(Values):
    """A recorder that knows which value stands where on the tape. Several tensors may look at one
    array, and the tape tells them apart.

    Attributes:
        leaves: those that the step has met.
    """

    def __init__(self) -> None:
        super().__init__()
        self.leaves: dict[int, Tensor] = {}
        self._rows: dict[int, int] = {}  # of nodes
        self._nodes: list[Node] = []
        self._grads: dict[int, tuple[Tensor, Tensor | None]] = {}  # when the step began
        self._seen_as: dict[int, Value] = {}  # of nodes that views have got after a write
        self._own: dict[int, list[Value]] = {}  # versions, of leaves
        self._asides: dict[tuple[int, int], Value] = {}  # by tensor and value

    def _of(self, source: Source) -> Value | None:
        if isinstance(source, Node):
            if id(source) in self._seen_as:
                return self._seen_as[id(source)]
            row = self._rows.get(id(source))
            return None if row is None else self.trace.rows[row].result
        return self._value(source.array)

    def _leaf(self, leaf: Tensor) -> None:
        if id(leaf) not in self._grads:
            self._grads[id(leaf)] = (leaf, leaf.grad)
            self.leaves[id(leaf)] = leaf

    def _tracked(self, x: Tensor, value: Value, source: Source) -> Value:
        """The value of what is read, or written to past the tape, at its place on it."""
        if not isinstance(source, Node):
            if id(x) not in self._grads:
                self._leaf(x)
            own = self._own.setdefault(id(x), [])
            if self._versions.get(value.number, own) is not own:  # those of another leaf
                value = self._aside(x, value, None)
            if value.number not in self._versions:
                self._version(own, value)
            return value
        node = source
        at = self._overlays.get(value.number)
        copied = None if x.node is None else self._rows.get(id(x.node))  # before it is written to
        if copied is not None and self.trace.rows[copied].result is value:
            return value
        known = self._rows.get(id(node))
        if known is not None:
            stood = self.trace.rows[known].result
            if stood is not value and (at is None or stood.array is x.array):
                if not self._goes_back(value, stood):
                    return self._aside(x, value, stood)
            elif stood is not value:  # a view, done again on what it looks into
                self._seen_as[id(node)] = value
        self._carrying.add(value.number)
        while at is not None and node.op.name == "write_view" and id(node) not in self._rows:
            row, before = self.trace.rows[at], node.inputs[0]
            if not row.past:
                row.flows = (before is not None, True)
                self._nodes.append(node)
                self._rows[id(node)] = at
                if not isinstance(before, Node):
                    break
                node = before
            assert row.into is not None
            at = self._overlays.get(row.into.number)
        return value

    def _aside(self, x: Tensor, value: Value, stood: Value | None) -> Value:
        """The numbers of an array as one of several tensors on it has them, whose place on the tape
        is that of what stood there; None for a leaf, which is a place of its own."""
        key = id(x), value.number
        if key not in self._asides:
            made = self._asides[key] = Value(len(self.trace.values), "value", value.array)
            self.trace.values.append(made)
            places = list(range(value.array.size))
            first = value if stood is None else stood
            row = Row("overlay", (first, value), {"places": places}, made, stood, (False, False))
            row.where, row.phase = called(sys._getframe(3), self.homes, False)[0], self.phase
            self.trace.rows.append(row)
            self._passed_by(row)
            if stood is None:
                row.past = "apart"
        return self._asides[key]

    def _goes_back(self, value: Value, stood: Value) -> bool:
        """Whether nothing that is on the tape made the one of the other."""
        for row in reversed(self.trace.rows):
            if value is stood:
                return True
            if row.result is value:
                if not row.past or row.into is None:
                    return False
                value = row.into
        return value is stood
