"""Taking turns: each engine's process runs for a while, then the next, many times over.

The machine's speed drifts, so only times of one run are compared, and rounds in which another
process used the processor are thrown away (a parallel region waits for its slowest thread, so one
busy core can slow a step fiftyfold).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np

from benchmarks.engines import ENGINES
from benchmarks.process import Process

PAUSE = 0.05
"""Seconds before a round, in which the threads of the last one fall asleep."""
FOREIGN_SHARE = 0.06
"""A round counts while others use less than this share of one core."""
PATIENCE = 4
"""Rounds are tried so many times as often as wanted before disturbed ones count."""


class Rounds(Protocol):
    """What can be asked for a round: milliseconds a call ``ms``, the share of a core that others
    used ``foreign``, memory ``peak_mb``."""

    def round(self, seconds: float) -> dict[str, Any]: ...


class Worker(Process):
    """An engine with a case in its own process, as a block: at its end the process is gone.

    Attributes:
        told: what the process said when it was warm: ``absent`` or ``failed`` with the reason, or
            what `benchmarks.worker` tells.
    """

    def __init__(self, engine: str, case: str, *, device: str, seconds: float) -> None:
        self.engine = engine
        super().__init__(
            "benchmarks.worker",
            [engine, case, "--device", device, "--seconds", str(seconds)],
            ENGINES[engine].environment,
        )

    def __enter__(self) -> Self:
        try:
            self.told = self.hear()
        except BaseException:
            self.end()
            raise
        return self

    def round(self, seconds: float) -> dict[str, Any]:
        """One round of at least so many seconds."""
        self.say(str(seconds))
        return self.hear()


@dataclass
class Measurement:
    """The times of one engine, a number a round: milliseconds for one call.

    Attributes:
        quiet, disturbed: the times of rounds in which nobody, or somebody, else was busy.
        failed: why there are no more rounds, if that is so.
    """

    quiet: list[float] = field(default_factory=list)
    disturbed: list[float] = field(default_factory=list)
    peak_mb: float | None = None
    failed: str | None = None

    def add(self, told: dict[str, Any]) -> None:
        """Take a round's message."""
        if "failed" in told:
            self.failed = told["failed"]
            return
        (self.disturbed if told["foreign"] > FOREIGN_SHARE else self.quiet).append(told["ms"])
        self.peak_mb = told["peak_mb"]

    def summary(self) -> dict[str, Any]:
        """Median, 10th and 90th percentile in milliseconds, and on how many quiet rounds they
        stand: 0 says that the machine was never quiet and disturbed rounds had to do."""
        low, middle, high = np.percentile(self.quiet or self.disturbed, [10, 50, 90])
        return {
            "median_ms": float(middle),
            "p10_ms": float(low),
            "p90_ms": float(high),
            "rounds": len(self.quiet),
            "peak_memory_mb": None if self.peak_mb is None else round(self.peak_mb, 1),
        }


def take_turns(
    workers: Mapping[str, Rounds],
    *,
    rounds: int,
    seconds: float,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Measurement]:
    """Time all in so many quiet rounds each, one after the other.

    A round that others disturbed is repeated, `PATIENCE` times as often as wanted at most.
    """
    found = {name: Measurement() for name in workers}

    def wanting(name: str) -> bool:
        return found[name].failed is None and len(found[name].quiet) < rounds

    for _ in range(PATIENCE * rounds):
        for name in filter(wanting, workers):
            time.sleep(PAUSE)
            found[name].add(workers[name].round(seconds))
        going = [name for name in workers if found[name].failed is None]
        progress(min((len(found[name].quiet) for name in going), default=rounds))
        if not any(map(wanting, workers)):
            break
    return found
