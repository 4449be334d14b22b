"""Following a step as it is done, so that every number in it can be told afterwards."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from minigrad.device import CPU, Array, place
from minigrad.explainer import opaque
from minigrad.explainer.places import Places
from minigrad.explainer.stack import called
from minigrad.explainer.trace import Cause, Given, Gradient, Pass, Row, Trace, Value
from minigrad.lines import Line
from minigrad.marking import owner
from minigrad.op import Op
from minigrad.tape import Node, Source
from minigrad.tensor import Tensor

DRAWN = {"draw", "keep", "advance"}
"""What no other program can compute again: the numbers themselves are kept."""


class Follower(Places):
    """Told of all that a step does, which is done for good; `undo` puts everything back.

    Every array is kept alive, so that its id stands for it. Nothing is copied but what is about to
    be overwritten.

    Attributes:
        line: the user's line, where somebody knows it better than the stack.
        unlike: whether the next step is another program, as an optimizer has made its state in this
            one by computing it.
        waiting: nothing is written down before the first op that a gradient flows through: what
            comes before is data.
    """

    replays = True  # a compiled step is done op by op

    def __init__(self, arguments: Sequence[Tensor] = (), waiting: bool = False) -> None:
        super().__init__()
        self.waiting = waiting
        self.things: dict[int, Any] = {}
        self._before: dict[int, Value | None] = {}  # what was in ``.grad`` when a pass began
        self._pass: Pass | None = None
        self._came: Tensor | None = None  # to the node that is asked
        self._operands: dict[int, dict[int, int]] = {}  # of functions, by argument
        self._seen_by_hooks: Array | None = None
        self._back: Line | None = None  # where the walk was asked for
        self._begun: list[tuple[Value, Value]] = []  # the roots of the walk that is under way
        self._starts: Sequence[Tensor] = ()  # the tensors that it begins at
        self._stood: Node | None = None  # the node of what is being written to
        self._states: list[tuple[Any, dict[Any, dict[str, Any]]]] = []
        self._streams: dict[int, tuple[Any, Any]] = {}
        self._turned: list[tuple[Tensor, Array]] = []
        self.unlike = False
        self.line: Line | None = None
        for i, x in enumerate(arguments):
            self._new(x.array, "argument", f"x{i}")

    # -- what the door tells --------------------------------------------------------------------

    def op(
        self,
        op: Op,
        operands: tuple[Any, ...],
        params: dict[str, Any],
        result: Tensor,
        into: Tensor | None,
    ) -> None:
        node = result.node if result.tracked else None
        if into is not None and node is self._stood:
            node = None  # written into past the tape: the mark is an older op's
        if self.waiting:
            if node is None:
                return
            self.waiting = False
        given: list[Given] = []
        flows: list[bool] = []
        known, stale = self._known, self._stale
        for i, x in enumerate(operands):
            flows.append(False)
            if not isinstance(x, Tensor):
                given.append(x)
                continue
            array = x.array
            value = known.get(id(array))
            if value is None or stale:
                value = self._value(array)
            source = node.inputs[i] if node is not None else (x.node or x) if x.tracked else None
            flows[-1] = node is not None and source is not None
            given.append(value if source is None else self._tracked(x, value, source))
        array = result.array
        before = None
        if into is not None:
            before = self._value(array)
            if into.tracked and node is None:
                before = self._tracked(into, before, into.node or into)
        values = self.trace.values
        made = Value(len(values), "value", array)
        values.append(made)
        if op.name in DRAWN:
            made.origin, made.data = "drawn", array.copy()
        known[id(array)] = made
        if into is None:
            own = array.__class__ is np.ndarray and array.base is None
            key = id(array if own else owner(array))
            arrays = self._arrays.get(key)
            if arrays is None:
                self._arrays[key] = [array]
            else:
                arrays.append(array)
        else:
            self._written(array, made, node is not None)
        phase = self.phase
        if phase == "backward":
            where, call, path, cause = self._back, "", (), self._cause
        else:
            where, call, path = called(sys._getframe(2), self.homes, phase == "forward")
            cause = None
        if op.defaults:
            params = {**op.defaults, **params}
        where = self.line or where
        rows = self.trace.rows
        told = op.name, tuple(given), params, made, before, tuple(flows)
        row = Row(*told, phase, where, call, path, cause)
        rows.append(row)
        if node is not None:
            self._nodes.append(node)
            self._rows[id(node)] = len(rows) - 1
            self._carrying.add(made.number)
        elif before is not None:
            self._passed_by(row)

    def overwrites(self, into: Tensor) -> bool:
        self._settle()
        self._stood = into.node if into.tracked else None
        if self.waiting:
            return False
        self._value(into.array)
        for array in self._arrays[id(owner(into.array))]:
            self._keep(array)
        return False

    def draws(self, stream: Any) -> None:
        self._streams.setdefault(id(stream), (stream, deepcopy(stream.bit_generator.state)))

    def turns(self, tensor: Tensor, what: str) -> None:
        self._turned.append((tensor, tensor.array))

    def depends(self, thing: Any) -> None:
        if id(thing) in self.things:
            return
        self.things[id(thing)] = thing
        if hasattr(thing, "param_groups"):
            self._states.append((thing, {p: dict(state) for p, state in thing.state.items()}))

    # -- gradients ------------------------------------------------------------------------------

    def forgets(self, leaf: Tensor, wholly: bool) -> None:
        self._settle()
        self._leaf(leaf)

    def lacks(self, leaf: Tensor) -> None:
        self._leaf(leaf)

    def receives(self, leaf: Tensor) -> None:
        self._settle()  # an assignment: in a pass nothing happens
        self._leaf(leaf)

    def walks(self, tensors: Sequence[Tensor], create_graph: bool, adds: bool) -> None:
        self._starts = tensors if adds else ()

    def departs(self, roots: Sequence[tuple[Source, Tensor]]) -> None:
        if self.waiting:
            return
        for y, (source, _) in zip(self._starts, roots, strict=False):
            if isinstance(source, Node) and id(source) not in self._rows:
                self._tracked(y, self._value(y.array), source)
        self._starts = ()
        if self._pass is None:
            self._pass = Pass(len(self.trace.rows))
            self._before = {key: self._gradient(leaf) for key, leaf in self.leaves.items()}
        self._pass.end = len(self.trace.rows)
        self._back = called(sys._getframe(1), self.homes, False)[0]
        found = [(self._of(source), self._value(seed.array)) for source, seed in roots]
        self._begun = [(root, seed) for root, seed in found if root is not None]

    def walked(self) -> None:
        if self._pass is not None:  # one that failed is none
            self._pass.roots += self._begun
        self._begun = []

    def pulls(self, node: Node, g: Tensor | None) -> None:
        row = self._rows.get(id(node))
        self._cause, self._came = Cause(row, "rule"), g
        if row is not None and g is not None and self._pass is not None:
            self._pass.cotangents[row] = self._value(g.array)

    def pulled(self, node: Node, sources: Sequence[Source | None], made: list[Any]) -> None:
        row = self._rows.get(id(node))
        if row is not None and self._pass is not None:
            places = [i for i, source in enumerate(sources) if source is not None]
            for i, (_, g) in zip(places, made, strict=False):
                if g is not None:
                    self._pass.shares[row, i] = self._value(g.array)
            if self.trace.rows[row].name == opaque.NAME and self._came is not None:
                self._look_into(row, node, sources, made)
        self._cause = Cause(row, "sum")

    # -- functions of the user's, and hooks -------------------------------------------------------

    def opaque(self, node: Node, args: tuple[Any, ...], result: Tensor) -> None:
        inner = self._value(result.array)
        tensors = [(i, x) for i, x in enumerate(args) if isinstance(x, Tensor)]
        given: list[Given] = []
        for _, x in tensors:
            value = self._value(x.array)
            given.append(self._before_it(value) if value is inner else value)
            if x.tracked and x.node is None:
                self._leaf(x)
        made = self._new(result.array, "value")
        self._carrying.add(made.number)
        flows = (*(node.inputs[i] is not None for i, _ in tensors), False)
        where, call, path = called(sys._getframe(3), self.homes, self.phase == "forward")
        row = Row(opaque.NAME, (*given, inner), {}, made, None, flows, self.phase)
        row.where, row.call, row.path = self.line or where, call, path
        row.title = opaque.title(node)
        self._operands[len(self.trace.rows)] = {i: k for k, (i, _) in enumerate(tensors)}
        self._nodes.append(node)
        self._rows[id(node)] = len(self.trace.rows)
        self.trace.rows.append(row)
        self.waiting = False

    def _before_it(self, value: Value) -> Value:
        """What stood there before a function wrote into it."""
        for row in reversed(self.trace.rows):
            if row.result is value:
                if row.into is None or any(row.flows):
                    break
                value, row.past = row.into, ""  # it is the function's to say what becomes of it
        return value

    def _look_into(
        self, row: int, node: Node, sources: Sequence[Source | None], made: list[Any]
    ) -> None:
        assert self._pass is not None and self._came is not None
        shares = opaque.by_operand(sources, made)
        told = self.trace.rows[row]
        for i, slopes in opaque.measured(node, self._came, sources, shares).items():
            k = self._operands[row][i]
            told.slopes[k] = slopes
            if slopes is None:
                before = self._pass.direct.get((row, k))
                self._pass.direct[row, k] = shares[i] + (0 if before is None else before)
                self._note(
                    f"{told.title}: what its backward makes is no product of the gradient with "
                    "slopes; its numbers stand as they came, and do not change with an edit"
                )

    def hooking(self, source: Source, g: Tensor) -> None:
        self._seen_by_hooks = np.array(place(g.array, CPU), np.float64)

    def hooked(self, source: Source, g: Tensor) -> None:
        value = None if self._pass is None else self._of(source)
        if self._pass is None or value is None or self._seen_by_hooks is None:
            return
        found = opaque.changed(self._seen_by_hooks, np.array(place(g.array, CPU), np.float64))
        late = isinstance(source, Tensor) and source.grad is g
        key = value.number, int(late)
        if late and (self._before.get(id(source)) is not None or key in self._pass.hooks):
            found.factor = None  # of all that stands there, not of this walk's share alone
        if (earlier := self._pass.hooks.get(key)) is not None:
            found = earlier.and_then(found)
        self._pass.hooks[key] = found

    def _note(self, note: str) -> None:
        if self._pass is not None and note not in self._pass.notes:
            self._pass.notes.append(note)

    def _settle(self) -> None:
        """A pass is over: its gradients are about to be used, or the step ends."""
        if self._pass is None or self.phase == "backward":
            return
        done, self._pass, self._cause = self._pass, None, None
        reached = self.trace.reached(done)
        for key, leaf in self.leaves.items():
            value, before = self._gradient(leaf), self._before.get(key)
            if value is not None and value is not before:
                self._keep_copy(value)
                own = [x for x in self._own.get(key, ()) if x.number in reached]
                first, *later = own or [self._value(leaf.array)]
                done.gradients.append(Gradient(first, value, value.numbers, before, later))
                for late in (0, 1):  # hooks see the whole
                    for version in later:
                        hook = done.hooks.pop((version.number, late), None)
                        if hook is not None:
                            done.hooks[first.number, late] = hook
        self.trace.passes.append(done)

    def _gradient(self, leaf: Tensor) -> Value | None:
        return None if leaf.grad is None else self._value(leaf.grad.array)

    # -- the end --------------------------------------------------------------------------------

    def finish(self, results: Sequence[Tensor] = ()) -> Trace:
        """The step has ended and returns these."""
        self.phase = "forward"
        self._settle()
        trace = self.trace
        self._by_hand()
        trace.results = [self._value(x.array) for x in results if id(x.array) in self._known]
        for array in {id(v.array): v.array for v in trace.values}.values():
            if id(array) in self._stale:
                self._value(array)
        held = {
            id(tensor.array)
            for thing in self.things.values()
            for state in getattr(thing, "state", {}).values()
            for tensor in state.values()
            if isinstance(tensor, Tensor)
        }
        for first in trace.values:
            last = self._known[id(first.array)]
            if first.origin == "state" or (first.origin == "constant" and id(first.array) in held):
                if last is not first:
                    trace.carried.append((first, last))
        leaves = {id(leaf.array) for leaf in self.leaves.values()}
        for value in trace.values:
            value.trained = value.origin == "state" and id(value.array) in leaves
        for optimizer, before in self._states:
            for p, state in optimizer.state.items():
                born = p not in before or not before[p]
                self.unlike |= born and any(
                    isinstance(x, Tensor) and self._origin(x) == "value" for x in state.values()
                )
        return trace

    def _by_hand(self) -> None:
        """What is computed of gradients outside of an optimizer, and is on no tape, belongs to the
        update: a step by hand, or a gradient that is clipped."""
        used = {g.value.number for one in self.trace.passes for g in one.gradients}
        for row in self.trace.rows:
            if row.phase == "forward" and not any(row.flows):
                if any(isinstance(x, Value) and x.number in used for x in row.given):
                    row.phase = "update"
                    used.add(row.result.number)

    def _origin(self, tensor: Tensor) -> str:
        first = next((v for v in self.trace.values if v.array is tensor.array), None)
        return "" if first is None else first.origin

    def undo(self) -> None:
        """Put back what the step has changed."""
        for tensor, array in reversed(self._turned):
            tensor.array = array
        for value in self.trace.values:
            if value.origin in ("state", "argument") and value.data is not None:
                if not np.array_equal(value.array, value.data, equal_nan=False):
                    value.array[...] = value.data
        for leaf, before in self._grads.values():
            leaf.grad = before
        for stream, state in self._streams.values():
            stream.bit_generator.state = state
        for optimizer, states in self._states:
            for p in list(optimizer.state):
                if p in states:
                    optimizer.state[p] = states[p]
                else:
                    del optimizer.state[p]
