"""A picture of a run: for each case the contenders' times, divided by PyTorch's."""

from __future__ import annotations

from typing import Any

from benchmarks.gpu.contenders import CONTENDERS
from benchmarks.gpu.table import cells, ratio
from benchmarks.plot import TICKS
from minigrad.draw.picture import Picture
from minigrad.draw.plot import Plot, look

BASE = "torch-eager"
_COLOURS = "#333333 #8a929a #e07a1a #c64a3b #7d5fb2 #8fb3d9 #4f86bf #1f5fa8 #2a8a6c".split()
COLOURS = dict(zip(CONTENDERS, _COLOURS, strict=True))
MARKS = dict(zip(CONTENDERS, "ssvv^ooD*", strict=True))


def draw(report: dict[str, Any]) -> Picture:
    """A row a case and policy, on a logarithmic scale; a dry run says so across the picture."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    found = [(cell, runs) for cell, runs in cells(report).items() if BASE in runs]
    with look():
        figure = Figure(figsize=(8.4, 1.9 + 0.4 * len(found)), layout="constrained")
        axes = figure.subplots()
        for name in CONTENDERS:
            points = [
                (speed, row)
                for row, (_, runs) in enumerate(found)
                if (speed := ratio(runs, name, BASE)) is not None
            ]
            if points:
                xs, ys = zip(*points, strict=True)
                axes.scatter(xs, ys, s=46, color=COLOURS[name], marker=MARKS[name], label=name)
        axes.set_xscale("log")
        low, high = axes.get_xlim()
        axes.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.axvline(1, color="#333333", linewidth=1)
        axes.set_yticks(range(len(found)), [f"{case}, {policy}" for (case, policy), _ in found])
        axes.set_ylim(max(1, len(found)) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("times as fast as PyTorch op by op")
        title = report.get("dry_run") or report["machine"].get("gpu")
        axes.set_title(str(title), fontsize=10)
        if "dry_run" in report:
            figure.text(0.5, 0.5, "DRY RUN", fontsize=50, color="#cccccc", ha="center", va="center")
        if found:
            figure.legend(loc="outside lower center", ncols=5, fontsize=9)
    return Plot(figure)
