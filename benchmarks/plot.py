"""A picture of the ratios: a row a case, a mark an engine, PyTorch at 1."""

from __future__ import annotations

from typing import Any

from benchmarks.engines import ENGINES
from minigrad.draw.picture import Picture
from minigrad.draw.plot import Plot, look

_COLOURS = "#8fb3d9 #1f5fa8 #2a8a6c #333333 #8a929a #e07a1a #c64a3b #7d5fb2 #b59a2d".split()
COLOURS = dict(zip(ENGINES, _COLOURS, strict=True))
"""The same for an engine in every picture."""
MARKS = dict(zip(ENGINES, "oDsvv^PX*", strict=True))
TICKS = [m * 10.0**e for e in range(-4, 5) for m in (1, 2, 5)]


def draw(report: dict[str, Any]) -> Picture:
    """How many times as long as PyTorch each engine takes, on a logarithmic scale."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    cases = [name for name, case in report["cases"].items() if _ratios(case)]
    names = [name for name in ENGINES if any(name in _ratios(report["cases"][c]) for c in cases)]
    with look():
        figure = Figure(figsize=(8.4, 1.7 + 0.36 * len(cases)), layout="constrained")
        axes = figure.subplots()
        for row, case in enumerate(cases):
            found = _ratios(report["cases"][case])
            axes.plot([min(1, *found.values()), max(1, *found.values())], [row, row],
                      color="#dddddd", linewidth=1.5, zorder=1)  # fmt: skip
        for name in names:
            points = [
                (_ratios(report["cases"][case])[name], row)
                for row, case in enumerate(cases)
                if name in _ratios(report["cases"][case])
            ]
            xs, ys = zip(*points, strict=True)
            axes.scatter(xs, ys, s=46, color=COLOURS[name], marker=MARKS[name], label=name,
                         zorder=3 if name == "minigrad-compiled" else 2)  # fmt: skip
        axes.set_xscale("log")
        every = [value for case in cases for value in _ratios(report["cases"][case]).values()]
        low, high = min(0.5, *every) / 1.3, max(2.0, *every) * 1.3
        axes.set_xlim(low, high)
        axes.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.axvline(1, color="#333333", linewidth=1)
        axes.set_yticks(range(len(cases)), cases)
        axes.set_ylim(len(cases) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("time of a step divided by PyTorch's (below 1: faster than PyTorch)")
        machine = report["machine"]
        axes.set_title(f"{machine['processor']}, {machine['cores']} cores", fontsize=10)
        figure.legend(loc="outside lower center", ncols=min(len(names), 5), fontsize=9)
    return Plot(figure)


def _ratios(case: dict[str, Any]) -> dict[str, float]:
    """Each engine's ratio to PyTorch as shipped."""
    return {
        name: case["ratios"][f"{name}/torch"]
        for name in case["engines"]
        if f"{name}/torch" in case["ratios"]
    }
