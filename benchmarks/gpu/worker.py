"""``python -m benchmarks.gpu.worker CONTENDER CASE``: a contender with a case in its own process.

It speaks as `benchmarks.worker` does; a round of 0 seconds asks for its last words.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from dataclasses import dataclass
from typing import Any

from benchmarks.case import Case, Step
from benchmarks.catalogue import CASES
from benchmarks.engines.contender import Contender
from benchmarks.engines.engine import magnitude
from benchmarks.gpu.contenders import ENTRIES, TRUTH
from benchmarks.gpu.large import LARGE
from benchmarks.gpu.policies import POLICIES
from benchmarks.machine import cores
from benchmarks.usage import Watch
from benchmarks.worker import REHEARSAL, serve

TOGETHER = 8
"""Steps that one graph may do: blocks are so many, or a multiple."""


@dataclass(frozen=True)
class Steps:
    """How many there are.

    Attributes:
        prepared: calls after which everything is compiled, captured and replayed.
        later: the step after the first whose loss is told.
        together: in a block, or a multiple.
    """

    prepared: int = 5
    later: int = 10
    together: int = TOGETHER


SMALL = Steps(3, 2, 2)
"""For a dry run."""
CHECKED = {"alexnet28": 8, "resnet34": 4, **{case.name: 2 for case in LARGE}}
"""Rows on which large cases are compared with float64, which takes long on a CPU."""


class Work:
    """A case with a contender, warmed up.

    Attributes:
        told: what the parent is to know before the first round: among others ``losses`` of steps 0
            and 10 from the first weights on and ``gradients`` of step 0, without dropout.
    """

    def __init__(self, asked: argparse.Namespace) -> None:
        self.counts = SMALL if asked.small else Steps()
        self.engine: Contender = ENTRIES[asked.contender].load(asked.device)  # type: ignore[assignment]
        self.engine.use(POLICIES[asked.policy])
        self.engine.rehearse(REHEARSAL)
        case, rows = CASES[asked.case], asked.rows
        most = CHECKED.get(asked.case)
        few = rows if most is None else min(most, rows or most)
        self.step, compile_s = self._made(case, few, calm=True)
        losses, gradients = self._checked()
        self.told: dict[str, Any] = {"losses": losses, "gradients": gradients, "checked_rows": few}
        if asked.contender == TRUTH:
            return
        self.steps, self.timed = 1 + self.counts.later, losses
        if case.random or few != rows:
            del self.step
            gc.collect()
            self.step, compile_s = self._made(case, rows, calm=False)
            self.engine.again()
            self.steps = 0
            self.timed = [self._loss(1), self._loss(self.counts.later)]
        ms = self._warm_up(asked.seconds)
        self.told |= {
            "compile_s": max(0.0, compile_s - self.counts.prepared * ms / 1000),
            "batch": self.engine.batch,
            "path": self.engine.path(self.step),
            "versions": {self.engine.library: self.engine.version()},
            "params": sum(p.numel() for m in self.engine.models for p in m.parameters()),
        }

    def _made(self, case: Case, rows: int | None, calm: bool) -> tuple[Step, float]:
        """The step after its first calls, and the seconds that they took."""
        self.engine.rows = rows
        step = self.engine.begin(case, calm)
        start = time.perf_counter()
        for _ in range(self.counts.prepared):
            step()
        self.engine.synchronize()
        return step, time.perf_counter() - start

    def _checked(self) -> tuple[list[float], list[list[float]]]:
        """Losses and gradients from the first weights on."""
        self.engine.again()
        first = magnitude(self.engine.arrays(self.step()))
        gradients = self.engine.gradients()
        later = magnitude(self.engine.arrays(self.engine.advance(self.step, self.counts.later)))
        return [first, later], gradients

    def _loss(self, count: int) -> float:
        """The loss after so many steps more."""
        self.steps += count
        return magnitude(self.engine.arrays(self.engine.advance(self.step, count)))

    def _advance(self, count: int) -> None:
        self.engine.advance(self.step, count)
        self.steps += count

    def _warm_up(self, seconds: float) -> float:
        """Work for so long, at least; returns milliseconds a step."""
        watch, count = Watch(), self.counts.together
        while True:
            begun = watch.elapsed()
            self._advance(count)
            self.engine.synchronize()
            took = watch.elapsed() - begun
            if watch.elapsed() >= seconds:
                self.ms = 1000 * took / count
                return self.ms
            count *= 2

    def round(self, seconds: float) -> dict[str, Any]:
        """Milliseconds a step by both clocks, over a block of about so many seconds; a quarter of
        it is done before, untimed."""
        if seconds == 0:
            return self._last_words()
        each = self.counts.together
        count = max(1, round(1000 * seconds / self.ms / each)) * each
        self._advance(max(each, count // 4 // each * each))
        self.engine.synchronize()
        gc.collect()
        clock = self.engine.clock(self.step)
        watch = Watch()
        stop = None if clock is None else clock()
        self._advance(count)
        device = None if stop is None else stop()
        self.engine.synchronize()
        elapsed = watch.elapsed()
        self.ms = 1000 * elapsed / count
        return {
            "ms": self.ms,
            "device_ms": None if device is None else device / count,
            "steps": count,
            # Others disturb where they leave too few cores, not by being there.
            "foreign": max(0.0, watch.foreign() - max(0, cores() - 2)),
            "peak_mb": None,
        }

    def _last_words(self) -> dict[str, Any]:
        losses = [*self.timed, self._loss(1)]
        steps, held = self.steps, self.engine.bytes_held()
        counts: dict[str, Any]
        try:
            counts = self.engine.counted(self.step)
        except RuntimeError as error:  # a profiler needs rights that not everybody has
            counts = {"unknown": str(error)}
        return {"loss": losses, "steps": steps, "peak_bytes": held, "counts": counts}


def main(arguments: list[str] | None = None) -> int:
    """Serve until the input ends; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu.worker", description=__doc__)
    parser.add_argument("contender", choices=ENTRIES)
    parser.add_argument("case", help="a name that python -m benchmarks --list shows")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--policy", choices=POLICIES, default="default")
    parser.add_argument("--rows", type=int, help="so many rows of the batch; default: all")
    parser.add_argument("--seconds", type=float, default=0.5, help="of warming up")
    parser.add_argument("--small", action="store_true", help="few steps, for a dry run")
    asked = parser.parse_args(arguments)
    return serve(lambda: Work(asked))


if __name__ == "__main__":
    sys.exit(main())
