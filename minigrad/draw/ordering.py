"""The order within each row, so that few edges cross.

Source: K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system
structures", 1981: each item goes to the mean place of those that it is linked with in the next
row, up and down in turn.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from itertools import pairwise

from minigrad.draw.layers import Rows

SWEEPS = 12


def put_in_order(found: Rows, side: frozenset[int] = frozenset()) -> None:
    """Order ``found.rows``. ``side`` are boxes that belong at the sides of what they lead to."""
    _first_order(found, side)
    best, fewest = [list(row) for row in found.rows], crossings(found)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        _sweep(found, down=sweep % 2 == 1)
        now = crossings(found)
        if now < fewest:
            best, fewest = [list(row) for row in found.rows], now
    found.rows[:] = best


def crossings(found: Rows) -> int:
    """How many pairs of links cross."""
    total = 0
    for upper, lower in pairwise(found.rows):
        place = {item: i for i, item in enumerate(lower)}
        ends: list[int] = []
        for item in upper:
            own = sorted(place[target] for target in found.below[item])
            total += sum(len(ends) - bisect_right(ends, end) for end in own)
            for end in own:
                insort(ends, end)
    return total


def _first_order(found: Rows, side: frozenset[int]) -> None:
    """As a walk up from the results meets the items: what leads to one place stays together."""
    row_of = {item: i for i, row in enumerate(found.rows) for item in row}
    ordered: list[list[int]] = [[] for _ in found.rows]
    seen: set[int] = set()
    stack = [item for row in found.rows for item in reversed(row)]  # the lowest row is met first
    while stack:
        item = stack.pop()
        if item not in seen:
            seen.add(item)
            ordered[row_of[item]].append(item)
            stack.extend(reversed(_balanced(found.above[item], side)))
    found.rows[:] = ordered


def _balanced(items: list[int], side: frozenset[int]) -> list[int]:
    """The items, those for the sides half on the left and half on the right."""
    inner = [item for item in items if item not in side]
    outer = [item for item in items if item in side]
    half = len(outer) // 2
    return [*outer[:half], *inner, *outer[half:]]


def _sweep(found: Rows, down: bool) -> None:
    """Order every row by the row that was ordered before it. An item without a link there keeps
    its place."""
    links = found.above if down else found.below
    order = range(1, len(found.rows)) if down else range(len(found.rows) - 2, -1, -1)
    for i in order:
        row = found.rows[i]
        place = {item: n for n, item in enumerate(found.rows[i - 1 if down else i + 1])}
        mean = {
            item: sum(place[other] for other in links[item]) / len(links[item])
            for item in row
            if links[item]
        }
        moved = iter(sorted(mean, key=mean.__getitem__))
        found.rows[i] = [next(moved) if item in mean else item for item in row]
