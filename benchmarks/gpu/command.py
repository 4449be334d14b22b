"""``python -m benchmarks gpu-check``: all that has to be looked at on a GPU, part by part."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from benchmarks.catalogue import CASES
from benchmarks.command import command, parsed
from benchmarks.gpu import environment, plan, plot, table
from benchmarks.gpu.contenders import CONTENDERS
from benchmarks.gpu.part import Part, ends
from benchmarks.gpu.policies import POLICIES
from benchmarks.gpu.progress import Progress
from benchmarks.gpu.queue import Queue
from benchmarks.gpu.record import BROKEN, Record, Report, read, sorted_out
from benchmarks.machine import commit
from minigrad.device import cupy
from minigrad.errors import DeviceError, FileFormatError

PATIENT = 20.0
"""So many times as long a part may take in a dry run: everything is done by the CPU."""
RESULT = Path(__file__).parents[1] / "results" / "gpu.json"
SEED = 0
"""Of the data, the first weights and the order of samples: each is drawn from it, or from 1."""

HELP = f"""kinds of parts:
  environment  the GPU, its driver, versions
  prepare      what every process would else build for itself
  questions    the device layer: modules, launches, graphs, products, streams
  ceilings     copying, products of 8192, graphs of empty kernels
  suite        the tests that need a GPU, file by file
  truths       each case in float64, and what rounding to TF32 costs
  kernels      each kernel of each case against float64, beside PyTorch's error
  steps        step times under a policy, contenders in turns (and the truths of their cases)
  accuracy     D3 and N1 on both sides, as far as the time goes
  profile      what each kernel of a step takes
  tune         the tables by which later runs decide (only with --tune)

cases: {", ".join(plan.CASES)}, and any other of python -m benchmarks --list
policies:
{chr(10).join(f"  {policy.name:11} {policy.what}" for policy in POLICIES.values())}
contenders: {", ".join(CONTENDERS)}

A part is a process of its own with a limit of its own; the file is written whenever one finds
something. What does not fit into the minutes is left for --continue, which keeps what ended and
does the rest; a part that was killed is done again. By --cases, --policy or --contenders all parts
of these are done in place of the plan. --list shows the plan with the latest second of each part.
The exit code is 1 where something is wrong, 2 where there is no GPU. --dry-run does a part of every
kind for every case on the simulated device and measures nothing."""


def main(given: list[str]) -> int:
    """Check; returns the exit code."""
    made = command("python -m benchmarks gpu-check", "Check and measure the GPU side.", HELP)
    made.add_argument("--only", type=_words(plan.KINDS), metavar="KIND,KIND")
    made.add_argument("--cases", type=_words(CASES), metavar="A,B")
    made.add_argument("--policy", type=_words(POLICIES), metavar="A,B")
    made.add_argument("--contenders", type=_words(CONTENDERS), metavar="A,B")
    made.add_argument("--minutes", type=_minutes, default=11.0, metavar="N", help="default: 11")
    made.add_argument(
        "--json", type=Path, metavar="FILE", help="default: results/gpu.json for a run of the plan"
    )
    made.add_argument(
        "--continue", type=Path, dest="before", metavar="FILE", help="and go on in it"
    )
    made.add_argument(
        "--again", default="", metavar="A,B", help="also parts of these names, or 'failed' ones"
    )
    made.add_argument("--stretch", type=_minutes, default=1.0, metavar="N", help="limits times N")
    made.add_argument("--tune", action="store_true", help="fill the tables by which is decided")
    made.add_argument("--plot", type=Path, metavar="FILE", help="draw it (PNG, SVG, PDF)")
    made.add_argument("--dry-run", action="store_true", help="on the simulated device")
    made.add_argument("--list", action="store_true", help="list the parts and stop")
    asked = parsed(made, given)
    parts = planned(asked)
    if asked.list:
        latest = ends(parts)
        for part in parts:
            print(f"{latest[part.name]:6.0f} s  {part.name}")
        return 0
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
    try:
        record = recorded(asked)
    except (OSError, ValueError, FileFormatError) as error:
        made.error(f"--continue: {error}")
    try:
        work(asked, parts, record)
    except KeyboardInterrupt:
        where = (
            "nothing was written" if record.path is None else f"{record.path} has what was found"
        )
        print(f"\nstopped; {where}", file=sys.stderr)
        return 130
    found = sorted_out(record.report)
    table.show(found)
    if asked.plot:
        asked.plot.parent.mkdir(parents=True, exist_ok=True)
        plot.draw(found).save(asked.plot)
    return 1 if found["wrong"] else 0


def planned(asked: argparse.Namespace) -> list[Part]:
    """The parts that were asked for."""
    named = bool(asked.cases or asked.policy or asked.contenders)
    cases, contenders = asked.cases or list(plan.CASES), asked.contenders or list(CONTENDERS)
    if asked.dry_run:
        policies = asked.policy or ["default", "bf16"]
        parts = plan.rehearsal(cases, policies, contenders)
    elif asked.tune:
        parts = plan.tuning(cases)
    elif named:
        parts = plan.chosen(cases, asked.policy or ["default"], contenders)
    else:
        parts = plan.plan()
    kinds = {*(asked.only or plan.KINDS)}
    kinds |= {"truths"} if "steps" in kinds else set()  # by which their numbers are judged
    return [part for part in parts if part.kind in kinds]


def recorded(asked: argparse.Namespace) -> Record:
    """The record to go on with, or a new one. Errors: ValueError, OSError for a file that is no
    such report."""
    head = {"commit": commit(), "seed": SEED, "minutes": asked.minutes}
    if asked.before is None:
        planned = not (asked.only or asked.cases or asked.policy or asked.contenders or asked.tune)
        default = RESULT if planned and not asked.dry_run else None
        return Record(asked.json or default, asked.dry_run, head)
    before = read(asked.before, asked.dry_run)
    for name in [name for name, part in before["parts"].items() if _again(asked, name, part)]:
        before["parts"][name]["state"] = "asked for again"
    return Record(asked.json or asked.before, asked.dry_run, head, before)


def _again(asked: argparse.Namespace, name: str, part: Report) -> bool:
    words = [word for word in asked.again.split(",") if word]
    failed = "failed" in words and part["state"] in BROKEN
    return failed or any(fnmatchcase(name, word) for word in words)


def work(asked: argparse.Namespace, parts: Sequence[Part], record: Record) -> None:
    """Do them."""
    device = "simulated" if asked.dry_run else "cuda"
    stretch = asked.stretch * (PATIENT if asked.dry_run else 1.0)
    seconds = 60 * asked.minutes * (PATIENT if asked.dry_run else 1.0)
    progress = Progress(parts, record, asked.dry_run)
    record.report["clocks"] = {"before": environment.clocks()}
    with progress.shown():
        Queue(parts, record, device, seconds, stretch=stretch, shown=progress).run()
    record.report["clocks"]["after"] = environment.clocks()
    record.write()


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
