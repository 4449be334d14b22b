"""The command: ``python -m tests.fuzz --seconds 60``, or with files of programs to run again."""

from __future__ import annotations

import argparse
import json
import secrets
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rich.progress import Progress

from .agree import fault
from .campaign import DRAWS, Campaign, Tally
from .sides import SIDES, run
from .truth import truth

DESCRIPTION = """Random programs over the public API, run by PyTorch, by minigrad op by op, and as
compiled steps by NumPy, by kernels in C and on a simulated GPU. What differs is made small, printed
and saved. With files: run these programs again and say what differs."""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(prog="python -m tests.fuzz", description=DESCRIPTION)
    made.add_argument("files", nargs="*", type=Path, help="programs to run again")
    made.add_argument("--seconds", type=float, default=60, help="how long (%(default)s)")
    made.add_argument("--programs", type=int, default=10**9, help="how many at most, of each job")
    made.add_argument("--seed", type=int, help="which programs; a fresh one is drawn and printed")
    made.add_argument("--jobs", type=int, default=1, help="processes (%(default)s)")
    made.add_argument("--native", type=int, default=50, metavar="PERCENT",
                      help="of how many programs kernels in C are built (%(default)s)")  # fmt: skip
    made.add_argument("--simulated", type=int, default=10, metavar="PERCENT",
                      help="of how many those of a simulated GPU (%(default)s)")  # fmt: skip
    made.add_argument("--shrink", type=float, default=30, metavar="SECONDS",
                      help="how long a failing program is made smaller (%(default)s)")  # fmt: skip
    made.add_argument(
        "--out", type=Path, default=Path("runs/fuzz"), help="where failing programs go"
    )
    made.add_argument("--own", action="store_true",
                      help="fail only where a compiled step is not what op by op is, and of "
                      "internal errors; other differences to PyTorch are only told")  # fmt: skip
    made.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    made.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    return made


def main(given: list[str] | None = None) -> int:
    """Run the command. Returns 1 where something differs."""
    options = parser().parse_args(given)
    if options.files:
        return replayed(options.files)
    if options.worker is not None:
        return worked(options)
    return led(options)


def replayed(files: list[Path]) -> int:
    """Each file's program on every side."""
    failed = 0
    for file in files:
        text = file.read_text(encoding="utf-8")
        want = truth(text)
        for side in SIDES:
            found = fault(text, side, run(text, side), want)
            failed += found is not None
            told = "agrees" if found is None else f"{found.kind}: {found.told}"
            print(f"{file.name} {side}: {told}")
    return int(failed > 0)


def worked(options: Any) -> int:
    """One process of several: its programs, and a report that is there should it die."""
    options.out.mkdir(parents=True, exist_ok=True)
    campaign = Campaign(
        options.seed * 1000 + options.worker, options.native, options.simulated, options.shrink
    )
    running = options.out / f"running-{options.worker}.txt"
    report = options.out / f"report-{options.worker}-{options.first}.json"

    def note(text: str) -> None:
        running.write_text(text, encoding="utf-8")
        report.write_text(json.dumps(_report(campaign.tally, options)), encoding="utf-8")

    campaign.note = note
    campaign.go(time.monotonic() + options.seconds, options.programs, options.first)
    note("")
    running.unlink()
    return 0


def _report(tally: Tally, options: Any) -> dict[str, Any]:
    """What a process found until now; each failing program is in a file of its own."""
    faults = []
    for i, (found, program) in enumerate(tally.faults):
        name = f"{options.seed}-{options.worker}-{options.first}-{i}-{found.side}-{found.kind}.py"
        file = options.out / name
        if not file.exists():
            program.note = f"{found.side}: {found.kind}: {found.told}".replace("\\", "/")
            file.write_text(program.text(), encoding="utf-8")
        faults.append([found.side, found.kind, found.told, str(file)])
    return {"counts": tally.counts, "faults": faults}


def led(options: Any) -> int:
    """All processes, and what they say together."""
    options.seed = secrets.randbelow(10**6) if options.seed is None else options.seed
    print(f"seed {options.seed}", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    for old in options.out.glob("report-*.json"):
        old.unlink()
    start = time.monotonic()
    counts, faults = _watched(options, start + options.seconds)
    spent = time.monotonic() - start
    for file in sorted(options.out.glob("report-*.json")):
        report = json.loads(file.read_text())
        counts.update(report["counts"])
        faults += report["faults"]
    _tell(counts, faults, spent)
    own = counts["own"] + sum(kind == "died" for _, kind, _, _ in faults)
    return int(bool(own if options.own else faults))


def _started(options: Any, worker: int, first: int, seconds: float) -> Any:
    """A process for programs from that one on."""
    command = [sys.executable, "-X", "faulthandler", "-m", __spec__.name]  # type: ignore[name-defined]
    for name in ("seed", "programs", "native", "simulated", "shrink", "out"):
        command += [f"--{name}", str(getattr(options, name))]
    command += ["--worker", str(worker), "--first", str(first), "--seconds", str(seconds)]
    return subprocess.Popen(command)


def _watched(options: Any, end: float) -> tuple[Counter[str], list[list[str]]]:
    """Run the processes. One that PyTorch dies in goes on with its next program; that another died
    is a fault."""
    counts: Counter[str] = Counter()
    faults: list[list[str]] = []
    at_work = {i: _started(options, i, 0, options.seconds) for i in range(options.jobs)}
    with Progress(disable=not sys.stdout.isatty()) as progress:
        bar = progress.add_task("programs", total=options.seconds)
        while at_work:
            time.sleep(0.2)
            progress.update(bar, completed=options.seconds - max(end - time.monotonic(), 0))
            for i, process in list(at_work.items()):
                if process.poll() is None:
                    continue
                del at_work[i]
                if process.returncode == 0:
                    continue
                running = options.out / f"running-{i}.txt"
                noted = running.read_text(encoding="utf-8") if running.exists() else ""
                if noted.startswith(DRAWS):
                    counts["PyTorch died"] += 1
                    first, left = int(noted.removeprefix(DRAWS)) + 1, end - time.monotonic()
                    if left > 0:
                        at_work[i] = _started(options, i, first, left)
                    continue
                told = f"a process ended with {process.returncode}; what it ran:\n{noted}"
                faults.append(["?", "died", told, str(running)])
    return counts, faults


def _tell(counts: Counter[str], faults: list[list[str]], spent: float) -> None:
    seen: set[tuple[str, ...]] = set()
    for side, kind, told, file in faults:
        key = (kind, "".join(c for c in told[:60] if not c.isdigit()))
        if key not in seen:
            print(f"\n{side}: {kind}: {told}\n  {file}")
            if file.endswith(".py"):
                text = Path(file).read_text(encoding="utf-8")
                print(
                    "\n".join(
                        f"    {line}" for line in text[: text.index("if __name__")].splitlines()
                    )
                )
        seen.add(key)
    done = counts["programs"]
    print(f"\n{done} programs in {spent:.0f} s, {done / max(spent, 1e-9):.1f} a second")
    print(", ".join(f"{name}: {n}" for name, n in sorted(counts.items())))
    print(f"{len(faults)} faults of {len(seen)} sorts" if faults else "no fault")


if __name__ == "__main__":
    sys.exit(main())
