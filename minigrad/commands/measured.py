"""What a system came to when it was last run: from the files that the commands write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from minigrad.training.report import read_json

RUNS = Path("runs")
"""Where train and compare write to, a folder a system, below the folder they are run in."""

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
"""What was measured for the README; only a checkout has it."""


def last(name: str) -> str:
    """The last result in a few words: this folder's runs first, then the README's."""
    files = [RUNS / name / "compare.json", RUNS / name / "report.json"]
    newest = sorted((f for f in files if f.is_file()), key=lambda f: f.stat().st_mtime)
    for path in [*reversed(newest), RESULTS / f"{name.lower()}.json"]:
        try:
            told = tell(read_json(path))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError):
            continue  # not there, or cut off, or another command's
        return told
    return ""


def tell(report: dict[str, Any]) -> str:
    """A report of train or compare in a few words: the accuracy, or else the loss, of each side."""
    if "lesson" in report:
        accuracy = report["test_accuracy"]
        return "ran" if accuracy is None else f"{accuracy:.2f} %"
    history = report["history"]
    key = "test_accuracy" if "accuracy" in report["recipe"]["metrics"] else "train_loss"
    form = "{:.2f} %" if key == "test_accuracy" else "loss {:.4g}"
    ours = form.format(history["minigrad"][-1][key])
    if "torch" not in history:
        return ours
    return f"{ours}, PyTorch {form.format(history['torch'][-1][key])}"
