"""Taking turns: each engine runs for a while, then the next, many times over.

The machine's speed drifts, so only times of one run are compared, and rounds in which another
process used the processor are thrown away (a parallel region waits for its slowest thread, so one
busy core can slow a step fiftyfold).
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

ROUND_SECONDS = 0.2
FOREIGN_SHARE = 0.06
"""A round counts while others use less than this share of one core."""


@dataclass
class Measurement:
    """The times of one engine, a number a round: milliseconds for one step."""

    times: list[float] = field(default_factory=list)
    disturbed: int = 0

    def summary(self) -> dict[str, float | int]:
        """Median, 10th and 90th percentile in milliseconds, and how many rounds they stand on."""
        low, middle, high = np.percentile(self.times, [10, 50, 90])
        return {
            "median_ms": float(middle),
            "p10_ms": float(low),
            "p90_ms": float(high),
            "rounds": len(self.times),
            "disturbed_rounds": self.disturbed,
        }


def take_turns(
    steps: dict[str, Callable[[], Any]],
    synchronize: dict[str, Callable[[], None]],
    *,
    rounds: int,
    progress: Callable[[], None] = lambda: None,
) -> dict[str, Measurement]:
    """Time every step in ``rounds`` rounds, one engine after the other, after a warm-up.

    A round that others disturbed is repeated, at most as often again; if the machine is never
    quiet, the disturbed rounds count after all and the report says so.
    """
    found = {name: Measurement() for name in steps}
    spare: dict[str, list[float]] = {name: [] for name in steps}
    calls = {name: _warm_up(step, synchronize[name]) for name, step in steps.items()}
    gc.collect()
    for attempt in range(2 * rounds):
        for name, step in steps.items():
            measurement = found[name]
            if len(measurement.times) >= rounds:
                continue
            milliseconds, foreign = _round(step, synchronize[name], calls[name])
            if foreign > FOREIGN_SHARE:
                measurement.disturbed += 1
                spare[name].append(milliseconds)
            else:
                measurement.times.append(milliseconds)
        if attempt < rounds:
            progress()
    for name, measurement in found.items():
        if len(measurement.times) < 3:
            measurement.times += spare[name]
    return found


def _warm_up(step: Callable[[], Any], synchronize: Callable[[], None]) -> int:
    """Run until caches and pools are filled; returns how many calls make a round."""
    step()
    synchronize()
    start = time.perf_counter()
    count = 0
    while time.perf_counter() - start < ROUND_SECONDS:
        step()
        count += 1
    synchronize()
    return max(1, round(count * ROUND_SECONDS / (time.perf_counter() - start)))


def _round(
    step: Callable[[], Any], synchronize: Callable[[], None], calls: int
) -> tuple[float, float]:
    """Milliseconds a call, and the share of one core that other processes used meanwhile."""
    busy, own = _busy_seconds(), _own_seconds()
    start = time.perf_counter()
    for _ in range(calls):
        step()
    synchronize()
    elapsed = time.perf_counter() - start
    foreign = (_busy_seconds() - busy) - (_own_seconds() - own)
    # The system counts in hundredths of a second; two of them are no sign of anybody.
    return 1000 * elapsed / calls, max(0.0, foreign - 0.02) / elapsed


def _busy_seconds() -> float:
    """Processor time of everybody on this machine; 0 where the system does not tell."""
    try:
        with open("/proc/stat") as file:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(
                int, file.readline().split()[1:9]
            )
    except (OSError, ValueError):
        return 0.0
    ticks = user + nice + system + irq + softirq + steal
    return ticks / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
