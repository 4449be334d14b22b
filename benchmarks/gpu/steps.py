"""Step times: all contenders of a case under a policy, taking turns, with their numbers beside."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from benchmarks.case import Case, Supervised
from benchmarks.catalogue import CASES
from benchmarks.gpu.budget import Budget
from benchmarks.gpu.contenders import ENTRIES, TRUTH
from benchmarks.gpu.policies import POLICIES, Policy
from benchmarks.gpu.record import Record
from benchmarks.process import Process
from benchmarks.turns import take_turns

WARM = 0.5
"""Seconds of steps before a contender's first block."""
PATIENCE = 150.0
"""Seconds that a contender has until it is warm: torch.compile takes most of them."""
BASE = "torch-eager"
COMPILED = ("torch-compile", "torch-compile-ro")
NEAR = 4.0
"""A gradient may be so many times as far from float64 as PyTorch's, where that is far."""
STATE = {"SGD": 1, "Adam": 2}
"""Numbers that an optimizer keeps for each parameter, with momentum."""

Told = dict[str, Any]


class Contestant(Process):
    """A contender's process.

    Attributes:
        told: what it said when it was warm.
        blocks: what its rounds were, raw.
        failure: what it said in place of a round.
    """

    def __init__(self, name: str, options: list[str], budget: Budget) -> None:
        self.budget = budget
        self.told: Told = {}
        self.blocks: list[Told] = []
        self.failure: Told = {}
        super().__init__("benchmarks.gpu.worker", [name, *options], ENTRIES[name].environment)

    def round(self, seconds: float) -> Told:
        """A block of steps; none where the time is over."""
        if self.budget.left() <= 0:
            heard: Told = {"failed": "the time was over", "late": True}
        else:
            self.say(str(seconds))
            heard = self.hear(60)
        if "failed" in heard:
            self.failure = heard
        else:
            self.blocks.append(heard)
        return heard

    def last_words(self) -> Told:
        """What it knows after its last block."""
        self.say("0")
        return self.hear(60)


class Steps:
    """The cells, each a case under a policy, one after the other."""

    def __init__(
        self, record: Record, budget: Budget, device: str, rows: int | None, names: Sequence[str]
    ) -> None:
        self.record, self.budget, self.names = record, budget, names
        self.device, self.rows = device, rows
        self.dry = device == "simulated"
        self.rounds, self.seconds, self.warm = (2, 0.02, 0.05) if self.dry else (7, 0.15, WARM)
        self.first = 5.0 if self.dry else 45.0  # seconds that the first cell is thought to take
        self.needed: dict[int, float] = {}  # the longest so far, by how many contenders
        self.truths: dict[str, Told] = {}

    def all(self, cases: Sequence[str], policies: Sequence[str], keep: float) -> None:
        """Every cell, as long as there is time: all cases under the first policy, then under the
        next, where those are left out that take long to compile. ``keep``: seconds that have to be
        left."""
        quick = [name for name in self.names if name not in COMPILED]
        for policy in policies:
            names = self.names if policy == policies[0] else quick
            if len(names) < len(self.names):
                left_out = ", ".join(sorted(set(self.names) - set(names)))
                words = f"{left_out} under {policy}: for these ask for this policy alone"
                self.record.tell("skipped", f"steps: {words}")
            for case in cases:
                needed = self.needed.get(len(names), self.first)
                if self.budget.left() - keep < needed:
                    self.record.tell("skipped", f"steps: {case} under {policy}: no time was left")
                    continue
                begun = time.monotonic()
                self.cell(CASES[case], POLICIES[policy], names)
                self.needed[len(names)] = max(
                    self.needed.get(len(names), 0.0), time.monotonic() - begun
                )

    def cell(self, case: Case, policy: Policy, contenders: Sequence[str]) -> None:
        """These contenders of a case under a policy."""
        where = f"{case.name}, {policy.name}"
        with ExitStack() as stack:
            names = [*contenders, *([] if case.name in self.truths else [TRUTH])]
            started = {
                name: stack.enter_context(self._started(name, case, policy)) for name in names
            }
            end = time.monotonic() + min(PATIENCE, max(20.0, self.budget.left()))
            for name, process in started.items():
                process.told = process.hear(max(1.0, end - time.monotonic()))
                self._hear_of(where, name, process.told)
            truth = started.pop(TRUTH, None)
            if truth is not None:
                truth.end()
                if "losses" in truth.told:
                    self.truths[case.name] = truth.told
            ready = {name: each for name, each in started.items() if "losses" in each.told}
            take_turns(ready, rounds=self.rounds, seconds=self.seconds)
            for name, process in ready.items():
                self._hear_of(where, name, process.failure)
                if process.blocks:
                    found = self._run(case, policy, name, process)
                    for line in self._wrong(case, policy, found):
                        self.record.tell("wrong", f"{where}: {name}: {line}")
                    self.record.add("runs", found)

    def _started(self, name: str, case: Case, policy: Policy) -> Contestant:
        options = [case.name, "--policy", policy.name, "--device", self.device_of(name)]
        options += ["--seconds", str(self.warm)]
        options += [] if self.rows is None else ["--rows", str(self.rows)]
        return Contestant(name, options, self.budget)

    def device_of(self, name: str) -> str:
        """Where a contender computes: in a dry run PyTorch's stand on the CPU."""
        return "cpu" if self.dry and name.startswith("torch") else self.device

    def _hear_of(self, where: str, name: str, told: Told) -> None:
        """Write down who is not there. That minigrad fails is wrong; that PyTorch does, or that
        somebody was too slow, is told."""
        if "absent" in told:
            self.record.tell("absent", f"{name}: {told['absent']}")
        elif "failed" in told:
            ours = name.startswith(("minigrad", TRUTH)) and "late" not in told
            self.record.tell("wrong" if ours else "skipped", f"{where}: {name}: {told['failed']}")

    def _run(self, case: Case, policy: Policy, name: str, process: Contestant) -> dict[str, Any]:
        last, told = process.last_words(), process.told
        counts = last.get("counts", {})
        wall = [1000 * block["ms"] for block in process.blocks]
        device = [1000 * b["device_ms"] for b in process.blocks if b["device_ms"] is not None]
        truth = self.truths.get(case.name, {})
        return {
            "workload": case.name,
            "what": case.what,
            "batch": told["batch"],
            "checked_rows": told["checked_rows"],
            "optimizer": _optimizer(case),
            "policy": policy.name,
            "contender": name,
            "path": told["path"],
            "versions": told["versions"],
            "params": told["params"],
            "flops": counts.get("flops"),
            "bytes_min": 4 * told["params"] * (2 + 2 * STATE[_optimizer(case).split()[0]]),
            "kernels": counts.get("kernels"),
            "graphs": counts.get("graphs"),
            "counts": counts,
            "blocks_us": wall,
            "blocks_device_us": device,
            "blocks_steps": [block["steps"] for block in process.blocks],
            "wall_us": summary(wall),
            "device_us": summary(device),
            "peak_bytes": last.get("peak_bytes"),
            "loss": last.get("loss"),
            "steps": last.get("steps"),
            "losses_without_dropout": told["losses"],
            "loss_err": loss_error(told["losses"], truth.get("losses")),
            "rel_err": gradient_error(told["gradients"], truth.get("gradients")),
            "compile_s": told["compile_s"],
            "notes": self._notes(name, told, counts, last),
        }

    def _notes(self, name: str, told: Told, counts: Told, last: Told) -> list[str]:
        notes = []
        if "failed" in last:
            notes.append(f"it ended before its last words: {last['failed']}")
        if "unknown" in counts:
            notes.append(f"its kernels could not be counted: {counts['unknown']}")
        elif name == "torch-compile-ro" and not counts.get("graphs"):
            notes.append("reduce-overhead launched no CUDA graph")
        if name.startswith("minigrad-graph") and " graph" not in told["path"]:
            notes.append(f"no graph was replayed: {told['path']}")
        return notes

    def _wrong(self, case: Case, policy: Policy, found: dict[str, Any]) -> list[str]:
        """What is wrong with the numbers of a run, in words."""
        lines = []
        loss, gradient = found["loss_err"], found["rel_err"]
        if loss is None:
            return []  # there is no truth, which is told already
        if gradient is None:
            return ["there are not as many gradients as in float64"]
        if not loss <= policy.loss:
            lines.append(f"losses are {loss:.1e} from float64; {policy.loss:.0e} is allowed")
        allowed = max(policy.gradient, NEAR * self._theirs(case, policy))
        if not gradient <= allowed:
            lines.append(f"gradients are {gradient:.1e} from float64; {allowed:.0e} is allowed")
        values = found["loss"] or [math.nan]
        if not all(map(math.isfinite, values)):
            lines.append(f"losses are not finite: {values}")
        elif isinstance(case.make, Supervised) and not values[-1] < values[0]:
            lines.append(f"the loss did not go down: {values[0]:.4g} to {values[-1]:.4g}")
        return lines if found["contender"].startswith("minigrad") else []

    def _theirs(self, case: Case, policy: Policy) -> float:
        """How far PyTorch's gradients are from float64, 0 where that is not known."""
        for run in self.record.report["runs"]:
            cell = (run["workload"], run["policy"], run["contender"])
            if cell == (case.name, policy.name, BASE):
                return float(run["rel_err"] or 0.0)
        return 0.0


def _optimizer(case: Case) -> str:
    if isinstance(case.make, Supervised):
        settings = (f"{name} {value:g}" for name, value in case.make.settings.items())
        return " ".join([case.make.optimizer, *settings])
    return "Adam"


def summary(times: list[float]) -> dict[str, float] | None:
    """The least, the median, the 10th and the 90th percentile; None of nothing."""
    if not times:
        return None
    low, middle, high = np.percentile(times, [10, 50, 90])
    return {"min": min(times), "median": float(middle), "p10": float(low), "p90": float(high)}


def loss_error(found: list[float], true: list[float] | None) -> float | None:
    """The largest difference of two losses, relative."""
    if true is None:
        return None
    gaps = [abs(a - b) / abs(b) for a, b in zip(found, true, strict=True)]
    return float(np.max(gaps))  # NumPy's, which keeps nan


def gradient_error(found: list[list[float]], true: list[list[float]] | None) -> float | None:
    """max over the parameters of |g - g64| / |g64|, by Euclid's norm over the sampled numbers."""
    if true is None or len(found) != len(true):
        return None
    errors = [0.0]
    for g, t in zip(found, true, strict=True):
        size = float(np.linalg.norm(t))
        gap = float(np.linalg.norm(np.subtract(g, t)))
        errors.append(gap / size if size else (0.0 if gap == 0 else math.inf))
    return float(np.max(errors))
