"""``python -m benchmarks gpu-check``: all that has to be looked at on a GPU, in ten minutes."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.catalogue import CASES
from benchmarks.command import command, parsed
from benchmarks.gpu import environment, parts, plot, suite, table
from benchmarks.gpu.budget import Budget
from benchmarks.gpu.contenders import CONTENDERS
from benchmarks.gpu.large import LARGE
from benchmarks.gpu.parts import Asked
from benchmarks.gpu.policies import POLICIES
from benchmarks.gpu.record import DRY, Record
from benchmarks.gpu.steps import Steps
from benchmarks.machine import commit
from minigrad.device import cupy
from minigrad.errors import DeviceError

PARTS = ("ceilings", "questions", "kernels", "suite", "steps", "accuracy")
SHARES = {"environment": 0.1, "ceilings": 0.1, "questions": 0.08, "kernels": 0.15, "suite": 0.15}
"""Of the time, at most; the steps take what is left but for the accuracy's share."""
ACCURACY = 0.12
STEPS = ("mlp", "lenet5", "cnn", "gan", "alexnet28")
DRY_STEPS = ("mlp", "cnn")
ROWS = 4
"""Of a batch in a dry run."""
RESULT = Path(__file__).parents[1] / "results" / "gpu.json"
SEED = 0
"""Of the data, the first weights and the order of samples: each is drawn from it, or from 1."""

HELP = f"""parts, in this order: {", ".join(PARTS)}
  ceilings    copying, products of 8192, graphs of empty kernels
  questions   what the captured step takes for granted
  kernels     each kernel against float64, beside PyTorch's error
  suite       the tests that need a GPU
  steps       step times of {", ".join(STEPS)}; by --cases others too,
              such as {", ".join(case.name for case in LARGE)}
  accuracy    D3 and N1 on both sides, as far as the time goes

policies:
{chr(10).join(f"  {policy.name:11} {policy.what}" for policy in POLICIES.values())}

contenders: {", ".join(CONTENDERS)}

The exit code is 1 where a number is wrong, 2 where there is no GPU. The report is written as it
grows; what did not fit into the minutes is listed in it. Where several policies are asked for,
torch.compile is measured under the first alone. A batch lies on the device throughout and is the
same at each step. All contenders of a case are there at once: they begin, and compile, beside each
other, and each holds its memory. --dry-run does everything on the simulated device and measures
nothing."""


def main(given: list[str]) -> int:
    """Check; returns the exit code."""
    made = command("python -m benchmarks gpu-check", "Check and measure the GPU side.", HELP)
    made.add_argument("--only", type=_words(PARTS), default=list(PARTS), metavar="PART,PART")
    made.add_argument("--cases", type=_words(CASES), metavar="A,B")
    made.add_argument("--policy", type=_words(POLICIES), metavar="A,B", help="default: all")
    made.add_argument(
        "--contenders", type=_words(CONTENDERS), default=list(CONTENDERS), metavar="A,B"
    )
    made.add_argument("--minutes", type=_minutes, default=9.0, metavar="N", help="default: 9")
    made.add_argument(
        "--json", type=Path, metavar="FILE", help="default: results/gpu.json for a run of all parts"
    )
    made.add_argument("--plot", type=Path, metavar="FILE", help="draw it (PNG, SVG, PDF)")
    made.add_argument("--dry-run", action="store_true", help="on the simulated device")
    asked = parsed(made, given)
    if not asked.dry_run:
        try:
            cupy()
        except DeviceError as error:
            print(
                f"gpu-check: it needs an NVIDIA GPU with its driver, CuPy (minigrad's extra "
                f"'cuda13' or 'cuda12') and PyTorch for CUDA: {error}. --dry-run does everything "
                "on the simulated device.",
                file=sys.stderr,
            )
            return 2
        if asked.only == list(PARTS):
            asked.json = asked.json or RESULT
    try:
        record = checked(asked)
    except KeyboardInterrupt:
        where = "nothing was written" if asked.json is None else f"{asked.json} has what was found"
        print(f"\nstopped; {where}", file=sys.stderr)
        return 130
    table.show(record.report)
    if asked.plot:
        asked.plot.parent.mkdir(parents=True, exist_ok=True)
        plot.draw(record.report).save(asked.plot)
    return 1 if record.report["wrong"] else 0


def checked(asked: argparse.Namespace) -> Record:
    """Do what was asked for; the record of it."""
    budget = Budget(asked.minutes)
    policies = asked.policy or (["default"] if asked.dry_run else list(POLICIES))
    cases = asked.cases or list(DRY_STEPS if asked.dry_run else STEPS)
    device, rows = ("simulated", ROWS) if asked.dry_run else ("cuda", None)
    head = {"commit": commit(), "policies": policies, "seed": SEED, "minutes": asked.minutes}
    record = Record(asked.json, asked.dry_run, head)
    before = environment.clocks()
    for part in ("environment", *asked.only):
        begun = time.monotonic()
        if budget.left() <= 0:
            record.tell("skipped", f"{part}: no time was left")
            continue
        print(f"{DRY[:7] + ': ' if asked.dry_run else ''}{part} ...", file=sys.stderr, flush=True)
        if part == "suite":
            _suite(record, budget, asked.dry_run)
        elif part == "steps":
            keep = ACCURACY * budget.seconds if "accuracy" in asked.only else 0.0
            steps = Steps(record, budget, device, rows, asked.contenders)
            steps.all(cases, policies, keep)
        else:
            seconds = max(1.0, budget.share(SHARES.get(part, 1.0)))
            _part(record, part, Asked(device, cases, rows, seconds))
        record.add("seconds", {part: time.monotonic() - begun})
    record.add("machine", {"clocks": {"before": before, "after": environment.clocks()}})
    record.finish()
    return record


def _part(record: Record, part: str, asked: Asked) -> None:
    """A part's findings into the record."""
    section = "machine" if part == "environment" else part
    for finding in parts.told(part, asked):
        if "failed" in finding:
            word = "skipped" if "late" in finding else "wrong"
            record.tell(word, f"{part}: {finding['failed']}")
            continue
        if "skipped" in finding:
            record.tell("skipped", f"{part}: {finding['skipped']}")
        if "wrong" in finding:
            record.tell("wrong", f"{part}: {finding['wrong']}")
        if finding.get("ok") is False:
            name = finding.get("question") or finding.get("kernel")
            record.tell("wrong", f"{part}: {name}: {finding.get('answer', finding)}")
        record.add(section, finding)


def _suite(record: Record, budget: Budget, dry: bool) -> None:
    where = "tests/cuda/test_on_a_gpu.py" if dry else "tests"
    found = suite.finding(max(1.0, budget.share(SHARES["suite"])), where)
    for line in suite.wrong(found):
        record.tell("wrong", line)
    if not found["complete"]:
        record.tell("skipped", "suite: its time was over before it ended")
    record.add("suite", found)


def _words(known: Any) -> Any:
    """A type for an option: names with commas, of those that are known."""

    def words(text: str) -> list[str]:
        found = [word for word in text.split(",") if word]
        for word in found:
            if word not in known:
                there = ", ".join(list(known)[:12])
                raise argparse.ArgumentTypeError(f"no {word!r}; there are {there}")
        return list(dict.fromkeys(found))

    return words


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes <= 600:
        raise argparse.ArgumentTypeError(f"expected minutes, more than 0, got {text!r}")
    return minutes
