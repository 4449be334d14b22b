"""The runs as tables: for a terminal, and in Markdown for the README."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.gpu.contenders import CONTENDERS

RIVALS = ("torch-eager", "torch-compile-ro", "torch-graph")
"""What ratios are taken against: more than 1 says that minigrad is faster."""
BEST = ("minigrad-graph-x8", "minigrad-graph", "minigrad-launches", "minigrad-eager")
"""Whose time minigrad's ratios are made of: the first of these that was measured."""
GOALS = {
    "mlp": (6.0, 3.0, 1.8),
    "lenet5": (6.0, 3.0, 1.8),
    "cnn": (6.0, 3.0, 1.8),
    "gan": (7.0, 3.0, 1.7),
    "alexnet28": (1.8, 1.2, 1.1),
}
"""The least that each ratio should be, in the order of `RIVALS`."""

WIDTH = 160
"""Columns where there is no terminal."""

Report = dict[str, Any]
Row = list[str]
Cell = tuple[str, str]


def cells(report: Report) -> dict[Cell, dict[str, Any]]:
    """By case and policy, each contender's run; the first one of several."""
    found: dict[Cell, dict[str, Any]] = {}
    for run in report["runs"]:
        found.setdefault((run["workload"], run["policy"]), {}).setdefault(run["contender"], run)
    return found


def ratio(runs: dict[str, Any], name: str, rival: str) -> float | None:
    """How many times as long as a contender another takes; None where one is missing. Both as they
    were timed in turns, where they were."""
    if name not in runs or rival not in runs:
        return None
    theirs, ours = (runs[each]["wall_us"]["median"] for each in (rival, name))
    for beside in (runs[each].get("beside", {}) for each in (rival, name)):
        if name in beside and rival in beside:
            theirs, ours = beside[rival], beside[name]
            break
    return float(theirs / ours)


def times(report: Report) -> tuple[Row, list[Row]]:
    """Titles, and a row for each contender of each case and policy."""
    short = [f"x {rival.removeprefix('torch-')}" for rival in RIVALS]
    titles = [
        "case", "policy", "contender", "step, µs", *short,
        "device, µs", "kernels", "MB", "error", "loss at 0, 10, last", "compiling, s",
    ]  # fmt: skip
    rows = []
    dry = "dry run" if "dry_run" in report else None
    for (case, policy), runs in cells(report).items():
        for name in filter(runs.get, CONTENDERS):
            run = runs[name]
            rows.append(
                [
                    *(case, policy, name, _spread(run["wall_us"])),
                    *(dry or _times(ratio(runs, name, rival)) for rival in RIVALS),
                    _number(run["device_us"] and run["device_us"]["median"]),
                    _number(run["kernels"]),
                    _number(run["peak_bytes"] and run["peak_bytes"] / 1e6),
                    "" if run["rel_err"] is None else f"{run['rel_err']:.0e}",
                    " ".join(f"{loss:.2g}" for loss in run["loss"] or ()),
                    f"{run['compile_s']:.1f}",
                ]
            )
    return titles, rows


def goals(report: Report) -> list[str]:
    """What was wanted under the policy "default", and what came; a dry run says nothing of it."""
    lines: list[str] = []
    if "dry_run" in report:
        return lines
    for (case, policy), runs in cells(report).items():
        name = next((each for each in BEST if each in runs), None)
        if policy != "default" or case not in GOALS or name is None:
            continue
        for rival, goal in zip(RIVALS, GOALS[case], strict=True):
            found = ratio(runs, name, rival)
            if found is not None:
                word = "reached" if found >= goal else "not reached"
                lines.append(f"{case}: {found:.2f} times {rival}, goal {goal:g}: {word} ({name})")
    return lines


def markdown(titles: Row, rows: Sequence[Row], words: int = 3) -> str:
    """A table in Markdown whose first columns are words, the others numbers."""
    head = "|" + "---|" * words + "--:|" * (len(titles) - words)
    return "\n".join([_line(titles), head, *map(_line, rows)])


def readme(report: Report) -> str:
    """The README's table: times, ratios and errors, then where and with what."""
    titles, rows = times(report)
    kept = [i for i, title in enumerate(titles) if not title.startswith("loss")]
    table = markdown([titles[i] for i in kept], [[row[i] for i in kept] for row in rows])
    machine = report["machine"]
    versions = machine["versions"]
    named = ", ".join(f"{name} {found}" for name, found in versions.items() if found is not None)
    parts = [
        table,
        "Medians with the 10th and 90th percentile by the host's clock; x eager: how many "
        "times as fast as torch-eager; error: of the gradients, from float64.",
        "\n".join(f"- {line}" for line in goals(report)),
        f"{machine['gpu']}, {report['when'][:10]}; {named}; commit {report['commit']}.",
    ]
    if report["accuracy"]:
        parts.insert(3, "\n".join(f"- {line}" for line in accuracies(report)))
    if not report["complete"]:
        parts.append("The run was cut short: what is missing was not measured.")
    return "\n\n".join(part for part in parts if part)


def accuracies(report: Report) -> list[str]:
    """What was trained, on both sides."""
    lines = []
    for found in report["accuracy"]:
        if "test_accuracy" not in found:
            continue
        sides = ", ".join(f"{side} {v:.2f} %" for side, v in found["test_accuracy"].items())
        epochs = f"{found['epochs']} of {found['of_epochs']} epochs"
        told = sides or "no epoch was finished"
        lines.append(
            f"{found['system']} ({found['title']}): {told}, after {epochs}; {found['data']}"
        )
    return lines


def summary(report: Report) -> list[str]:
    """Everything but the times, a line a thing."""
    ceilings = {k: v for k, v in report["ceilings"].items() if isinstance(v, float)}
    lines = []
    if ceilings:
        lines.append("ceilings: " + ", ".join(f"{k} {v:.3g}" for k, v in ceilings.items()))
    for each in report["questions"]:
        mark = {True: "yes", False: "NO", None: "not asked"}[each["ok"]]
        lines.append(f"{mark}: {each['expected']} ({each['answer']})")
    if report["kernels"]:
        judged = [each["ok"] for each in report["kernels"]]
        near = f"{judged.count(True)} of {len(judged) - judged.count(None)} as near to float64"
        lines.append(f"kernels: {near} as allowed; {judged.count(None)} ops have none")
    if report["suite"]:
        ended: Counter[str] = Counter()
        for each in report["suite"]:
            ended.update(each.get("counts", {}))
        counts = ", ".join(f"{n} {word}" for word, n in ended.items())
        lines.append(f"tests for a GPU: {counts or 'none ended'}")
    if report["prepared"]:
        took = (f"{each['prepared']} {each['seconds']:.1f} s" for each in report["prepared"])
        lines.append(f"prepared once: {', '.join(took)}")
    return [*lines, *accuracies(report), *ran(report), *profiles(report), *goals(report)]


def profiles(report: Report) -> list[str]:
    """What takes most of a step."""
    lines = []
    for each in report["profile"]:
        if "why_not" in each:
            lines.append(f"{each['case']} by {each['by']}: {each['why_not']}")
        elif each["kernels"] and "us" in each["kernels"][0]:
            most = (
                f"{row['kernel']} {row['times']} x {row['us']:.3g} µs" for row in each["kernels"]
            )
            lines.append(f"{each['case']}, {each['sum_us']:.4g} µs: {'; '.join(list(most)[:5])}")
    return lines


def ran(report: Report) -> list[str]:
    """What computed, and what has to be known of it; for each contender once where it is one."""
    found: dict[str, list[str]] = {}
    for run in report["runs"]:
        for told in (run["path"], *run["notes"]):
            found.setdefault(f"{run['contender']}: {told}", []).append(run["workload"])
    return [f"{line} ({', '.join(dict.fromkeys(cases))})" for line, cases in found.items()]


def show(report: Report) -> None:
    """Print it all."""
    from rich.box import SIMPLE_HEAVY
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    dry = report.get("dry_run")
    if report["runs"]:
        titles, rows = times(report)
        title = dry or f"gpu-check on {report['machine'].get('gpu')}"
        table = Table(title=title, caption=dry, box=SIMPLE_HEAVY)
        for i, name in enumerate(titles[2:]):
            table.add_column(name, justify="right" if i else "left", no_wrap=not i)
        before: Row = []
        for case, policy, *row in rows:
            if before != [case, policy]:
                table.add_section()
                table.add_row(f"{case}, {policy}", style="bold")
            before = [case, policy]
            table.add_row(*row)
        console.print(table)
    mark = "DRY RUN: " if dry else ""
    for line in summary(report):
        console.print(mark + line, markup=False, highlight=False)
    for section in ("absent", "skipped", "wrong"):
        for line in report[section]:
            console.print(f"{mark}{section}: {line}", markup=False, highlight=False)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _spread(wall: dict[str, float]) -> str:
    return f"{wall['median']:.4g} ({wall['p10']:.4g}–{wall['p90']:.4g})"


def _times(found: float | None) -> str:
    return "" if found is None else f"{found:.2f}"


def _number(found: float | None) -> str:
    return "" if found is None else f"{found:.4g}"
