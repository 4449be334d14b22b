"""The course: units in an order, each with words, a few lines to type, a question and exercises."""

from __future__ import annotations

from dataclasses import replace

from minigrad.course import engine, first, fourth, second, third
from minigrad.course.unit import Unit

__all__ = ["UNITS", "Unit"]

_ALL = [unit for part in (first, engine, second, third, fourth) for unit in part.UNITS]

UNITS: dict[str, Unit] = {
    unit.name: replace(unit, leads=tuple(u.name for u in _ALL if unit.name in u.needs))
    for unit in _ALL
}
"""By their names, in the order of the course."""
