"""The measured times as JSON, as a table and as a picture."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import tempfile
from pathlib import Path
from typing import Any


def environment(engines: dict[str, Any], device: str) -> dict[str, Any]:
    """Where and with what the times were taken."""
    import numpy as np

    versions = {name: engine.version() for name, engine in engines.items()}
    versions |= {"python": platform.python_version(), "numpy": np.__version__}
    machine = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "device": device,
        "threads": {
            name: os.environ[name]
            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
            if name in os.environ
        },
    }
    return {"machine": machine, "versions": versions, "commit": _commit()}


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _commit() -> str | None:
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()


def write_json(report: dict[str, Any], path: Path) -> None:
    """The report in a file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(report, file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def table(report: dict[str, Any]) -> str:
    """A Markdown table: a row a case, the median of each engine with its spread, the ratio."""
    names = list(next(iter(report["cases"].values()))["engines"])
    ratios = list(next(iter(report["cases"].values()))["ratios"])
    lines = [
        "| case | " + " | ".join(f"{name}, ms" for name in names) + " | "
        + " | ".join(ratios) + " |",
        "|---|" + "--:|" * (len(names) + len(ratios)),
    ]  # fmt: skip
    for case, found in report["cases"].items():
        cells = [_spread(found["engines"][name]) for name in names]
        cells += [f"{found['ratios'][ratio]:.2g}" for ratio in ratios]
        lines.append(f"| {case} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _spread(times: dict[str, Any]) -> str:
    low, middle, high = (times[key] for key in ("p10_ms", "median_ms", "p90_ms"))
    return f"{middle:.3g} ({low:.3g}–{high:.3g})"


def plot(report: dict[str, Any], path: Path) -> None:
    """A bar a case: how many times as long as PyTorch, on a logarithmic scale."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    cases = list(report["cases"])
    ratio = next(iter(next(iter(report["cases"].values()))["ratios"]))
    values = [report["cases"][case]["ratios"][ratio] for case in cases]
    figure, axes = plt.subplots(figsize=(8, 1.2 + 0.32 * len(cases)), layout="constrained")
    colours = ["#2a7f62" if value <= 1 else "#b4552d" for value in values]
    # Bars start at 1, the point where both sides are equal.
    axes.barh(cases, [value - 1 for value in values], left=1, color=colours)
    axes.set_xscale("log")
    low, high = min(0.5, *values) / 1.8, max(2.0, *values) * 1.5  # room for the numbers
    axes.set_xlim(low, high)
    ticks = [t for t in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if low < t < high]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.axvline(1, color="black", linewidth=0.8)
    for case, value in zip(cases, values, strict=True):
        axes.annotate(
            f"{value:.2g}",
            (value, case),
            xytext=(4 if value >= 1 else -4, 0),
            textcoords="offset points",
            ha="left" if value >= 1 else "right",
            va="center",
            fontsize=8,
        )
    axes.invert_yaxis()
    axes.set_xlabel(f"time a step, {ratio} (below 1: minigrad is faster)")
    machine = report["machine"]
    axes.set_title(f"{machine['processor']}, {machine['cores']} cores", fontsize=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
