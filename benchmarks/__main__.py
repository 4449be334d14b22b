"""``python -m benchmarks``: how long a step takes, here, in PyTorch and in other libraries."""

from __future__ import annotations

import sys
from typing import Any

from benchmarks import catalogue, plot, scaling
from benchmarks import report as reports
from benchmarks.command import add_options, bar, command, finish, nothing_timed, parsed, run_for
from benchmarks.engines import OWN, PEERS
from benchmarks.gpu import command as gpu_check
from benchmarks.measuring import ratios
from benchmarks.singles import OPS
from benchmarks.training import TRAINING

CASES = "\n".join(f"  {case.name:14} {case.what}" for case in TRAINING)
HELP = f"""cases (none named: all of these but resnet34-224):
{CASES}
  {"ops":14} {len(OPS)} single ops
  {"all":14} everything

engines: {", ".join(OWN)},
  {", ".join(PEERS)}
  minigrad-numpy: compiled without native kernels
  torch-malloc: torch with its allocator told to keep memory
  {", ".join(PEERS)} (the extra 'peers'): the dense networks and the chain

Each engine has a process of its own for each case and takes its turn while the others sleep. Rounds
in which somebody else used the processor are repeated. Peak memory is that of the process (VmHWM)
less what it held after imports and a tiny step, before the case was made. The environment of the
shell is passed on as it is, and is in the report.

python -m benchmarks scaling --help: how the time grows with the work
python -m benchmarks gpu-check --help: whether a GPU computes rightly, and how fast"""


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; returns the exit code: 1 where an engine failed or did not compute
    the same, 130 after Ctrl-C."""
    given = sys.argv[1:] if arguments is None else arguments
    commands = {"scaling": scaling.main, "gpu-check": gpu_check.main}
    try:
        return commands[given[0]](given[1:]) if given[:1] and given[0] in commands else steps(given)
    except KeyboardInterrupt:
        print("\nstopped; nothing was written", file=sys.stderr)
        return 130


def steps(given: list[str]) -> int:
    """Time the chosen cases."""
    made = command(
        "python -m benchmarks",
        "Time a training step of minigrad, PyTorch and others, taking turns in one run.",
        HELP,
    )
    made.add_argument("names", nargs="*", metavar="CASE", help="see below")
    add_options(made, "own", 10)
    made.add_argument("--list", action="store_true", help="list all cases and stop")
    asked = parsed(made, given)
    if asked.list:
        for case in catalogue.LISTED.values():
            print(f"{case.name:44} {case.what}")
        return 0
    try:
        cases = catalogue.chosen(asked.names)
    except KeyError as error:
        made.error(error.args[0])
    if asked.plot and len({"torch", *asked.engines}) != len(asked.engines):
        made.error("--plot: draws ratios to torch; add torch to --engines")
    run = run_for(asked)
    found: dict[str, Any] = {}
    with bar(len(cases), asked.rounds) as progress:
        for case in cases:
            times = run.measure(case, progress)
            found[case.name] = {"engines": times, "ratios": ratios(times)}
    report = {**run.head(), "cases": found}
    names = reports.engines(report)
    if not names:
        return nothing_timed(run)
    print(reports.times_table(report, names))
    print(f"\nPeak memory:\n\n{reports.memory_table(report, names)}")
    print(f"\nWhat computed:\n\n{reports.paths_table(report, names)}")
    return finish(run, asked, report, plot.draw)


if __name__ == "__main__":
    sys.exit(main())
