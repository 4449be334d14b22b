"""``python -m benchmarks.worker ENGINE CASE``: one engine with one case in a process of its own.

It speaks JSON, a line a message. First it tells what it made, or why it did not: ``{"absent": ..}``
or ``{"failed": ..}``. Then each line with a number of seconds on its standard input asks for a
round of at least that length; between rounds it sleeps in that read. It ends with its input.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

from benchmarks.case import Case, Supervised, floats, truths
from benchmarks.catalogue import CASES
from benchmarks.engines import ENGINES
from benchmarks.networks import Dense
from benchmarks.process import end_with_parent
from benchmarks.usage import Watch, forget_peak, peak_mb
from benchmarks.voice import voice

FIRST_STEPS = 5
"""Whose results are told: the first of a compiled step run op by op, then it is recorded."""
REHEARSAL = Case(
    "rehearsal",
    "a small step of what most cases use",
    Supervised(
        Dense((2, 2, 1), "Sigmoid"), floats(4, 2), truths(4, 1), "MSELoss", "Adam", {"lr": 0.01}
    ),
)


class Work:
    """A case on an engine, warmed up.

    Attributes:
        told: what the parent is to know before the first round.
    """

    def __init__(self, engine: str, case: str, device: str, seconds: float) -> None:
        from benchmarks.engines.engine import magnitude

        self.engine = ENGINES[engine].load(device)
        self.engine.check(CASES[case])
        self.engine.rehearse(REHEARSAL)
        gc.collect()
        forget_peak()
        self.before = peak_mb()
        self.step = self.engine.step(CASES[case])
        results = [magnitude(self.engine.arrays(self.step())) for _ in range(FIRST_STEPS)]
        self.calls = self._warm_up(seconds)
        self.told: dict[str, Any] = {
            "results": results,
            "path": self.engine.path(self.step),
            "versions": {self.engine.library: self.engine.version()},
            "blas": self.engine.blas(),
        }

    def _warm_up(self, seconds: float) -> int:
        """Run until caches and pools are filled; returns how many calls take a tenth of a round."""
        watch, count = Watch(), 0
        while watch.elapsed() < seconds:
            self.step()
            count += 1
        self.engine.synchronize()
        gc.collect()
        return max(1, int(count * seconds / watch.elapsed() / 10))

    def round(self, seconds: float) -> dict[str, Any]:
        """Milliseconds a call over at least so many seconds, and how busy the others were."""
        self.step()  # threads awake, caches warm
        self.engine.synchronize()
        watch, count = Watch(), 0
        while watch.elapsed() < seconds:
            for _ in range(self.calls):
                self.step()
            self.engine.synchronize()
            count += self.calls
        elapsed, foreign = watch.elapsed(), watch.foreign()
        return {"ms": 1000 * elapsed / count, "foreign": foreign, "peak_mb": self._peak()}

    def _peak(self) -> float | None:
        now = peak_mb()
        return None if now is None or self.before is None else now - self.before


def main(arguments: list[str] | None = None) -> int:
    """Serve until the input ends; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worker", description=__doc__)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("case", help="a name that python -m benchmarks --list shows")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seconds", type=float, default=0.2, help="of warming up")
    asked = parser.parse_args(arguments)
    return serve(lambda: Work(asked.engine, asked.case, asked.device, asked.seconds))


def serve(make: Callable[[], Any]) -> int:
    """Make the work, tell what it is told, then a round for each line of the input; returns the
    exit code."""
    from benchmarks.engines.engine import Absent

    end_with_parent()
    with voice() as spoken:

        def say(message: dict[str, Any]) -> None:
            print(json.dumps(message), file=spoken, flush=True)

        try:
            work = make()
            say(work.told)
            for line in sys.stdin:
                say(work.round(float(line)))
        except Absent as error:
            say({"absent": str(error)})
        except Exception as error:
            traceback.print_exc()
            say({"failed": f"{type(error).__name__}: {error}"})
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
