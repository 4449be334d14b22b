"""Rows for a drawing from top to bottom: which row a box stands in, and where long edges pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

Edge = tuple[int, int]

SHARED = 3
"""Long edges of one box; if it has more, they share their way, as a weight's in a recurrent net."""


@dataclass
class Rows:
    """Boxes in rows. An edge that crosses a row passes it in a *bend*, an item without a size, so
    that every link joins neighbouring rows.

    Attributes:
        boxes: how many there are; the items from this number on are bends.
        rows: the items of each row, from left to right.
        above, below: for each item those that it is linked with in the rows next to it.
        paths: for each edge the items that it passes, from its source to its target.
    """

    boxes: int
    rows: list[list[int]]
    above: list[list[int]]
    below: list[list[int]]
    paths: list[list[int]]


def in_rows(boxes: int, edges: Sequence[Edge]) -> Rows:
    """Each box as low as its targets allow, so that a parameter stands right above what uses it.

    Errors: ValueError for an edge that leads to no later box: the boxes are to be numbered so that
    every edge leads from a lower number to a higher one.
    """
    for source, target in edges:
        if not 0 <= source < target < boxes:
            raise ValueError(
                f"layout: expected edges from a lower number to a higher one below {boxes}, got "
                f"{(source, target)}"
            )
    height = [0] * boxes
    for source, target in sorted(edges, reverse=True):
        height[source] = max(height[source], height[target] + 1)
    top = max(height, default=-1)
    row_of = [top - h for h in height]
    found = Rows(boxes, [[] for _ in range(top + 1)], [], [], [])
    for box in range(boxes):
        _add(found, row_of[box])
    long = Counter(a for a, b in edges if row_of[b] - row_of[a] > 1)
    trunks = [[box] for box in range(boxes)]  # of each box: itself, and its bends below it
    for source, target in edges:
        trunk = trunks[source] if long[source] > SHARED else [source]
        length = row_of[target] - row_of[source]
        while len(trunk) < length:
            trunk.append(_add(found, row_of[source] + len(trunk)))
            _link(found, trunk[-2], trunk[-1])
        _link(found, trunk[length - 1], target)
        found.paths.append([*trunk[:length], target])
    return found


def _add(found: Rows, row: int) -> int:
    item = len(found.above)
    found.rows[row].append(item)
    found.above.append([])
    found.below.append([])
    return item


def _link(found: Rows, upper: int, lower: int) -> None:
    found.below[upper].append(lower)
    found.above[lower].append(upper)
