"""Runs a lesson."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from minigrad.lessons.figures import kept
from minigrad.lessons.lesson import Lesson
from minigrad.lessons.program import program


def run(lesson: Lesson, out: Path | None, **parameters: Any) -> dict[str, Any]:
    """Run the lesson and return the variables that it leaves behind.

    Its figures are written to the folder ``out``, as PNG and SVG; None writes none.
    ``parameters`` replace the constants of its cell of parameters.
    Errors: ValueError for a parameter that it does not have; what the lesson itself raises.
    """
    return execute(lesson.path, out, **parameters)


def execute(script: Path, out: Path | None, **parameters: Any) -> dict[str, Any]:
    """The same for any script of that form: in a namespace of its own, imported by nobody."""
    code = program(script, **parameters)
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": str(script)}
    with kept(out):
        exec(code, namespace)
    return namespace
