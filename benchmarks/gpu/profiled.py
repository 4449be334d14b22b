"""``python -m benchmarks.gpu.profiled CASE``: one step of a case for a profiler to look at."""

from __future__ import annotations

import sys

from benchmarks.gpu.part import Asked
from benchmarks.gpu.profile import made
from minigrad.device import cupy


def main(case: str) -> None:
    """Make the step, then do it once while the profiler looks."""
    engine, step = made(Asked("cuda", 0.0, case))
    profiler = cupy().cuda.profiler
    profiler.start()
    step()
    engine.synchronize()
    profiler.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
