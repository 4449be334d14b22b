"""``python -m benchmarks scaling``: how the time of a step grows with the work."""

from __future__ import annotations

from typing import Any

from benchmarks import scaling_plot
from benchmarks.command import add_options, bar, command, finish, nothing_timed, parsed, run_for
from benchmarks.measuring import Progress, Run
from benchmarks.sweeps import ROOFS, SWEEPS, Point, Sweep

ROOF_ENGINES = ("minigrad", "torch")
"""Those that can compute the roofs."""
SWEPT = "\n".join(f"  {sweep.name:14} {sweep.what}" for sweep in SWEEPS)
HELP = f"""sweeps (none named: all):
{SWEPT}

The roof is measured in the same run: GFLOP/s of a large product of matrices and GB/s of a long sum,
the best that minigrad or PyTorch reaches. Counted are the products of matrices of a step, and the
bytes that no step avoids: weights and velocities in and out, the batch in. Small problems stay in
the caches and may move these faster than memory does."""


def main(given: list[str]) -> int:
    """Time the chosen sweeps; returns the exit code."""
    made = command(
        "python -m benchmarks scaling",
        "Time training steps that grow, and draw them under the machine's roof.",
        HELP,
    )
    made.add_argument("names", nargs="*", metavar="SWEEP", help="see below")
    add_options(made, "minigrad,minigrad-compiled,torch,torch-malloc", 5)
    asked = parsed(made, given)
    known = {sweep.name: sweep for sweep in SWEEPS}
    for name in asked.names:
        if name not in known:
            made.error(f"no sweep {name!r}; there are {', '.join(known)}")
    sweeps = [known[name] for name in dict.fromkeys(asked.names)] or SWEEPS
    different = {point.case.name for sweep in sweeps for point in sweep.points}
    run = run_for(asked)
    with bar(len(ROOFS) + len(different), asked.rounds) as progress:
        roof = measured_roof(run, progress)
        if roof is None:
            return nothing_timed(run)
        found = measured(run, sweeps, roof, progress)
    report = {**run.head(), "roof": roof, "sweeps": found}
    print(table(report))
    return finish(run, asked, report, scaling_plot.draw)


def measured_roof(run: Run, progress: Progress) -> dict[str, float] | None:
    """The most GFLOP/s and GB/s that a library reached; None where none could be timed."""
    several = run.engines
    run.engines = [name for name in ROOF_ENGINES if name in several] or ["minigrad"]
    product, total = (run.measure(roof.case, progress) for roof in ROOFS)
    run.engines = several
    if not product or not total:
        return None
    return {
        "gflop_s": ROOFS[0].flop / 1e6 / min(found["p10_ms"] for found in product.values()),
        "gb_s": ROOFS[1].bytes / 1e6 / min(found["p10_ms"] for found in total.values()),
    }


def measured(
    run: Run, sweeps: list[Sweep], roof: dict[str, float], progress: Progress
) -> dict[str, Any]:
    """Every sweep with its points. A case of several sweeps is timed once."""
    known: dict[str, Any] = {}
    found = {}
    for sweep in sweeps:
        points = []
        for point in sweep.points:
            name = point.case.name
            if name not in known:
                known[name] = run.measure(point.case, progress)
            points.append(_counted(point, known[name], roof))
        found[sweep.name] = {"what": sweep.what, "variable": sweep.variable, "points": points}
    return found


def _counted(point: Point, times: dict[str, Any], roof: dict[str, float]) -> dict[str, Any]:
    """A point with its counts, the shortest time that the roof allows, and each engine's rate."""
    gflop, megabytes = point.flop / 1e9, point.bytes / 1e6
    return {
        "value": point.value,
        "gflop": gflop,
        "megabytes": megabytes,
        "roof_ms": max(1000 * gflop / roof["gflop_s"], megabytes / roof["gb_s"]),
        "engines": {
            name: {**found, "gflop_s": 1000 * gflop / found["median_ms"]}
            for name, found in times.items()
        },
    }


def table(report: dict[str, Any]) -> str:
    """A Markdown table for each sweep: milliseconds, and GFLOP/s in brackets."""
    parts = []
    for sweep in report["sweeps"].values():
        names = list(dict.fromkeys(n for point in sweep["points"] for n in point["engines"]))
        titles = [sweep["variable"], "GFLOP", "roof, ms", *(f"{n}, ms (GFLOP/s)" for n in names)]
        lines = [f"| {' | '.join(titles)} |", "|" + "--:|" * len(titles)]
        for point in sweep["points"]:
            cells = [str(point["value"]), f"{point['gflop']:.3g}", f"{point['roof_ms']:.3g}"]
            for name in names:
                found = point["engines"].get(name)
                cell = f"{found['median_ms']:.3g} ({found['gflop_s']:.3g})" if found else ""
                cells.append(cell)
            lines.append(f"| {' | '.join(cells)} |")
        parts.append("\n".join([f"{sweep['what']}:\n", *lines]))
    roof = report["roof"]
    parts.append(f"The roof: {roof['gflop_s']:.0f} GFLOP/s, {roof['gb_s']:.1f} GB/s.")
    return "\n\n".join(parts)
