"""The measured times as JSON and as tables."""

from __future__ import annotations

from typing import Any

from benchmarks.measuring import BASES

Names = list[str]


def engines(report: dict[str, Any]) -> Names:
    """The engines that any case has, in their order."""
    return list(dict.fromkeys(n for case in report["cases"].values() for n in case["engines"]))


def times_table(report: dict[str, Any], names: Names) -> str:
    """A row a case: the median of each engine in ms with its spread, then its ratio to PyTorch; a
    second figure is the ratio to PyTorch with its allocator tuned."""
    compared = [name for name in names if name not in BASES and _has_ratio(report, name)]
    rows = [
        [case]
        + [_spread(found["engines"].get(name)) for name in names]
        + [_ratio(found["ratios"], name) for name in compared]
        for case, found in report["cases"].items()
    ]
    titles = [f"{name}, ms" for name in names] + [f"{name}/torch" for name in compared]
    return _markdown(["case", *titles], rows)


def ratios_table(report: dict[str, Any], names: Names) -> str:
    """A row a case: each engine's time divided by PyTorch's, as shipped / allocator tuned."""
    rows = [
        [case, *(_ratio(found["ratios"], name) for name in names)]
        for case, found in report["cases"].items()
    ]
    return _markdown(["case", *names], rows)


def memory_table(report: dict[str, Any], names: Names) -> str:
    """A row a case: peak memory of each engine's process, in MB."""
    rows = [
        [case, *(_megabytes(found["engines"].get(name)) for name in names)]
        for case, found in report["cases"].items()
    ]
    return _markdown(["case", *(f"{name}, MB" for name in names)], rows)


def paths_table(report: dict[str, Any], names: Names) -> str:
    """A row a case: what computed."""
    rows = [
        [case, *(found["engines"].get(name, {}).get("path", "") for name in names)]
        for case, found in report["cases"].items()
    ]
    return _markdown(["case", *names], rows, number="---")


def _has_ratio(report: dict[str, Any], name: str) -> bool:
    return any(
        f"{name}/{base}" in case["ratios"] for case in report["cases"].values() for base in BASES
    )


def _markdown(titles: Names, rows: list[Names], number: str = "--:") -> str:
    lines = [titles, *rows]
    head = "|---|" + f"{number}|" * (len(titles) - 1)
    text = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([text[0], head, *text[1:]])


def _spread(times: dict[str, Any] | None) -> str:
    if times is None:
        return ""
    low, middle, high = (times[key] for key in ("p10_ms", "median_ms", "p90_ms"))
    return f"{middle:.3g} ({low:.3g}–{high:.3g})"


def _ratio(found: dict[str, float], name: str) -> str:
    return " / ".join(
        f"{found[f'{name}/{base}']:.2g}" for base in BASES if f"{name}/{base}" in found
    )


def _megabytes(times: dict[str, Any] | None) -> str:
    peak = None if times is None else times["peak_memory_mb"]
    return "" if peak is None else f"{peak:.0f}"
