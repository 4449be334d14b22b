"""Graphs that grow from step to step, and graphs that are walked twice."""

from __future__ import annotations

import weakref
from typing import Any

from minigrad.calls import Call
from minigrad.diagnosis.check import Check, Happened
from minigrad.diagnosis.seen import Walk

OLD = 4
"""So many steps a graph may reach back."""
KEPT = 8
"""So many losses that were walked already may be alive."""


class Graph(Check):
    """A result that depends on that of the step before, which depends on the one before it: its age
    grows. Losses that are kept on the tape stay alive."""

    def __init__(self, watcher: Any) -> None:
        super().__init__(watcher)
        self.roots: list[tuple[weakref.ref[Any], Call, int]] = []
        self.last: dict[int, tuple[int, int, int]] = {}

    def op(self, event: Happened) -> None:
        if not event.result.tracked:
            return
        fact = self.watcher.facts.of(event.result)
        if fact is not None and fact.age >= OLD and fact.older is not None:
            self.found(
                "graph-grows",
                fact.older,
                f"{fact.older.name} makes the graph longer in each step: it reaches back over "
                f"{fact.age} steps",
            )

    def walks(self, walk: Walk) -> None:
        for y in walk.roots:
            fact = self.watcher.facts.of(y)
            if y.node is not None and walk.adds and fact is not None:
                self._again(y, walk)
                self.roots.append((weakref.ref(y), fact.call, self.watcher.clock))
        if len(self.roots) % KEPT == 0:
            self._kept()

    def _again(self, y: Any, walk: Walk) -> None:
        """The same loss, walked a second time on top of the first."""
        if walk.loss is None:
            return
        for seen, _, clock in self.roots[-3:]:
            if seen() is y and clock == self.watcher.clock:
                if any(s.fresh for s in self.watcher.leaves.values()):
                    self.found(
                        "backward-twice",
                        walk.call,
                        "backward() was called a second time on the same loss, and its gradients "
                        "were added to those of the first",
                    )

    def _kept(self) -> None:
        """Whether the losses of former steps are still alive: while the script is."""
        former = self.roots[:-2]
        alive = [(call, clock) for seen, call, clock in former if seen() is not None]
        kept = {clock for _, clock in alive}
        if len(kept) >= KEPT and len(kept) >= 0.8 * len({clock for _, _, clock in former}):
            self.found(
                "graph-grows",
                alive[0][0],
                f"{len(alive)} of {len(former)} losses were kept on the tape after their "
                "backward()",
            )
