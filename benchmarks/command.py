"""What the two commands share: options, a bar, and the end of a run."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import engines
from benchmarks.measuring import Progress, Run
from minigrad.draw.picture import FORMATS, Picture
from minigrad.training.report import write_json


def command(program: str, what: str, epilog: str) -> argparse.ArgumentParser:
    """A command line whose help ends with these lines as they are."""
    return argparse.ArgumentParser(
        prog=program,
        description=what,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_options(made: argparse.ArgumentParser, own: str, rounds: int) -> None:
    """Device, engines, rounds and files."""
    made.add_argument("--device", default="cpu", help="cpu (default), cuda or cuda:N")
    made.add_argument(
        "--engines",
        type=_engines,
        default=own,
        metavar="A,B",
        help="names, or own (all but the peers), peers, all (default: %(default)s)",
    )
    made.add_argument(
        "--rounds", type=_rounds, default=rounds, metavar="N", help="default: %(default)s"
    )
    made.add_argument(
        "--seconds",
        type=_seconds,
        default=0.2,
        metavar="S",
        help="of a round, at least (default: %(default)s)",
    )
    made.add_argument("--json", type=Path, metavar="FILE", help="write the report there")
    made.add_argument("--plot", type=Path, metavar="FILE", help="draw it (PNG, SVG, PDF)")


def _engines(text: str) -> list[str]:
    try:
        return engines.chosen(text)
    except KeyError as error:
        raise argparse.ArgumentTypeError(error.args[0]) from error


def _rounds(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1000:
        raise argparse.ArgumentTypeError(f"expected seconds, more than 0, got {text!r}")
    return seconds


def parsed(made: argparse.ArgumentParser, given: list[str]) -> argparse.Namespace:
    """The options; that a file cannot be written is said now, not after minutes."""
    asked = made.parse_args(given)
    for option, path in (("--json", asked.json), ("--plot", asked.plot)):
        if path is None:
            continue
        if path.is_dir():
            made.error(f"{option}: {path} is a folder; give the name of a file")
        there = next(folder for folder in path.absolute().parents if folder.exists())
        if not there.is_dir() or not os.access(there, os.W_OK):
            made.error(f"{option}: cannot write in {there}; choose another place")
    if asked.plot and asked.plot.suffix.lower().removeprefix(".") not in FORMATS:
        made.error(f"--plot: expected a name that ends in .png, .svg or .pdf, got {asked.plot}")
    return asked


def run_for(asked: argparse.Namespace) -> Run:
    """The run that was asked for."""
    return Run(asked.engines, device=asked.device, rounds=asked.rounds, seconds=asked.seconds)


@contextmanager
def bar(cases: int, rounds: int) -> Iterator[Progress]:
    """A bar on a terminal, else a line a case; yields what is to be told meanwhile."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    live = sys.stderr.isatty()
    begun: list[str] = []
    with Bar(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), disable=not live,
    ) as shown:  # fmt: skip
        task = shown.add_task("", total=cases * rounds)

        def progress(case: str, what: str, done: int) -> None:
            if case not in begun:
                begun.append(case)
                if not live:
                    print(f"{len(begun)}/{cases} {case}", file=sys.stderr, flush=True)
            completed = (len(begun) - 1) * rounds + done
            shown.update(task, description=f"{case}: {what}", completed=completed)

        yield progress


def finish(
    run: Run,
    asked: argparse.Namespace,
    report: dict[str, Any],
    draw: Callable[[dict[str, Any]], Picture],
) -> int:
    """Say what the reader has to know, write what was asked for; returns the exit code."""
    for line in [*run.notes(), *run.wrong]:
        print(line, file=sys.stderr)
    if asked.json:
        write_json(report, asked.json)
    if asked.plot:
        asked.plot.parent.mkdir(parents=True, exist_ok=True)
        draw(report).save(asked.plot)
    return 1 if run.wrong else 0


def nothing_timed(run: Run) -> int:
    """Say why there is no report; returns the exit code."""
    for line in [*run.notes(), *run.wrong]:
        print(line, file=sys.stderr)
    print("nothing was timed: no engine could run; nothing was written", file=sys.stderr)
    return 1
