"""Everything that the command line can run: the recipes and the lessons, by name."""

from __future__ import annotations

import difflib

from minigrad.lessons import LESSONS, Lesson
from minigrad.recipes import RECIPES, Recipe

System = Recipe | Lesson

_ALL: dict[str, System] = {**LESSONS, **RECIPES}


def _row(name: str) -> tuple[int, int, str]:
    """Where a name stands in the table of systems: its group's letter, its number, what follows."""
    number = name[1:].partition("-")[0]
    return "ETPADCNGV".index(name[0]), int(number or 0), name


SYSTEMS: dict[str, System] = {name: _ALL[name] for name in sorted(_ALL, key=_row)}
"""In the order of the table of systems."""


def find(name: str) -> System:
    """The system of this name, in any case. Errors: KeyError that names the close matches."""
    names = {system.lower(): system for system in SYSTEMS}
    if name.lower() in names:
        return SYSTEMS[names[name.lower()]]
    close = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    meant = f"did you mean {' or '.join(names[c] for c in close)}? " if close else ""
    raise KeyError(f"nothing is named {name!r}; {meant}there are {', '.join(SYSTEMS)}")
