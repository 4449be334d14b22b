"""A unit as a notebook: words, code, exercises with a cell to fill in and a check; no solutions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from minigrad.course.unit import Unit
from minigrad.exercise.book import EXERCISES
from minigrad.exercise.exercise import Exercise
from minigrad.lessons.notebook import code, document, markdown
from minigrad.serialization.whole import write_whole


def write(unit: Unit, path: Path) -> None:
    """Write the notebook; nothing is run yet."""
    write_whole(path, (json.dumps(notebook(unit), ensure_ascii=False, indent=1) + "\n").encode())


def notebook(unit: Unit) -> dict[str, Any]:
    """The notebook as plain data, in the format 4.5."""
    cells = [
        markdown(f"# {unit.name}. {unit.title}\n\n{unit.words.strip()}"),
        markdown(f"## Predict first\n\n{unit.ask}"),
        code(unit.code.strip()),
        markdown(f"<details><summary>the answer</summary>\n\n{unit.answer}\n\n</details>"),
    ]
    if unit.systems:
        told = "\n".join(
            f"- `python -m minigrad train {name}`: {title}"
            for kind, name, title in unit.titled()
            if kind != "exercise"
        )
        cells.append(markdown(f"## Run\n\n{told}"))
    for name in unit.exercises:
        cells += exercise_cells(EXERCISES[name])
    return document(f"unit-{unit.name.lower()}", cells)


def exercise_cells(exercise: Exercise) -> list[dict[str, Any]]:
    """An exercise as cells: what is asked, the hole, the check."""
    hints = "\n".join(
        f"<details><summary>hint {i}</summary>\n\n{hint}\n\n</details>"
        for i, hint in enumerate(exercise.hints, 1)
    )
    body = exercise.file().split('"""\n\n', 1)[1].strip()
    return [
        markdown(f"## Exercise: {exercise.title}\n\n{exercise.words.strip()}\n\n{hints}"),
        code(body),
        code(f'import minigrad\n\nminigrad.exercise.check("{exercise.name}", {exercise.asks})'),
    ]
