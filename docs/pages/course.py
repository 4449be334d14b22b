"""The pages of the course: a unit each, and the exercises, without solutions."""

from __future__ import annotations

import re
from html import escape

import minigrad
from minigrad.course import UNITS, Unit
from minigrad.draw.drawing import as_svg
from minigrad.exercise.book import EXERCISES
from minigrad.exercise.exercise import Exercise
from minigrad.lessons import LESSONS
from minigrad.lessons.formulas import typeset

INDEX = """# The course

Units in an order: words, a few lines to type, a question to answer before they are run, and
exercises that check themselves. `python -m minigrad learn` shows the same in a terminal,
`--notebook` writes notebooks.

| unit | | minutes | needs | exercises |
|--:|--|--:|--|--:|
{rows}

```{{toctree}}
:hidden:
:maxdepth: 1

{listed}
```
"""


def pages() -> dict[str, str]:
    """The pages by name."""
    found = {f"unit-{unit.name.lower()}.md": page(unit) for unit in UNITS.values()}
    rows = "\n".join(
        f"| {u.name} | [{u.title}](unit-{u.name.lower()}) | {u.minutes} | {_links(u.needs)} | "
        f"{len(u.exercises)} |"
        for u in UNITS.values()
    )
    listed = "\n".join(name.removesuffix(".md") for name in found)
    found["index.md"] = INDEX.format(rows=rows, listed=listed)
    return found


def _links(names: tuple[str, ...]) -> str:
    return ", ".join(f"[{name}](unit-{name.lower()})" for name in names)


def page(unit: Unit) -> str:
    """One unit."""
    parts = [f"# {unit.name}. {unit.title}\n", typeset(unit.words.strip()), ""]
    if unit.name == "4":
        parts.append(f"```{{raw}} html\n{neuron()}\n```\n")
    parts += [
        f"**Predict first.** {unit.ask}",
        "",
        f"```python\n{unit.code.strip()}\n```",
        "",
        _hidden("what it prints, and the answer", f"{unit.shows.strip()}\n\n{unit.answer}", True),
    ]
    told = unit.titled()
    lessons = [(name, title) for kind, name, title in told if kind == "lesson"]
    others = [(name, title) for kind, name, title in told if kind == "network"]
    if lessons:
        parts.append("## Lessons\n")
        parts += [f"- [{n}. {title}](../lessons/{LESSONS[n].script})" for n, title in lessons]
        parts.append("")
    if others:
        parts.append("## Networks\n")
        parts += [f"- `python -m minigrad train {n}`: {title}" for n, title in others]
        parts.append("")
    if unit.exercises:
        parts.append("## Exercises\n")
        parts += [exercise(EXERCISES[name]) for name in unit.exercises]
    if unit.missing:
        parts.append(f"Still to come: {unit.missing}.\n")
    if unit.leads:
        parts.append(f"Goes on in {_links(tuple(unit.leads))}.\n")
    return "\n".join(parts)


def neuron() -> str:
    """The picture that stays: one neuron, with a value and a gradient on every edge."""
    w, x, b = (minigrad.tensor(v, requires_grad=True) for v in (-0.5, 2.0, 0.5))
    y = (w * x + b).sigmoid()
    drawing = minigrad.draw_graph(y, values=True, params={"w": w, "x": x, "b": b, "y": y})
    return as_svg(drawing).strip()


def exercise(one: Exercise) -> str:
    """One exercise: what is asked, the hole, the hints; not the solution."""
    body = one.file().split('"""\n\n', 1)[1].strip()
    hints = "\n".join(_hidden(f"hint {i}", hint) for i, hint in enumerate(one.hints, 1))
    command = f"python -m minigrad exercise {one.name} {one.name}.py"
    words = "\n\n".join(map(_paragraph, one.words.strip().split("\n\n")))
    return (
        f"### {one.title}\n\n{words}\n\n```python\n{body}\n```\n\n{hints}\n"
        f"`{command}` writes this file, then checks it.\n"
    )


def _paragraph(text: str) -> str:
    """Plain words, as one line so that none begins a list; a table as it stands."""
    if text[:1].isdigit() and text[1:3] == "  ":
        return f"```\n{text}\n```"
    line = escape(" ".join(text.splitlines()), False)
    return re.sub(r"([\\*_\[`])", r"\\\1", line)


def _hidden(summary: str, text: str, plain: bool = False) -> str:
    """Words that are shown on demand, as they stand."""
    shown = f"<pre>{escape(text)}</pre>" if plain else f"<p>{escape(text)}</p>"
    return f"```{{raw}} html\n<details><summary>{escape(summary)}</summary>{shown}</details>\n```\n"
