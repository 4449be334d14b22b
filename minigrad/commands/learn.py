"""``learn``: the course, its units in their order; one unit's words, code and exercises."""

from __future__ import annotations

import argparse
import difflib
import json
import textwrap
from pathlib import Path
from typing import Any

from minigrad.commands.tables import show, width
from minigrad.course import UNITS, Unit
from minigrad.course.notebook import write
from minigrad.serialization.whole import write_whole

DESCRIPTION = """\
The course. Without UNIT its units are listed, with what each needs, takes and leads to. With UNIT
its text is shown, lines to type, a question to answer before they are run, and what belongs to it.
"""
WIDE = 80


def add_to(verbs: Any) -> None:
    """Make the verb known."""
    verb = verbs.add_parser("learn", help="the course, unit by unit", description=DESCRIPTION)
    verb.add_argument("unit", nargs="?", metavar="UNIT", help="1 to 31, or K; 'all' for notebooks")
    verb.add_argument("--answer", action="store_true", help="what the question's answer is")
    verb.add_argument("--run", action="store_true", dest="execute", help="run the unit's code")
    verb.add_argument(
        "--notebook",
        type=Path,
        metavar="FILE",
        help="write the unit as a notebook, exercises without solutions; of all units, the folder",
    )
    verb.add_argument("--json", type=Path, metavar="OUT", help="write the units as JSON")
    verb.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """List the units, or show one."""
    chosen = list(UNITS.values()) if asked.unit in (None, "all") else [find(asked.unit)]
    if asked.json is not None:
        told = [unit.to_dict() for unit in chosen]
        write_whole(asked.json, (json.dumps(told, indent=2) + "\n").encode(), "--json")
        return 0
    if asked.notebook is not None:
        return _notebooks(asked, chosen)
    if len(chosen) > 1:
        return _list(chosen)
    (unit,) = chosen
    if asked.answer:
        _say(unit.answer)
    elif asked.execute:
        exec(compile(unit.code, f"<unit {unit.name}>", "exec"), {"__name__": "__main__"})
    else:
        _show(unit)
    return 0


def find(name: str) -> Unit:
    """The unit of this name, in any case. Errors: KeyError that says which there are."""
    if name.upper() in UNITS:
        return UNITS[name.upper()]
    titles = {unit.title.lower(): unit.name for unit in UNITS.values()}
    close = difflib.get_close_matches(name.lower(), titles, n=1, cutoff=0.4)
    meant = f"did you mean {titles[close[0]]}, {close[0]}? " if close else ""
    raise KeyError(f"there is no unit {name!r}; {meant}there are 1 to 31 and K")


def _notebooks(asked: argparse.Namespace, chosen: list[Unit]) -> int:
    for unit in chosen:
        path = asked.notebook
        if asked.unit in (None, "all"):
            path = path / f"unit-{unit.name.lower().zfill(2)}.ipynb"
        elif not path.suffix:
            path = path.with_suffix(".ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        write(unit, path)
        _say(f"written to {path}")
    return 0


def _list(units: list[Unit]) -> int:
    rows = [
        (
            unit.name,
            unit.title,
            str(unit.minutes),
            " ".join(unit.needs),
            " ".join(unit.leads),
            str(len(unit.exercises)),
        )
        for unit in units
    ]
    columns = ("UNIT", "what", "minutes", "needs", "leads to", "exercises")
    show("The course: learn UNIT shows one", columns, rows, head=2)
    return 0


def _show(unit: Unit) -> None:
    needs = f"after {' and '.join(unit.needs)}" if unit.needs else "to begin with"
    _say(f"{unit.name}. {unit.title} ({unit.minutes} minutes, {needs})")
    print()
    for paragraph in unit.words.strip("\n").split("\n\n"):
        print(paragraph)
        print()
    print("Type:\n")
    print(textwrap.indent(unit.code.strip(), "    "))
    print()
    _say(f"Predict first: {unit.ask}")
    _say(f"Then --run runs it, and --answer says: python -m minigrad learn {unit.name} --run")
    told = unit.titled()
    for kind, verb in (("lesson", "lesson"), ("network", "train"), ("exercise", "exercise")):
        rows = [(name, title) for k, name, title in told if k == kind]
        if rows:
            print(f"\n{kind.capitalize()}s, python -m minigrad {verb} NAME:")
            for name, title in rows:
                _say(f"  {name}: {title}", "    ")
    if unit.missing:
        print()
        _say(f"Still to come: {unit.missing}.")
    if unit.leads:
        print()
        _say(f"Goes on in {', '.join(unit.leads)}.")


def _say(words: str, further: str = "") -> None:
    there = min(width() or WIDE, WIDE)
    print(
        textwrap.fill(
            words,
            there,
            subsequent_indent=further,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )
