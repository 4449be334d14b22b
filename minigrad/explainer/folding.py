"""Long steps folded: into the modules that were called, into the steps in time that repeat with the
same weights, and of the update into what belongs to each weight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeAlias

from minigrad.explainer.stack import place
from minigrad.explainer.trace import Row, Trace, Value

VIEWS = {"reshape", "permute", "expand", "slice", "clone", "transfer", "cast", "overlay"}
FEW = 20
"""So many rows of a phase are read as they are."""
SMALL = 3
"""Of fewer rows no fold is made."""
TENS = 16
"""More steps in time than this stand in groups of ten."""


@dataclass
class Fold:
    """Rows that stand for one thing.

    Attributes:
        title, kind: what it is called; "module", "step" or "weight".
        parts: rows, by number, and folds.
        number: its own.
    """

    title: str
    kind: str
    parts: list[Part] = field(default_factory=list)
    number: int = 0

    def rows(self) -> Iterator[int]:
        """The rows in it, in order."""
        for part in self.parts:
            if isinstance(part, Fold):
                yield from part.rows()
            else:
                yield part


Part: TypeAlias = "int | Fold"


def folds(trace: Trace) -> tuple[list[Part], list[Part]]:
    """The rows of forward and those of the update, folded."""
    phases = [
        [n for n, row in enumerate(trace.rows) if row.phase == phase]
        for phase in ("forward", "update")
    ]
    many = [sum(trace.rows[n].name not in VIEWS for n in numbers) > FEW for numbers in phases]
    ends = [each.end for each in trace.passes]
    forward: list[Part] = []
    for _, section in groupby(phases[0], lambda n: sum(n >= end for end in ends)):
        rows = list(section)
        forward += _folded(trace, rows, 0) if many[0] else rows
    update: list[Part] = [*phases[1]]
    if many[1]:
        update = _by_weights(trace, phases[1])
    for number, fold in enumerate(_all(forward + update), 1):
        fold.number = number
    return forward, update


def told(parts: Sequence[Part]) -> list[Any]:
    """In JSON."""
    return [
        {"t": x.title, "k": x.kind, "id": x.number, "in": told(x.parts)}
        if isinstance(x, Fold)
        else x
        for x in parts
    ]


def _all(parts: Sequence[Part]) -> Iterator[Fold]:
    for part in parts:
        if isinstance(part, Fold):
            yield part
            yield from _all(part.parts)


def _folded(trace: Trace, rows: list[int], depth: int) -> list[Part]:
    """Rows folded, whose modules are the same up to this depth."""
    run = _repeats(trace, rows)
    if run is not None:
        start, period, times = run
        inside = {_module(trace, n, depth) for n in rows[start : start + period * times]}
        if len(inside) > 1 or inside == {None}:
            after = start + period * times
            steps: list[Part] = []
            for t in range(times):
                own = rows[start + t * period : start + (t + 1) * period]
                parts: list[Part] = [*own]
                if period > FEW:
                    parts = _folded(trace, own, depth)
                steps.append(Fold(f"step {t + 1} of {times}", "step", parts))
            before, rest = rows[:start], rows[after:]
            return [
                *(_folded(trace, before, depth) if before else ()),
                *_in_tens(steps),
                *(_folded(trace, rest, depth) if rest else ()),
            ]
    groups = [
        (module, list(own)) for module, own in groupby(rows, lambda n: _module(trace, n, depth))
    ]
    if len(groups) == 1:
        return [*rows] if groups[0][0] is None else _folded(trace, rows, depth + 1)
    found: list[Part] = []
    for module, own in groups:
        if module is None or _weight(trace, own) < SMALL:
            found += own
        else:
            called = next(m for m in trace.rows[own[0]].path[depth:] if id(m) == module)
            name, kind = trace.modules.get(module, ""), type(called).__name__
            parts = _folded(trace, own, depth + 1)
            if not name and any(len(trace.rows[n].path) > depth + 1 for n in own):
                found += parts  # the model itself
            else:
                found.append(Fold(f"{name} · {kind}" if name else kind, "module", parts))
    return found


def _in_tens(steps: list[Part]) -> list[Part]:
    if len(steps) <= TENS:
        return steps
    return [
        Fold(f"steps {i + 1} to {min(i + 10, len(steps))}", "step", steps[i : i + 10])
        for i in range(0, len(steps), 10)
    ]


def _module(trace: Trace, n: int, depth: int) -> int | None:
    path = trace.rows[n].path
    return id(path[depth]) if depth < len(path) else None


def _weight(trace: Trace, rows: Sequence[int]) -> int:
    return sum(trace.rows[n].name not in VIEWS for n in rows)


def _repeats(trace: Trace, rows: Sequence[int]) -> tuple[int, int, int] | None:
    """Where rows are done again and again with the same weights: start, period, how often."""
    signs = [_sign(trace.rows[n]) for n in rows]
    trained = [any(sign[-1]) for sign in signs]
    best, covered = None, 0
    for period in range(SMALL, len(rows) // 2 + 1):
        length = 0
        for i in range(len(rows) - period):
            length = length + 1 if signs[i] == signs[i + period] else 0
            times = length // period + 1
            start = i - length + 1
            if times < 2 or times * period <= covered or not any(trained[start : start + period]):
                continue
            if _feeds(trace, rows[start : start + period], rows[start + period : i + period + 1]):
                best, covered = (start, period, times), times * period
    return best


def _feeds(trace: Trace, step: Sequence[int], later: Sequence[int]) -> bool:
    """Whether what a step makes is used later on: that is what makes it a step in time."""
    made = {trace.rows[n].result.number for n in step}
    return any(
        isinstance(x, Value) and x.number in made for n in later for x in trace.rows[n].given
    )


def _sign(row: Row) -> tuple[Any, ...]:
    values = [x for x in row.given if isinstance(x, Value)]
    weights = tuple(x.number for x in values if x.trained)
    shapes = tuple(x.array.shape for x in values)
    return row.name, place(row.where), tuple(map(id, row.path)), shapes, weights


def _by_weights(trace: Trace, rows: list[int]) -> list[Part]:
    """Each weight's own rows, and what serves several."""
    goals: dict[int, set[str]] = {}
    for n in reversed(rows):
        row = trace.rows[n]
        own = goals.setdefault(row.result.number, set())
        if row.into is not None and _first(trace, row.into).trained:
            own.add(_first(trace, row.into).name)
        for x in row.given:
            if isinstance(x, Value):
                goals.setdefault(x.number, set()).update(own)
    found: list[Part] = []
    for names, group in groupby(rows, lambda n: frozenset(goals[trace.rows[n].result.number])):
        numbers = list(group)
        title = "all weights" if len(names) > 1 else "".join(names)
        if title and len(numbers) > 1:
            found.append(Fold(title, "weight", [*numbers]))
        else:
            found += numbers
    return found


def _first(trace: Trace, value: Value) -> Value:
    """What stood there as the step began."""
    return next((v for v in trace.values if v.array is value.array), value)
