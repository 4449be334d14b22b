"""Step times: contenders of a case under a policy, taking turns, with their numbers beside."""

from __future__ import annotations

import math
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, Protocol

from benchmarks.case import Case, Supervised
from benchmarks.catalogue import CASES
from benchmarks.gpu.contenders import ENTRIES
from benchmarks.gpu.judged import BY_PYTORCH, allowed, gradient_error, loss_error, summary
from benchmarks.gpu.part import Asked
from benchmarks.gpu.policies import POLICIES
from benchmarks.gpu.truths import unpacked
from benchmarks.process import Process
from benchmarks.turns import take_turns

WARM = 0.5
"""Seconds of steps before a contender's first block."""
ROUNDS, LEAST, BLOCK = 7, 2, 0.1
"""How many blocks each contender is timed in, at least so many, of how many seconds."""
TURN = 0.1
"""Seconds around a block."""
END = 0.15
"""Of the time is kept for the contenders' last words."""
BASE = "torch-eager"
STATE = {"SGD": 1, "Adam": 2}
"""Numbers that an optimizer keeps for each parameter, with momentum."""

Told = dict[str, Any]


class Contestant(Protocol):
    """Who takes part.

    Attributes:
        told: what it said when it was warm.
        blocks: what its rounds were, raw.
        failure: what it said in place of a round.
    """

    told: Told
    blocks: list[Told]
    failure: Told

    def hear(self, seconds: float | None = None) -> Told:
        """What it says next."""

    def round(self, seconds: float) -> Told:
        """A block of steps."""

    def ask(self) -> None:
        """Ask for its last words, which are heard next."""

    def end(self) -> None:
        """It is not needed any more."""


class Alone(Process):
    """A contender in a process of its own, which begins no block after a time."""

    def __init__(self, name: str, options: Mapping[str, Any], end: float) -> None:
        self.told: Told = {}
        self.blocks: list[Told] = []
        self.failure: Told = {}
        self._end = end
        given = {key: value for key, value in options.items() if value not in (None, False)}
        words = [given.pop("case"), *(["--small"] if given.pop("small", False) else [])]
        words += [word for key in given for word in (f"--{key}", str(given[key]))]
        super().__init__("benchmarks.gpu.worker", [name, *words], ENTRIES[name].environment)

    def round(self, seconds: float) -> Told:
        """A block of steps; none where the time is over."""
        left = self._end - time.monotonic()
        if left <= 0:
            heard: Told = {"failed": "the time was over", "late": True}
        else:
            self.say(str(seconds))
            heard = self.hear(max(left, 5.0))
        if "failed" in heard:
            self.failure = heard
        else:
            self.blocks.append(heard)
        return heard

    def ask(self) -> None:
        """Ask for its last words."""
        self.say("0")


class Here:
    """A contender in this process: for a dry run, where nothing is measured."""

    def __init__(self, name: str, options: Mapping[str, Any], end: float) -> None:
        from benchmarks.engines.engine import Absent
        from benchmarks.gpu.worker import Work

        self.told: Told = {}
        self.blocks: list[Told] = []
        self.failure: Told = {}
        self._work: Any = None
        try:
            self._work = Work(Namespace(contender=name, **options))
            self._work.engine.counted = lambda step: {}  # what PyTorch needs to count takes seconds
            self._said = self._work.told
        except Absent as error:
            self._said = {"absent": str(error)}
        except Exception as error:
            self._said = {"failed": f"{type(error).__name__}: {error}"}

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def hear(self, seconds: float | None = None) -> Told:
        """What it said."""
        return dict(self._said)

    def round(self, seconds: float) -> Told:
        """A block of steps."""
        block: Told = self._work.round(seconds)
        self.blocks.append(block)
        return block

    def ask(self) -> None:
        """Its last words are what is heard next."""
        self._said = self._work.round(0)

    def end(self) -> None:
        """Let go of what it held."""
        self._work = None


def findings(asked: Asked) -> Iterator[Told]:
    """Who is not there, then each contender's run."""
    yield from Cell(asked).findings()


class Cell:
    """A case under a policy."""

    def __init__(self, asked: Asked) -> None:
        self.asked, self.case, self.policy = asked, CASES[asked.case], POLICIES[asked.policy]
        self.where = f"{asked.case}, {asked.policy}"
        self.block, self.warm = (0.001, 0.001) if asked.dry else (BLOCK, WARM)
        self._begun = time.monotonic()

    def findings(self) -> Iterator[Told]:
        """What comes of it."""
        with ExitStack() as stack:
            ready = {}
            names = self.asked.contenders
            rounds = LEAST * len(names) * (BLOCK + TURN)
            started = {name: stack.enter_context(self._started(name)) for name in names}
            for name, each in started.items():
                each.told = each.hear(max(1.0, self._left(END) - rounds))
                if "losses" in each.told:
                    ready[name] = each
                else:
                    each.end()
                    yield self._absent(name, each.told)
            if self.asked.dry:  # nobody's time counts
                for each in ready.values():
                    each.round(self.block)
            else:
                take_turns(ready, rounds=ROUNDS, seconds=self.block)
            for each in ready.values():
                each.ask()
            last = {name: each.hear(max(1.0, self._left(0.02))) for name, each in ready.items()}
            for name, each in ready.items():
                if each.failure:
                    yield self._absent(name, each.failure)
            yield from self._runs({n: e for n, e in ready.items() if e.blocks}, last)

    def _left(self, kept: float = 0.0) -> float:
        """Seconds, but for this share of all."""
        return (1 - kept) * self.asked.seconds - (time.monotonic() - self._begun)

    def _started(self, name: str) -> Any:
        asked = self.asked
        device = "cpu" if asked.dry and name.startswith("torch") else asked.device
        facts: Told = {"policy": asked.policy, "device": device, "rows": asked.rows}
        facts |= {"small": asked.dry, "seconds": self.warm}
        end = self._begun + (1 - END) * asked.seconds
        return (Here if asked.brief else Alone)(name, {"case": asked.case, **facts}, end)

    def _absent(self, name: str, told: Told) -> Told:
        """Who is not there. That minigrad fails is wrong; that PyTorch does, or that somebody was
        too slow, is told."""
        if "absent" in told:
            return {"absent": [f"{name}: {told['absent']}"]}
        ours = name.startswith("minigrad") and "late" not in told
        word = "wrong" if ours else "skipped"
        return {word: [f"{self.where}: {name}: {told['failed']}"]}

    def _runs(self, ready: Mapping[str, Contestant], last: Mapping[str, Told]) -> Iterator[Told]:
        runs = {name: self._run(name, each, last[name]) for name, each in ready.items()}
        for name, found in runs.items():
            found["beside"] = {other: run["wall_us"]["median"] for other, run in runs.items()}
            lines = self._wrong(found, runs.get(BASE)) if name.startswith("minigrad") else []
            wrong = [f"{self.where}: {name}: {line}" for line in lines]
            told = {key: value for key, value in found.items() if key != "gradients"}
            yield {"section": "runs", **told, **({"wrong": wrong} if wrong else {})}

    def _run(self, name: str, each: Contestant, last: Told) -> Told:
        told, counts = each.told, last.get("counts", {})
        wall = [1000 * block["ms"] for block in each.blocks]
        device = [1000 * b["device_ms"] for b in each.blocks if b["device_ms"] is not None]
        truth = self.asked.truth
        optimizer = _optimizer(self.case)
        return {
            "workload": self.case.name,
            "what": self.case.what,
            "batch": told["batch"],
            "checked_rows": told["checked_rows"],
            "optimizer": optimizer,
            "policy": self.policy.name,
            "contender": name,
            "path": told["path"],
            "versions": told["versions"],
            "params": told["params"],
            "flops": counts.get("flops"),
            "bytes_min": 4 * told["params"] * (2 + 2 * STATE[optimizer.split()[0]]),
            "kernels": counts.get("kernels"),
            "graphs": counts.get("graphs"),
            "counts": counts,
            "blocks_us": wall,
            "blocks_device_us": device,
            "blocks_steps": [block["steps"] for block in each.blocks],
            "wall_us": summary(wall),
            "device_us": summary(device),
            "peak_bytes": last.get("peak_bytes"),
            "loss": last.get("loss"),
            "steps": last.get("steps"),
            "losses_without_dropout": told["losses"],
            "gradients": told["gradients"],
            "loss_err": loss_error(told["losses"], None if truth is None else truth["losses"]),
            "rel_err": gradient_error(
                told["gradients"], None if truth is None else unpacked(truth["gradients"])
            ),
            "compile_s": told["compile_s"],
            "notes": self._notes(name, told, counts, last),
        }

    def _notes(self, name: str, told: Told, counts: Told, last: Told) -> list[str]:
        notes = []
        if "failed" in last:
            notes.append(f"it ended before its last words: {last['failed']}")
        if "unknown" in counts:
            notes.append(f"its kernels could not be counted: {counts['unknown']}")
        elif name == "torch-compile-ro" and "failed" not in last and not counts.get("graphs"):
            notes.append("reduce-overhead launched no CUDA graph")
        if name.startswith("minigrad-graph") and " graph" not in told["path"]:
            notes.append(f"no graph was replayed: {told['path']}")
        return notes

    def _wrong(self, found: Told, base: Told | None) -> list[str]:
        """What is wrong with the numbers of a run, in words."""
        lines = []
        errors = {"loss": found["loss_err"], "gradient": found["rel_err"]}
        truth = self.asked.truth
        if truth is not None and errors["gradient"] is None:
            return ["there are not as many gradients as in float64"]
        for what, error in errors.items():
            if truth is not None:
                name = {"loss": "loss_err", "gradient": "rel_err"}[what]
                theirs = None if base is None else base[name]
                most, by = allowed(what, self.policy, truth, theirs), "float64"
            elif base is not None and found is not base:
                most, by = BY_PYTORCH[what], BASE
                error = _apart(what, found, base)
            else:
                continue
            if error is None or not error <= most:
                told = "not to be compared with" if error is None else f"{error:.1e} from"
                plural = {"loss": "losses", "gradient": "gradients"}[what]
                lines.append(f"{plural} are {told} {by}; {most:.0e} is allowed")
        values = found["loss"] or []
        if not all(map(math.isfinite, values)):
            lines.append(f"losses are not finite: {values}")
        elif values and isinstance(self.case.make, Supervised) and not values[-1] < values[0]:
            lines.append(f"the loss did not go down: {values[0]:.4g} to {values[-1]:.4g}")
        return lines


def _apart(what: str, found: Told, base: Told) -> float | None:
    """How far a run is from PyTorch's, where there is no truth."""
    if what == "loss":
        name = "losses_without_dropout"
        return loss_error(found[name], base[name])
    return gradient_error(found["gradients"], base["gradients"])


def _optimizer(case: Case) -> str:
    if isinstance(case.make, Supervised):
        settings = (f"{name} {value:g}" for name, value in case.make.settings.items())
        return " ".join([case.make.optimizer, *settings])
    return "Adam"
