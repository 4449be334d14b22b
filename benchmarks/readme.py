"""``python -m benchmarks.readme``: put the measured results into the README and the site's pages.

Between ``<!-- results: NAME -->`` and ``<!-- end -->`` stands what the function of that name makes
of the files under benchmarks/results; nobody writes there by hand.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from benchmarks import report as reports
from benchmarks import scaling
from benchmarks.gpu import record, table
from minigrad.commands.systems import SYSTEMS
from minigrad.lessons import Lesson
from minigrad.serialization.whole import write_whole
from minigrad.training.report import read_json

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGES = [ROOT / "README.md", ROOT / "docs" / "results.md", ROOT / "docs" / "guides" / "gpu.md"]
"""Where results stand."""


def filled(text: str) -> str:
    """A page's text with every result in its place. Errors: KeyError for an unknown name."""

    def fill(match: re.Match[str]) -> str:
        return f"{match[1]}\n{SECTIONS[match[2]]()}\n{match[3]}"

    return re.sub(r"(<!-- results: (\w+) -->).*?(<!-- end -->)", fill, text, flags=re.DOTALL)


def _load(name: str) -> dict[str, Any]:
    return read_json(RESULTS / name)


STEPS = ("minigrad", "minigrad-compiled", "torch", "torch-malloc")
"""The engines whose times are shown; the ratios and the memory of all are."""


def _steps() -> str:
    report = _load("cpu.json")
    names = [name for name in reports.engines(report) if name in STEPS]
    return (
        f"{reports.times_table(report, names)}\n\n{_where(report)} "
        "Medians with the 10th and 90th percentile."
    )


def _ratios() -> str:
    report = _load("cpu.json")
    names = [name for name in reports.engines(report) if name != "torch"]
    return reports.ratios_table(report, names)


def _memory() -> str:
    report = _load("cpu.json")
    return reports.memory_table(report, reports.engines(report))


def _scaling() -> str:
    report = _load("scaling.json")
    return f"{scaling.table(report)}\n\n{_where(report)}"


def _where(report: dict[str, Any]) -> str:
    """Where and with what a report was measured."""
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    machine = report["machine"]
    return (
        f"{machine['processor']}, {machine['cores']} cores; {versions}; commit {report['commit']}."
    )


def _accuracy() -> str:
    """A row for each system that was run in full."""
    lines = [
        "| system | known result | minigrad | PyTorch | largest gradient difference, float64 |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, system in SYSTEMS.items():
        path = RESULTS / f"{name.lower()}.json"
        if not path.exists():
            continue
        report = read_json(path)
        known = "" if system.known is None else f"{system.known} %"
        if isinstance(system, Lesson):
            gradients = [gap for kind, gap in report["differences"].items() if "gradient" in kind]
            sides = (report["test_accuracy"], report["twin_test_accuracy"])
            results = [*(f"{side:.2f} %" for side in sides), max(gradients)]
        else:
            results = [
                *(_ending(report, side) for side in ("minigrad", "torch")),
                report["parity"]["float64"]["gradient"],
            ]
        ours, theirs, gradient = results
        lines.append(f"| {name}: {system.title} | {known} | {ours} | {theirs} | {gradient:.0e} |")
    return "\n".join(lines)


def _ending(report: dict[str, Any], side: str) -> str:
    """What a side came to: its accuracy, or its loss where there is none."""
    last = report["sides"][side]
    if "test_accuracy" in last:
        return f"{last['test_accuracy']:.2f} %"
    return f"loss {last['train_loss']:.4f}"


def _quick() -> str:
    """What `compare all --quick` found for each trained row."""
    report = _load("quick.json")
    lines = [
        "| system | gradients of the first step | losses | of steps | type |"
        " float32 from float64 |",
        "|---|--:|--:|--:|---|---|",
    ]
    for name, system in SYSTEMS.items():
        if isinstance(system, Lesson):
            continue
        row = report["rows"][name]
        told = ""
        if (single := row["float32_gradient_from_float64"]) is not None:
            told = "{minigrad:.0e} here, {torch:.0e} in PyTorch".format(**single)
        lines.append(
            f"| {name} | {row['gradient']:.0e} | {row['losses_apart']:.0e} |"
            f" {row['losses_compared']} | {row['dtype']} |"
            f" {told} |"
        )
    packages = ", ".join(f"{name} {version}" for name, version in report["packages"].items())
    return "\n".join(lines) + f"\n\n{packages}; commit {report['commit'][:7]}."


def _gpu() -> str:
    """What `gpu-check` measured. Errors: ValueError for a dry run in its place."""
    if not (RESULTS / "gpu.json").exists():
        return (
            "No run on a GPU has been made yet, so that there is no figure to show. "
            "`python -m benchmarks gpu-check` makes one."
        )
    return table.readme(record.sorted_out(record.checked(_load("gpu.json"), "gpu.json")))


SECTIONS = {
    "accuracy": _accuracy,
    "gpu": _gpu,
    "memory": _memory,
    "quick": _quick,
    "ratios": _ratios,
    "scaling": _scaling,
    "steps": _steps,
}


def main() -> int:
    """Rewrite the pages; returns the exit code."""
    for path in PAGES:
        text = filled(path.read_text(encoding="utf-8"))
        write_whole(path, text.encode(), "readme")
    return 0


if __name__ == "__main__":
    sys.exit(main())
