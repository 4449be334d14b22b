"""The page with the scores, from what was measured."""

from __future__ import annotations

from typing import Any

HEAD = """\
# Gradient checkers, scored

Made by `python -m benchmarks.checkers`: every checker with its default settings, on pairs of a
forward and a backward in NumPy and float64. Wrong gradients are classes of fault laid over
functions of everyday; {total} of them are taken here, each {every}th of the catalogue. Right ones
are {ordinary} of everyday, and {hard} hard ones: at kinks and ties, near poles, behind matrices of
condition 1e6 and 1e8, among terms of 1e8, with float32 inside. Single points are judged, as a test
would; a class such as *layout* asks for more than a comparison of numbers.
"""


def page(told: dict[str, Any]) -> str:
    """The page as Markdown."""
    checkers = told["checkers"]
    lines = [
        HEAD.format(total=told["wrong"], **{k: told[k] for k in ("every", "ordinary", "hard")})
    ]
    lines += [
        "| checker | wrong ones caught | ordinary right ones refused | hard right ones refused |",
        "|---|---|---|---|",
    ]
    for name, score in checkers.items():
        caught = sum(score["caught"].values())
        lines.append(
            f"| {name} | {caught} of {told['wrong']} ({100 * caught / told['wrong']:.1f} %) | "
            f"{len(score['refused']['ordinary'])} of {told['ordinary']} | "
            f"{len(score['refused']['hard'])} of {told['hard']} |"
        )
    lines += ["", "## By class of fault", ""]
    lines.append("| class | number | " + " | ".join(checkers) + " |")
    lines.append("|---|---|" + "---|" * len(checkers))
    for fault, count in sorted(told["classes"].items()):
        scores = " | ".join(str(score["caught"].get(fault, 0)) for score in checkers.values())
        lines.append(f"| {fault} | {count} | {scores} |")
    lines += ["", "## What minigrad missed, and what it refused", ""]
    for name, score in checkers.items():
        if not name.startswith("minigrad"):
            continue
        missed = Counted(f"{fault}, {variant}" for _, fault, variant in score["missed"])
        refused = [*score["refused"]["ordinary"], *score["refused"]["hard"]]
        lines.append(f"- {name} missed: {missed}; refused: {', '.join(refused) or 'nothing'}.")
    return "\n".join(lines) + "\n"


class Counted:
    """Names with their numbers, in words."""

    def __init__(self, names: Any) -> None:
        self.counts: dict[str, int] = {}
        for name in names:
            self.counts[name] = self.counts.get(name, 0) + 1

    def __str__(self) -> str:
        return ", ".join(f"{n} × {name}" for name, n in self.counts.items()) or "nothing"
