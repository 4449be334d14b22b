"""A lesson as a notebook, which Jupyter, VS Code and others open as it is."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

from minigrad.lessons.formulas import typeset
from minigrad.lessons.lesson import Lesson
from minigrad.lessons.program import CELL
from minigrad.serialization.whole import write_whole

_GOES_ON = re.compile(r"^((?![-+*] )\S.*[^:\n]\n)([-+*] )", re.MULTILINE)
"""A line, and a sign that the next one begins with: of a formula, not of a list, which begins
behind a colon, an empty line or another item."""


def write(lesson: Lesson, path: Path) -> None:
    """Write the lesson as a notebook: its words with formulas in TeX, its code, nothing run yet."""
    write_whole(path, (json.dumps(notebook(lesson), ensure_ascii=False, indent=1) + "\n").encode())


def notebook(lesson: Lesson) -> dict[str, Any]:
    """The notebook as plain data, in the format 4.5."""
    title = markdown(f"# {lesson.name}. {lesson.title}")
    cells = [title, *map(_cell, _parts(lesson.path.read_text(encoding="utf-8")))]
    return document(lesson.script.replace("_", "-"), cells)


def document(name: str, cells: list[dict[str, Any]]) -> dict[str, Any]:
    """A notebook of these cells, whose ids begin with the name."""
    for number, cell in enumerate(cells):
        cell["id"] = f"{name}-{number}"
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _parts(source: str) -> list[tuple[str, str]]:
    """The cells: what stands behind each one's mark, and its text."""
    pieces = re.split(rf"^{re.escape(CELL)}(.*)\n", source, flags=re.MULTILINE)[1:]
    return [
        (head.strip(), text.strip("\n")) for head, text in zip(*[iter(pieces)] * 2, strict=True)
    ]


def _cell(part: tuple[str, str]) -> dict[str, Any]:
    head, text = part
    if "[markdown]" in head:
        if text.startswith('"""'):
            return markdown(ast.literal_eval(text))
        return markdown(re.sub(r"^# ?", "", text, flags=re.MULTILINE))
    return code(text, parameters="parameters" in head)


def code(text: str, parameters: bool = False) -> dict[str, Any]:
    """A cell of code, not run yet; ``parameters`` tags it as the one that a run may replace."""
    return {
        "cell_type": "code",
        "metadata": {"tags": ["parameters"]} if parameters else {},
        "source": text.splitlines(keepends=True),
        "outputs": [],
        "execution_count": None,
    }


def markdown(text: str) -> dict[str, Any]:
    """A cell of words, its formulas in TeX."""
    # A line that goes on with + or - is no list: that begins behind an empty line or another item.
    text = _GOES_ON.sub(r"\1\\\2", typeset(text.strip("\n")))
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}
