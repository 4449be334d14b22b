"""``python -m benchmarks [CASE...]``: how long a step takes, here and in PyTorch."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import report as reports
from benchmarks.cases import OPS, TRAINING, Case, chosen
from benchmarks.engines import ENGINES, Engine
from benchmarks.timing import take_turns


def parser() -> argparse.ArgumentParser:
    """The command line."""
    cases = "\n".join(f"  {case.name:14} {case.what}" for case in TRAINING)
    made = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time a training step of minigrad and of PyTorch, taking turns in one run.",
        epilog=f"cases:\n{cases}\n  {'ops':14} {len(OPS)} single ops\n  {'all':14} everything",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("cases", nargs="*", metavar="CASE", help="see below; the training cases")
    made.add_argument("--device", default="cpu", help="cpu (default), cuda or cuda:N")
    made.add_argument("--engines", default="minigrad,torch", help="default: %(default)s")
    made.add_argument("--rounds", type=int, default=10, help="of 0.2 s or more (default: 10)")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the report there")
    made.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios (PNG, SVG, PDF)")
    made.add_argument("--list", action="store_true", help="list all cases and stop")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen cases; returns the exit code."""
    options = parser().parse_args(arguments)
    if options.list:
        for case in [*TRAINING, *OPS]:
            print(f"{case.name:44} {case.what}")
        return 0
    if options.rounds < 1:
        parser().error(f"--rounds: expected 1 or more, got {options.rounds}")
    try:
        cases = chosen(options.cases)
    except KeyError as error:
        parser().error(error.args[0])
    unknown = [name for name in options.engines.split(",") if name not in ENGINES]
    if unknown:
        parser().error(f"--engines: no engine {unknown[0]!r}; there are {', '.join(ENGINES)}")
    try:
        engines = {name: ENGINES[name](options.device) for name in options.engines.split(",")}
    except ModuleNotFoundError as error:
        print(f"{error}; install the extra 'reference', or --engines minigrad", file=sys.stderr)
        return 1
    report: dict[str, Any] = {**reports.environment(engines, options.device), "cases": {}}
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=len(cases) * options.rounds)
        for i, case in enumerate(cases):
            bar.update(task, description=case.name, completed=i * options.rounds)
            report["cases"][case.name] = _measured(
                case, engines, options.rounds, lambda: bar.advance(task)
            )
    print(reports.table(report))
    if any(
        times["disturbed_rounds"] * 2 > times["rounds"]
        for found in report["cases"].values()
        for times in found["engines"].values()
    ):
        print("Other processes were busy during many rounds: the figures may be off.")
    if options.json:
        reports.write_json(report, options.json)
    if options.plot and len(engines) > 1:
        reports.plot(report, options.plot)
    return 0


def _measured(
    case: Case, engines: dict[str, Engine], rounds: int, progress: Callable[[], None]
) -> dict[str, Any]:
    """One case on every engine."""
    found = take_turns(
        {name: case.make(engine) for name, engine in engines.items()},
        {name: engine.synchronize for name, engine in engines.items()},
        rounds=rounds,
        progress=progress,
    )
    times = {
        name: {**measurement.summary(), "path": engines[name].path}
        for name, measurement in found.items()
    }
    ratios = {
        f"{name}/torch": times[name]["median_ms"] / times["torch"]["median_ms"]
        for name in times
        if name != "torch" and "torch" in times
    }
    return {"what": case.what, "unit": case.unit, "engines": times, "ratios": ratios}


if __name__ == "__main__":
    sys.exit(main())
