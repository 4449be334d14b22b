"""A picture of the sweeps: step times above the machine's roof, and all under the roofline."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.plot import COLOURS, MARKS
from minigrad.draw.picture import Picture
from minigrad.draw.plot import Plot, look

ROOF = {"color": "#b03a2e", "linewidth": 1.6, "linestyle": "--"}
FILLS = ("full", "none", "left", "right")
"""How the marks of each sweep are filled under the roofline, where engines share colours."""


def draw(report: dict[str, Any]) -> Picture:
    """A panel a sweep, time over the number that changes; below them GFLOP/s over FLOP a byte.

    The roofline: Williams, Waterman and Patterson 2009.
    """
    from matplotlib.figure import Figure

    sweeps = report["sweeps"]
    with look():
        rows = (len(sweeps) + 1) // 2
        figure = Figure(figsize=(10, 3.3 * rows + 5), layout="constrained")
        grid = figure.add_gridspec(rows + 1, 2, height_ratios=[*[3.3] * rows, 4.6])
        for i, sweep in enumerate(sweeps.values()):
            _times(figure.add_subplot(grid[i // 2, i % 2]), sweep)
        axes = figure.add_subplot(grid[rows, :])
        _roofline(axes, sweeps, report["roof"])
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    return Plot(figure)


def _times(axes: Any, sweep: dict[str, Any]) -> None:
    points = sweep["points"]
    for name in _engines(sweep):
        xs, ys = _line(points, name, "value", "median_ms")
        axes.plot(xs, ys, color=COLOURS[name], marker=MARKS[name], linewidth=1.6, label=name)
    axes.plot([p["value"] for p in points], [p["roof_ms"] for p in points], **ROOF, label="roof")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    ticks = [point["value"] for point in points]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set_xlabel(sweep["variable"])
    axes.set_ylabel("ms a step")
    axes.set_title(sweep["what"], fontsize=10)


def _roofline(axes: Any, sweeps: dict[str, Any], roof: dict[str, float]) -> None:
    intensities = []
    for sweep, fill in zip(sweeps.values(), FILLS, strict=False):
        axes.plot([], [], "o", color="#777777", fillstyle=fill, label=sweep["what"])
        for point in sweep["points"]:
            point["intensity"] = 1000 * point["gflop"] / point["megabytes"]
            intensities.append(point["intensity"])
        for engine in _engines(sweep):
            xs, ys = _line(sweep["points"], engine, "intensity", "gflop_s")
            axes.plot(xs, ys, color=COLOURS[engine], marker=MARKS[engine], linestyle="none",
                      fillstyle=fill, markersize=6)  # fmt: skip
    low, high = min(intensities) / 1.5, max(intensities) * 1.5
    x = np.geomspace(low, high, 200)
    axes.plot(x, np.minimum(roof["gflop_s"], x * roof["gb_s"]), **ROOF)
    axes.annotate(f"{roof['gflop_s']:.0f} GFLOP/s", (high, roof["gflop_s"]), xytext=(-4, 4),
                  textcoords="offset points", ha="right", color=ROOF["color"])  # fmt: skip
    axes.annotate(f"{roof['gb_s']:.0f} GB/s", (low, low * roof["gb_s"]), xytext=(0, 26),
                  textcoords="offset points", ha="left", color=ROOF["color"])  # fmt: skip
    axes.legend(loc="lower right", fontsize=9)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("FLOP for each byte that a step must move")
    axes.set_ylabel("GFLOP/s")
    axes.set_title("Under the roofline: all steps above, by engine", fontsize=10)


def _engines(sweep: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(name for point in sweep["points"] for name in point["engines"]))


def _line(
    points: list[dict[str, Any]], engine: str, x: str, y: str
) -> tuple[list[float], list[float]]:
    """The points of an engine that were timed."""
    timed = [point for point in points if engine in point["engines"]]
    return [p[x] for p in timed], [p["engines"][engine][y] for p in timed]
