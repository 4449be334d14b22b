"""A run: cases on engines, what they need to be compared, and what the reader has to know."""

from __future__ import annotations

import platform
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, TypeAlias

import numpy as np

from benchmarks.case import Case
from benchmarks.machine import commit, machine
from benchmarks.turns import Worker, take_turns

BASES = ("torch", "torch-malloc")
"""What ratios are taken against: PyTorch as shipped, and with its allocator tuned."""
AGREEMENT = 1e-4
"""The results of the first steps differ by less, relative, if engines compute the same."""

Progress: TypeAlias = Callable[[str, str, int], None]
"""Told a case, what goes on, and how many of its rounds are done."""


class Run:
    """Cases on engines, on one machine, one after the other.

    Attributes:
        wrong: what makes figures missing or meaningless: failures and differing results.
    """

    def __init__(self, engines: list[str], *, device: str, rounds: int, seconds: float) -> None:
        self.engines, self.device, self.rounds, self.seconds = engines, device, rounds, seconds
        self.wrong: list[str] = []
        self._disturbed: list[str] = []
        self._absent: dict[str, list[str]] = {}  # by reason
        self._versions: dict[str, str] = {}
        self._blas: dict[str, Any] = {}

    def notes(self) -> list[str]:
        """What else the reader has to know: engines that are absent, rounds that were disturbed."""
        absent = [f"{', '.join(names)}: absent: {why}" for why, names in self._absent.items()]
        return [*absent, *self._disturbed]

    def head(self) -> dict[str, Any]:
        """Machine, versions and commit, for a report."""
        versions = {"python": platform.python_version(), "numpy": np.__version__}
        return {
            "machine": {**machine(self.device), "blas": self._blas},
            "versions": {**self._versions, **versions},
            "commit": commit(),
        }

    def measure(
        self, case: Case, progress: Progress = lambda case, what, done: None
    ) -> dict[str, Any]:
        """The times of one case by engine. Engines that are absent or fail are left out."""
        with ExitStack() as stack:
            workers = {}
            for name in self.engines:
                progress(case.name, f"{name} warms up", 0)
                worker = stack.enter_context(
                    Worker(name, case.name, device=self.device, seconds=self.seconds)
                )
                if self._usable(worker, case):
                    workers[name] = worker
            results = {name: worker.told["results"] for name, worker in workers.items()}
            self.wrong += differences(case, results)
            found = take_turns(
                workers,
                rounds=self.rounds,
                seconds=self.seconds,
                progress=lambda done: progress(case.name, "rounds", done),
            )
        times = {}
        for name, measurement in found.items():
            if measurement.failed is not None:
                self.wrong.append(f"{case.name}: {name} failed: {measurement.failed}")
                continue
            times[name] = {**measurement.summary(), "path": workers[name].told["path"]}
        few = {
            name: found["rounds"] for name, found in times.items() if found["rounds"] < self.rounds
        }
        if few:
            quiet = ", ".join(f"{name} {count}" for name, count in few.items())
            self._disturbed.append(
                f"{case.name}: others were busy; quiet were of {self.rounds} rounds: {quiet}; "
                "repeat it on a quiet machine"
            )
        return times

    def _usable(self, worker: Worker, case: Case) -> bool:
        """Whether it is ready for rounds; if not, say why."""
        told = worker.told
        if "failed" in told:
            self.wrong.append(f"{case.name}: {worker.engine} failed: {told['failed']}")
        elif "absent" in told:
            names = self._absent.setdefault(told["absent"], [])
            if worker.engine not in names:
                names.append(worker.engine)
        else:
            self._versions |= told["versions"]
            self._blas[worker.engine] = told["blas"]
            return True
        return False


def differences(case: Case, results: dict[str, list[float]]) -> list[str]:
    """What is wrong where engines do not return the same at each of their first steps: ratios mean
    nothing then. Where each side draws its own numbers, nothing can be said."""
    found: list[str] = []
    if case.random or not results:
        return found
    truth = "torch" if "torch" in results else next(iter(results))
    for name, values in results.items():
        for i, (value, true) in enumerate(zip(values, results[truth], strict=True)):
            if not abs(value - true) <= AGREEMENT * abs(true):
                found.append(
                    f"{case.name}: {name} does not compute the same: step {i + 1} returned "
                    f"{value:.7g}, {truth}'s {true:.7g}; its figures mean nothing"
                )
                break
    return found


def ratios(times: dict[str, Any]) -> dict[str, float]:
    """Medians divided by PyTorch's: ``minigrad/torch`` and so on."""
    return {
        f"{name}/{base}": times[name]["median_ms"] / times[base]["median_ms"]
        for base in BASES
        if base in times
        for name in times
        if name not in BASES[: BASES.index(base) + 1]
    }
