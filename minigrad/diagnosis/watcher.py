"""Who follows a script: it notes what is done, and tells the checks."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from minigrad.calls import Call
from minigrad.diagnosis.check import Check
from minigrad.diagnosis.seen import Forward, Trainer, Walk
from minigrad.diagnosis.trace import Trace
from minigrad.lines import ours
from minigrad.tensor import Tensor

ENOUGH = 12
"""Batches of an epoch that are trained on before the doctor goes to the last one."""
LONG = 1.0
"""Seconds that an epoch without training may take before it goes there as well."""
SMALL = 200_000
"""Leaves of fewer numbers are kept as they were at first."""


class Watcher(Trace):
    """Told of everything by the door, the tape, modules, optimizers and loaders.

    Attributes:
        steps: how many steps have been done, by the optimizer that did most.
        trainers, walks_seen: what was seen of optimizers and walks back.
        cut: whether anything was made shorter.
    """

    def __init__(self, checks: Sequence[type[Check]]) -> None:
        super().__init__()
        self.checks = [check(self) for check in checks]
        self.steps = 0
        self.cut = False
        self.trainers: dict[int, Trainer] = {}
        self.walks_seen: list[Walk] = []
        self._walk: Walk | None = None
        self._loader: Any = None
        self._loaders: dict[int, tuple[Any, Call]] = {}
        self._listening = {
            name: [c for c in self.checks if getattr(type(c), name) is not getattr(Check, name)]
            for name in dir(Check)
            if not name.startswith("_")
        }

    @property
    def walk_under_way(self) -> Walk | None:
        """The walk back that has begun and not ended."""
        return self._walk

    @property
    def work(self) -> int:
        """How much training was done: steps, or walks back where no step is ever done."""
        return self.steps or len(self.walks_seen)

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
        return self._shortened(loader, jobs)

    def _shortened(self, loader: Any, jobs: Iterator[Any]) -> Iterator[Any]:
        """The first batches of an epoch and the last one, which may be smaller."""
        begun, work, around = time.process_time(), self.work, self._loader
        for job in jobs:
            trained = self.work - work
            long = time.process_time() - begun > LONG
            enough = trained >= ENOUGH or (long and (trained >= 3 or not trained))
            if enough:
                for last in jobs:
                    self.cut, job = True, last
            self._gives(loader)
            yield job
        self._gives(around)

    def _gives(self, loader: Any) -> None:
        """What comes now is of this loader's batches."""
        self._loader = loader
        self.tell("batch", loader)


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
