"""What an op, and whatever else makes a tensor, leaves in the doctor's memory."""

from __future__ import annotations

import sys
from itertools import count
from typing import Any

from minigrad.anomaly import Detector
from minigrad.calls import Call, Calls
from minigrad.diagnosis.check import Check, Happened
from minigrad.diagnosis.facts import NOTHING, Cut, Fact, Known
from minigrad.diagnosis.seen import Forward, Seen, Trainer
from minigrad.errors import AnomalyError
from minigrad.lines import ours
from minigrad.marking import owner
from minigrad.op import Op
from minigrad.recording import NOBODY, Recorder
from minigrad.tensor import Tensor

MOVES = frozenset(
    (
        *("clone", "cast", "transfer", "flip", "roll", "take", "slice", "reshape", "permute"),
        *("expand", "windows", "as_strided", "diagonal"),
    )
)
"""Ops that carry numbers elsewhere, one operand's."""
VAST = 1e12
"""Numbers beyond that are on their way to infinity."""


class Trace(Recorder):
    """Follows the ops: who made each tensor, of which parameters, and where it left the tape.

    Attributes:
        clock: how many steps have been done by all optimizers.
        facts, leaves, forwards: what is known of tensors, of leaves, and of calls of models.
        lines: where an array was made, or written last.
        anomaly: the first nan or inf, with the clock at that time.
        failed: the checks that ended with an error of their own, which look no further.
        overflow: whether it was made of numbers that were vast already.
    """

    def __init__(self) -> None:
        self.calls = Calls()
        self.facts: Known[Fact] = Known()
        self.lines: Known[Call] = Known()
        self.detector = Detector(NOBODY, self._anomaly)
        self.detector.calls = self.calls
        self.anomaly: tuple[AnomalyError, int] | None = None
        self.overflow = False
        self.clock = 0
        self.leaves: dict[int, Seen] = {}
        self.forwards: list[Forward] = []
        self.checks: list[Check] = []
        self.failed: list[str] = []
        self._lent: Known[Fact] = Known()  # of arrays off the tape, which NumPy may hand on
        self._fresh: Known[tuple[int, Call]] = Known()
        self._stepping: list[Trainer] = []
        self._stack: list[tuple[Any, Forward | None, tuple[Any, ...]]] = []
        self._owners: dict[int, Seen] = {}
        self._count = count()
        self._used = 0
        self._listening: dict[str, list[Check]] = {}

    def tell(self, event: str, *told: Any) -> None:
        """Tell the checks that listen to this event."""
        for check in tuple(self._listening[event]):
            try:
                getattr(check, event)(*told)
            except Exception as error:  # the script goes on, whatever the doctor does not see
                self.failed.append(f"{type(check).__name__}: {error!r}")
                for listening in self._listening.values():
                    if check in listening:
                        listening.remove(check)

    def here(self) -> Call:
        """The user's line that is being done."""
        frame = sys._getframe(1)
        while ours(frame.f_code.co_filename) and frame.f_back is not None:
            frame = frame.f_back
        return Call((frame.f_code, frame.f_lasti))

    def _anomaly(self, error: AnomalyError) -> None:
        if self.anomaly is None:
            self.anomaly = (error, self.clock)
            self.overflow = error.peak > VAST

    # -- ops ------------------------------------------------------------------------------------

    def op(
        self,
        op: Op,
        operands: tuple[Any, ...],
        params: dict[str, Any],
        result: Tensor,
        into: Tensor | None,
    ) -> None:
        call = self.calls.of(op.name, into is not None)
        if self.anomaly is None:
            self.detector.judge(call, op, operands, params, result, into)
        if call.rule:
            return
        if self._stepping and call.name == "step":
            self._of_step(operands, into)
            return
        if into is not None:
            self._write(into, call)
        if self.phase == "backward" and call.name in ("backward", "grad"):
            return
        facts = [self.facts.of(x) if isinstance(x, Tensor) else None for x in operands]
        self._note(op, call, operands, facts, params, result)
        self.tell("op", Happened(op.name, call, operands, facts, params, result, into is not None))

    def _of_step(self, operands: tuple[Any, ...], into: Tensor | None) -> None:
        """An op of an optimizer: which gradients it reads, which parameters it changes."""
        for x in operands:
            if isinstance(x, Tensor):
                seen = self._owners.get(id(x))
                if seen is not None and seen.param.grad is x:
                    seen.stale, seen.fresh = True, False
        if into is not None and (seen := self.leaves.get(id(into))) is not None:
            seen.steps += 1
            seen.changed = into._version

    def _write(self, into: Tensor, call: Call) -> None:
        """Somebody writes: into a parameter, its gradient, or something else."""
        self.lines.put(owner(into.array), call)
        if self.phase == "backward":
            return
        for seen in self.leaves.values():
            param = seen.param
            if param.array is into.array or (into.array.base is param.array):
                if not seen.grads:
                    seen.written = call
                    continue
                seen.by_hand += 1
                seen.stale, seen.fresh = True, False
            elif param.grad is not None and param.grad.array is into.array:
                if not param.grad.array.any():
                    self._forgotten(seen)

    def _note(
        self,
        op: Op,
        call: Call,
        operands: tuple[Any, ...],
        facts: list[Fact | None],
        params: dict[str, Any],
        result: Tensor,
    ) -> None:
        """What is known of the result."""
        old = facts[0] if facts else None
        joined = op.name == "cat" and old is not None and _same(facts)
        if (op.name in MOVES or joined) and old is not None:
            fact = Fact(old.op, old.call, old.params, True)
        else:
            fact = Fact(op.name, call, params)
        leaves, forwards, cut = NOTHING, NOTHING, None
        lost = NOTHING
        for x, known in zip(operands, facts, strict=True):
            if not isinstance(x, Tensor):
                continue
            fresh = self._fresh.of(x) if known is None else known.fresh
            if fresh is not None and (fact.fresh is None or fresh[0] > fact.fresh[0]):
                fact.fresh = fresh
            if known is not None:
                forwards = forwards | known.forwards if forwards else known.forwards
                leaves = leaves | known.leaves if leaves else known.leaves
                cut = cut or known.cut
                if x.node is not None:
                    older = known.age + (known.born < self.clock)
                    if older > fact.age:
                        fact.age = older
                        fact.older = call if known.born < self.clock else known.older
            if x.tracked and x is not result:
                if x.node is None:
                    seen = self.leaf(x)
                    if seen.order is None and result.tracked:
                        seen.order, seen.op = self._used, op.name
                        self._used += 1
                    leaves = leaves | {id(x)}
                if not result.tracked:
                    own = frozenset((id(x),))
                    lost = lost | (own if x.node is None or known is None else known.leaves)
        fact.born, fact.last = self.clock, call
        fact.leaves, fact.forwards, fact.cut = leaves, forwards, cut
        if not result.tracked:
            if lost and fact.cut is None:
                how = f"{call.name} under no_grad" if result.array.dtype.kind == "f" else call.name
                fact.cut = Cut(call, how)
                for key in lost:
                    if self.leaves[key].cut is None:
                        self.leaves[key].cut = fact.cut
        if not result.tracked or result.node is not None:
            self.facts.put(result, fact)

    def leaf(self, param: Tensor) -> Seen:
        """What is known of a leaf."""
        seen = self.leaves.get(id(param))
        if seen is None or seen.param is not param:
            seen = self.leaves[id(param)] = Seen(param, self.lines.of(owner(param.array)))
            seen.written = seen.made
        return seen

    # -- tensors that come about otherwise --------------------------------------------------------

    def made(self, tensor: Tensor) -> None:
        if self.phase != "forward":
            return
        where, array = self.here(), owner(tensor.array)
        self.lines.put(array, where)
        self._fresh.put(tensor, (next(self._count), where))
        lent = self._lent.of(array)
        if lent is not None:
            self.facts.put(tensor, lent)

    def applied(self, function: Any, args: tuple[Any, ...], outputs: list[Any]) -> None:
        if self.anomaly is None:
            self.detector.applied(function, args, outputs)
        known = [fact for x in args if isinstance(x, Tensor) and (fact := self.facts.of(x))]
        for y in outputs:
            if isinstance(y, Tensor):
                fact = Fact(function.__name__, self.here(), born=self.clock)
                fact.forwards = NOTHING.union(*(f.forwards for f in known))
                leaves = (id(x) for x in args if isinstance(x, Tensor) and id(x) in self.leaves)
                fact.leaves = NOTHING.union(leaves, *(f.leaves for f in known))
                fact.age = max((f.age + (f.born < self.clock) for f in known), default=0)
                self.facts.put(y, fact)

    def alias(self, alias: Tensor, of: Tensor) -> None:
        known = self.facts.of(of)
        if known is None:
            if of.tracked and of.node is None:
                seen = self.leaves.get(id(of))
                if seen is not None and seen.cut is None and self._stack:
                    seen.cut = Cut(self.here(), "detach() or .data")
                return
            known = Fact("", self.here())
        fact = Fact(known.op, known.call, known.params, known.moved)
        fact.forwards, fact.leaves, fact.cut = known.forwards, known.leaves, known.cut
        if of.tracked and fact.cut is None:
            fact.cut = Cut(self.here(), "detach() or .data", known.born)
            for key in known.leaves:
                if self.leaves[key].cut is None:
                    self.leaves[key].cut = fact.cut
        fact.born, fact.soft = known.born, known.soft
        for number in known.forwards:
            self.forwards[number].taken_off = True
        self.facts.put(alias, fact)
        self._lent.put(owner(alias.array), fact)

    def turns(self, tensor: Tensor, what: str) -> None:
        seen = self.leaves.get(id(tensor))
        if seen is not None and seen.param is tensor:
            seen.by_hand += 1
            seen.stale = seen.grads > 0
        elif what == "data=" and tensor.tracked:
            self.leaf(tensor).written = self.here()

    def overwrites(self, into: Tensor) -> bool:
        self.detector.overwrites(into)
        return False

    def _forgotten(self, seen: Seen) -> None:
        self.tell("forgets", seen)
        seen.wiped += seen.fresh
        seen.stale = seen.fresh = False
        seen.polluted = None


def _same(facts: list[Fact | None]) -> bool:
    """Whether all of these were made by the same op."""
    return len({"" if fact is None else fact.op for fact in facts}) == 1
