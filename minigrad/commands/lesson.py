"""``lesson``, and ``train`` of one: run it and keep its figures, or write it as a notebook."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from minigrad.commands import options
from minigrad.commands.systems import find
from minigrad.commands.tables import tell
from minigrad.lessons import LESSONS, Lesson, notebook, parameters, run
from minigrad.training import report

DESCRIPTION = """\
Run a lesson, step by step, and keep its figures in runs/NAME; or, with --notebook, write it as a
notebook for Jupyter, VS Code and others: words, formulas and code, its figures below their cells.
NAME 'all' with --notebook DIR writes every lesson.
"""


def add_to(verbs: Any) -> None:
    """Make the verb known."""
    verb = verbs.add_parser(
        "lesson", help="run a lesson, or write it as a notebook", description=DESCRIPTION
    )
    options.add_to(verb)
    verb.add_argument(
        "--notebook",
        type=Path,
        metavar="FILE",
        help="write the notebook FILE.ipynb, and run nothing; of all lessons, the folder for them",
    )
    verb.set_defaults(run=_run)


def _run(asked: argparse.Namespace) -> int:
    if asked.name == "all" and asked.notebook is not None:
        for lesson in LESSONS.values():
            _write(lesson, asked.notebook / f"{lesson.name}-{lesson.script}.ipynb")
        return 0
    system = find(asked.name)
    if not isinstance(system, Lesson):
        raise ValueError(
            f"{system.name} is a network and no lesson: python -m minigrad train {system.name}; "
            f"lessons are {', '.join(LESSONS)}"
        )
    if asked.notebook is None:
        return train(asked, system)
    _write(system, asked.notebook)
    return 0


def _write(lesson: Lesson, path: Path) -> None:
    path = path if path.suffix else path.with_suffix(".ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook.write(lesson, path)
    tell(f"written to {path}")


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
    if any(out.glob("*.png")):
        tell(f"figures written to {out}")
    return 0
