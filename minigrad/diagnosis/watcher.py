"""Who follows a script: it notes what is done to tensors, and tells the checks."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np

from minigrad.anomaly import Detector
from minigrad.calls import Call, Calls
from minigrad.diagnosis.check import Check, Happened
from minigrad.diagnosis.facts import NOTHING, Cut, Fact, Known
from minigrad.diagnosis.seen import Forward, Seen, Trainer, Walk
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
ENOUGH = 12
"""Batches of an epoch that are trained on before the doctor goes to the last one."""
VAST = 1e12
"""Numbers beyond that are on their way to infinity."""
SMALL = 200_000
"""Leaves of fewer numbers are kept as they were at first."""
LONG = 1.0
"""Seconds that an epoch without training may take before it goes there as well."""


class Watcher(Recorder):
    """Told of everything by the door, the tape, modules, optimizers and loaders.

    Attributes:
        steps: how many steps have been done, by the optimizer that did most.
        clock: how many steps have been done by all of them.
        leaves, trainers, forwards, walks: what was seen, see `seen`.
        anomaly: the first nan or inf, with the clock at that time.
        overflow: whether it was made of numbers that were vast already.
        cut: whether anything was made shorter.
    """

    def __init__(self, checks: Sequence[type[Check]]) -> None:
        self.checks = [check(self) for check in checks]
        self.calls = Calls()
        self.facts: Known[Fact] = Known()
        self.lines: Known[Call] = Known()  # where an array was made or written last
        self._lent: Known[Fact] = Known()  # of arrays off the tape, which NumPy may hand on
        self._fresh: Known[tuple[int, Call]] = Known()
        self.detector = Detector(NOBODY, self._anomaly)
        self.detector.calls = self.calls
        self.anomaly: tuple[AnomalyError, int] | None = None
        self.overflow = False
        self.steps = self.clock = 0
        self.cut = False
        self.leaves: dict[int, Seen] = {}
        self.trainers: dict[int, Trainer] = {}
        self.forwards: list[Forward] = []
        self.walks_seen: list[Walk] = []
        self._walk: Walk | None = None
        self._stepping: list[Trainer] = []
        self._stack: list[tuple[Any, Forward | None, tuple[Any, ...]]] = []
        self._owners: dict[int, Seen] = {}
        self._count = count()
        self._used = 0
        self._loaders: dict[int, tuple[Any, Call]] = {}
        self._listening = {
            name: [c for c in self.checks if getattr(type(c), name) is not getattr(Check, name)]
            for name in dir(Check)
            if not name.startswith("_")
        }

    def tell(self, event: str, *told: Any) -> None:
        """Tell the checks that listen to this event."""
        for check in self._listening[event]:
            getattr(check, event)(*told)

    @property
    def walk_under_way(self) -> Walk | None:
        """The walk back that has begun and not ended."""
        return self._walk

    @property
    def work(self) -> int:
        """How much training was done: steps, or walks back where no step is ever done."""
        return self.steps or len(self.walks_seen)

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

    # -- modules ----------------------------------------------------------------------------------

    def enters(self, module: Any, args: tuple[Any, ...]) -> None:
        self.detector.enters(module, args)
        forward = None
        if not any(made is not None for _, made, _ in self._stack) and _by_user():
            forward = Forward(
                len(self.forwards), module, self.here(), bool(module.training), self.clock
            )
            forward.given = id(args[0].array) if args and isinstance(args[0], Tensor) else 0
            self.forwards.append(forward)
        self._stack.append((module, forward, args))
        self.tell("module", module, args)

    def exits(self, module: Any, result: Any) -> None:
        while self._stack:  # a call that ended with an error has left its entry
            entered, forward, args = self._stack.pop()
            if entered is module:
                break
        else:
            return
        if forward is None:
            return
        forward.done = True
        for y in _tensors(result):
            known = self.facts.of(y)
            if known is not None:
                known.forwards = known.forwards | {forward.number}
            forward.tracked |= y.tracked
        self.tell("forward", forward, args, result)

    def modes(self, module: Any, training: bool) -> None:
        self.tell("mode", module, training, self.here())

    def outermost(self) -> Call | None:
        """The call of the model that is being done."""
        return next((made.call for _, made, _ in self._stack if made is not None), None)

    # -- walks back -------------------------------------------------------------------------------

    def walks(self, tensors: Sequence[Tensor], create_graph: bool, adds: bool) -> None:
        call, loss = self.here(), None
        roots = [y for y in tensors if isinstance(y, Tensor)]
        if roots and roots[0].numel() == 1:
            loss = float(roots[0].array.reshape(-1)[0])
        walk = Walk(call, roots, adds, loss, self.clock)
        self.detector.walks(roots, create_graph, adds)
        for y in roots:
            known = self.facts.of(y)
            walk.serial = max(walk.serial, 0 if y.node is None else y.node.serial)
            for number in () if known is None else known.forwards:
                self.forwards[number].walked = True
        self._walk = walk
        for seen in self.leaves.values():
            if seen.first is None and seen.param.array.size < SMALL:
                seen.first = seen.param.array.copy()
        self._before = {
            key: (seen.param.grad, None if seen.param.grad is None else seen.param.grad._version)
            for key, seen in self.leaves.items()
        }
        self.tell("walks", walk)

    def walked(self) -> None:
        walk, self._walk = self._walk, None
        if walk is None:
            return
        for key, seen in self.leaves.items() if walk.adds else ():
            grad = seen.param.grad
            before, version = self._before.get(key, (None, None))
            if grad is None or (grad is before and grad._version == version):
                continue
            seen.grads += 1
            if seen.stale and before is not None and seen.polluted is None:
                seen.polluted = walk.call
            seen.fresh = True
            walk.reached.append(seen)
        walk.roots = []
        if self._stepping:
            self._find_owners()
        self.walks_seen.append(walk)
        self.tell("walked", walk)

    def forgets(self, leaf: Tensor, wholly: bool) -> None:
        seen = self.leaves.get(id(leaf))
        if seen is not None and seen.param is leaf and leaf.grad is not None:
            self._forgotten(seen)

    def _forgotten(self, seen: Seen) -> None:
        self.tell("forgets", seen)
        seen.wiped += seen.fresh
        seen.stale = seen.fresh = False
        seen.polluted = None

    # -- optimizers -------------------------------------------------------------------------------

    def optimizes(self, optimizer: Any) -> None:
        self.trainer(optimizer)

    def trainer(self, optimizer: Any) -> Trainer:
        """What is known of an optimizer."""
        known = self.trainers.get(id(optimizer))
        if known is None:
            known = self.trainers[id(optimizer)] = Trainer(optimizer, self.here(), [])
        have = {id(seen.param) for seen in known.params}
        for group in optimizer.param_groups:
            known.params += [self.leaf(p) for p in group["params"] if id(p) not in have]
        return known

    def depends(self, thing: Any) -> None:
        if not hasattr(thing, "param_groups"):
            return
        trainer = self.trainer(thing)
        trainer.at = self.here()
        self._stepping.append(trainer)
        self._find_owners()
        self.tell("step_begins", trainer)

    def _find_owners(self) -> None:
        """Whose gradient is which, for those that a step under way reads."""
        self._owners = {
            id(seen.param.grad): seen
            for trainer in self._stepping
            for seen in trainer.params
            if seen.param.grad is not None
        }

    def stepped(self, optimizer: Any) -> None:
        while self._stepping:  # one that ended with an error has left its entry
            trainer = self._stepping.pop()
            if trainer.optimizer is optimizer:
                trainer.steps += 1
                self.clock += 1
                self.steps = max(self.steps, trainer.steps)
                self.tell("step_ended", trainer)
                return

    def closes(self) -> None:
        """Let go of what was only of use while it was told."""
        self.calls.forget()
        self._stack.clear()

    # -- loaders ----------------------------------------------------------------------------------

    def loads(self, loader: Any) -> None:
        self._loaders[id(loader)] = (loader, self.here())

    def batches(self, loader: Any, jobs: Iterator[Any]) -> Iterator[Any]:
        made = self._loaders.get(id(loader))
        self.tell("epoch", loader, None if made is None else made[1])
        return self._shortened(jobs)

    def _shortened(self, jobs: Iterator[Any]) -> Iterator[Any]:
        """The first batches of an epoch and the last one, which may be smaller."""
        begun, work = time.process_time(), self.work
        for job in jobs:
            trained = self.work - work
            long = time.process_time() - begun > LONG
            if trained >= ENOUGH or (long and (trained >= 3 or not trained)):
                for last in jobs:
                    self.cut, job = True, last
                yield job
                return
            yield job


def _same(facts: list[Fact | None]) -> bool:
    """Whether all of these were made by the same op."""
    return len({"" if fact is None else fact.op for fact in facts}) == 1


def _by_user() -> bool:
    """Whether it is the user's code that calls this module."""
    frame = sys._getframe(1)
    while frame.f_code.co_name in ("enters", "_followed", "__call__", "_by_user", "tell"):
        assert frame.f_back is not None
        frame = frame.f_back
    return not ours(frame.f_code.co_filename)


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _tensors(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from _tensors(part)


def norm(arrays: Sequence[Any]) -> float:
    """The Euclidean norm of all numbers."""
    with np.errstate(all="ignore"):
        return math.sqrt(sum(float(np.vdot(a, a)) for a in (np.asarray(x, float) for x in arrays)))
