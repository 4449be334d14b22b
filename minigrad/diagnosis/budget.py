"""When a loop has shown enough."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

from minigrad.diagnosis.watcher import Watcher

INNER = 16
"""Steps in a loop within a loop: of an epoch so many are done."""
FEW, MANY = 45, 120
"""Steps of a loop that is in no other one: at least the few, at most the many."""
EPOCHS = 3
"""So many times an outer loop goes round at least."""
SOON, LATE, DEADLINE = 0.15, 4.0, 60.0
"""Seconds: of computing, from when on the few steps are enough, and from when on fewer will do; of
the clock, when the script is ended wherever it is."""


class OutOfTime(BaseException):
    """The script took too long, in a loop that does not train."""


class _Loop:
    __slots__ = ("begun", "rounds", "work")

    def __init__(self, work: int) -> None:
        self.begun, self.work, self.rounds = time.process_time(), work, 0


class Budget:
    """Told by every loop of a script at each round; a loop in which nothing is trained is left
    alone, for what it gathers may be needed in full."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher
        self.loops: list[_Loop] = []
        self.begun = time.monotonic()

    def go(self, items: Iterable[Any]) -> Iterator[Any]:
        """The items of a for loop, until they are enough."""
        loop = self.enter()
        try:
            for item in items:
                if self._enough(loop):
                    self.watcher.cut = True
                    return
                yield item
        finally:
            self.leave(loop)

    def enter(self) -> _Loop:
        """A while loop begins."""
        loop = _Loop(self.watcher.work)
        self.loops.append(loop)
        return loop

    def more(self, loop: _Loop) -> bool:
        """Whether a while loop is to go round once more."""
        enough = self._enough(loop)
        self.watcher.cut |= enough
        return not enough

    def leave(self, loop: _Loop) -> None:
        """A loop has ended."""
        if loop in self.loops:
            del self.loops[self.loops.index(loop) :]

    def _enough(self, loop: _Loop) -> bool:
        work, rounds = self.watcher.work - loop.work, loop.rounds
        loop.rounds += 1
        if time.monotonic() - self.begun > DEADLINE:
            raise OutOfTime
        if not work:
            return False
        spent = time.process_time() - loop.begun
        within = self.loops.index(loop) > 0 if loop in self.loops else False
        if within:
            return work >= INNER or (spent > LATE / 2 and rounds >= 2)
        if spent > LATE and rounds >= 2:
            return True
        if rounds < EPOCHS or work < FEW:
            return False
        return spent > SOON or work >= MANY
