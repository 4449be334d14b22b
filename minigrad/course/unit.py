"""What a unit of the course is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from minigrad.exercise.book import EXERCISES
from minigrad.lessons import LESSONS
from minigrad.recipes import RECIPES


@dataclass(frozen=True)
class Unit:
    """One unit: words, a few lines to type, a question, what to run, exercises.

    Attributes:
        name, title: its number in the course, and what it is about.
        minutes: how long it takes, without the exercises.
        needs: the units that come before it.
        words: the text; paragraphs stand apart, formulas are lines that are indented.
        code: what a student types.
        shows: what it prints.
        ask, answer: something to predict before running it, and what it is.
        systems: lessons and networks, by name, that belong to it.
        missing: what the unit is to have and has not yet.
    """

    name: str
    title: str
    minutes: int
    needs: Sequence[str]
    words: str
    code: str
    shows: str
    ask: str
    answer: str
    systems: Sequence[str] = ()
    missing: str = ""
    leads: Sequence[str] = field(default_factory=tuple)

    @property
    def exercises(self) -> list[str]:
        """The names of its exercises."""
        return [e.name for e in EXERCISES.values() if e.unit == self.name]

    def titled(self) -> list[tuple[str, str, str]]:
        """What belongs to it: kind, name and title of each lesson, network and exercise."""
        found = [
            ("lesson", s, LESSONS[s].title) if s in LESSONS else ("network", s, RECIPES[s].title)
            for s in self.systems
        ]
        return found + [("exercise", n, EXERCISES[n].title) for n in self.exercises]

    def to_dict(self) -> dict[str, Any]:
        """The unit as plain data for JSON."""
        return {**self.__dict__, "exercises": self.exercises}
