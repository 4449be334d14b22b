"""The parts one after the other, or some beside each other, each in its own process: what one of
them does to itself harms no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

from benchmarks.gpu import parts
from benchmarks.gpu.part import BESIDE, Asked, Part, groups
from benchmarks.gpu.record import ENDED, Record

Runner = Callable[[str, Asked, float, Mapping[str, str]], Iterator[dict[str, Any]]]
Shown = Callable[[Part, str], None]


def _silent(part: Part, state: str) -> None:
    pass


class Queue:
    """The parts of a plan that are not done yet, by value.

    A part begins only where all of its limit is left of the run's seconds; where it is not, a later
    one that fits is done in its place.

    Attributes:
        report: is told a part and its state whenever that changes.
    """

    def __init__(
        self,
        plan: Sequence[Part],
        record: Record,
        device: str,
        seconds: float,
        *,
        stretch: float = 1.0,
        run: Runner = parts.told,
        clock: Callable[[], float] = time.monotonic,
        shown: Shown = _silent,
    ) -> None:
        self.plan, self.record, self.device = plan, record, device
        self.stretch, self._run, self._clock, self._shown = stretch, run, clock, shown
        self._end = clock() + seconds
        self._stopped = threading.Event()

    def run(self) -> None:
        """Do what is left, as far as the time goes."""
        for group in groups(self.plan):
            todo = [part for part in group if self.record.state(part.name) not in ENDED]
            if len(todo) == 1:
                self._do(todo[0])
            elif todo:
                self._together(todo)
        states = [self.record.state(part.name) for part in self.plan]
        self.record.finish(all(state in ENDED for state in states))

    def _together(self, todo: list[Part]) -> None:
        """Some at once. Ctrl-C reaches this thread alone: then the others begin nothing more, and
        their parts are ended."""
        with ThreadPoolExecutor(BESIDE) as pool:
            waiting = {pool.submit(self._do, part) for part in todo}
            try:
                while waiting:
                    ready, waiting = wait(waiting, 0.5, FIRST_COMPLETED)
                    for each in ready:
                        each.result()
            except BaseException:
                self._stopped.set()
                parts.stop()
                raise

    def _do(self, part: Part) -> None:
        seconds = self.stretch * part.seconds
        if self._stopped.is_set():
            return
        if self._end - self._clock() < seconds:
            self.record.leave(part.name)
            self._shown(part, "left")
            return
        begun = self._clock()
        asked = Asked(self.device, parts.MARGIN * seconds, **{**part.facts, **self._given(part)})
        self.record.begin(part)
        self._shown(part, "running")
        state, why = "crashed", "it said no last word"
        module = part.module or f"benchmarks.gpu.{part.kind}"
        for heard in self._run(module, asked, seconds, part.settings):
            if self._stopped.is_set():
                return
            if "done" in heard:
                state, why = "done", ""
            elif "state" in heard:
                state, why = heard["state"], heard["failed"]
            else:
                self.record.add(part.name, heard)
        self.record.end(part.name, state, self._clock() - begun, why or None)
        self._shown(part, state)

    def _given(self, part: Part) -> dict[str, Any]:
        """What earlier parts found that this one needs."""
        _, _, case = part.name.partition(":")
        truth = self.record.parts.get(f"truths:{case.partition(':')[0]}")
        if part.kind != "steps" or truth is None or not truth["findings"]:
            return {}
        return {"truth": truth["findings"][-1]}
