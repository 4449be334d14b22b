"""``python -m benchmarks.readme``: put the measured results into the README.

Between ``<!-- results: NAME -->`` and ``<!-- end -->`` stands what the function of that name makes
of the files under benchmarks/results; nobody writes there by hand.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from benchmarks.report import table

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def filled(text: str) -> str:
    """The README's text with every result in its place. Errors: KeyError for an unknown name."""

    def fill(match: re.Match[str]) -> str:
        return f"{match[1]}\n{SECTIONS[match[2]]()}\n{match[3]}"

    return re.sub(r"(<!-- results: (\w+) -->).*?(<!-- end -->)", fill, text, flags=re.DOTALL)


def _load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / name).read_text())
    return found


def _steps() -> str:
    report = _load("cpu.json")
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    machine = report["machine"]
    return (
        f"{table(report)}\n\n"
        f"{machine['processor']}, {machine['cores']} cores; {versions}; commit {report['commit']}. "
        "Medians with the 10th and 90th percentile."
    )


def _accuracy() -> str:
    lines = [
        "| recipe | known result | minigrad | PyTorch | largest gradient difference, float64 |"
        " command |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for name in ("d3", "n1"):
        report = _load(f"{name}.json")
        recipe, sides = report["recipe"], report["sides"]
        lines.append(
            f"| {recipe['name']}: {recipe['title']} | {recipe['known']} % | "
            f"{sides['minigrad']['test_accuracy']:.2f} % | "
            f"{sides['torch']['test_accuracy']:.2f} % | "
            f"{report['parity']['float64']['gradient']:.0e} | `{report['command']}` |"
        )
    return "\n".join(lines)


SECTIONS = {"accuracy": _accuracy, "steps": _steps}


def main() -> int:
    """Rewrite the README; returns the exit code."""
    path = ROOT / "README.md"
    path.write_text(filled(path.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
