"""``train`` of a lesson: run it, keep its figures."""

from __future__ import annotations

import argparse
from pathlib import Path

from minigrad.commands import options
from minigrad.lessons import Lesson, parameters, run
from minigrad.training import report


def train(asked: argparse.Namespace, lesson: Lesson) -> int:
    """Run the lesson; its figures and a report go to the output folder. Returns 0."""
    out = options.folder(asked, lesson.name)
    changes = options.parameters_of(asked, lesson)
    left = run(lesson, out, **changes)
    accuracy = float(left["test_accuracy"]) if lesson.known is not None else None
    result = {
        "lesson": lesson.as_dict(),
        "parameters": {**parameters(lesson.path), **changes},
        "test_accuracy": accuracy,
        **report.surroundings(),
    }
    for path in filter(None, (out / "report.json", asked.json)):
        report.write_json(result, Path(path))
    if accuracy is not None:
        print(f"test accuracy {accuracy:.2f} % (known result {lesson.known} %)")
    if any(out.glob("*.png")):
        print(f"figures written to {out}")
    return 0
