"""A layered drawing of boxes and arrows, from top to bottom: `lay_out`.

Three questions, a file each: which row (`layers`), in which order (`ordering`), where exactly
(`placement`). Here the rows get their heights and the edges their lines: straight down within a
row, a gentle curve between two, so that no line can meet a box that it does not belong to.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from minigrad.draw.layers import Edge, Rows, in_rows
from minigrad.draw.ordering import put_in_order
from minigrad.draw.placement import placed

Point = tuple[float, float]
Segment = tuple[Point, ...]
"""A straight line (two points) or a cubic Bézier curve (four)."""

STRAIGHT = 0.5
"""So far aside nobody sees it."""
SLOPE, LEVEL = 0.08, 150.0
"""Rows stand apart by so much more for each point that a line between them goes aside, from LEVEL
on, but never by more than twice the gap."""


@dataclass(frozen=True)
class Layout:
    """Where everything stands, y pointing down.

    Attributes:
        width, height: of the whole.
        centres: of each box.
        lines: for each edge the segments from the bottom of its source to the top of its target.
    """

    width: float
    height: float
    centres: list[Point]
    lines: list[list[Segment]]


def lay_out(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[Edge],
    side: Collection[int] = (),
    gap: tuple[float, float] = (14.0, 30.0),
) -> Layout:
    """Place boxes of these (width, height), and lead the edges, given as (source, target), down.

    ``side`` are boxes that stand beside the main flow, as parameters do; ``gap`` is the least
    distance of neighbours (across, down). Errors: ValueError as `in_rows` raises it.
    """
    aside = frozenset(side)
    found = in_rows(len(sizes), edges)
    put_in_order(found, aside)
    x = placed(found, [width for width, _ in sizes], gap[0], aside)
    tops, bottoms = _rows(found, x, sizes, gap[1])
    row_of = {item: i for i, row in enumerate(found.rows) for item in row}
    centres = [(x[b], (tops[row_of[b]] + bottoms[row_of[b]]) / 2) for b in range(found.boxes)]
    ports = _ports(found, x, sizes)
    lines = []
    for path, port in zip(found.paths, ports, strict=True):
        first, last = path[0], path[-1]
        stations = [(x[item], tops[row_of[item]], bottoms[row_of[item]]) for item in path]
        stations[0] = (x[first], centres[first][1] + sizes[first][1] / 2, stations[0][2])
        stations[-1] = (port, stations[-1][1], centres[last][1] - sizes[last][1] / 2)
        lines.append(_line(stations))
    right = max((at + w / 2 for at, (w, _) in zip(x, sizes, strict=False)), default=0.0)
    return Layout(max([right, *x]), max(bottoms, default=0.0), centres, lines)


def _rows(
    found: Rows, x: Sequence[float], sizes: Sequence[tuple[float, float]], gap: float
) -> tuple[list[float], list[float]]:
    """Where each row begins and ends."""
    heights, steps = [], []
    for row in found.rows:
        heights.append(max((sizes[item][1] for item in row if item < found.boxes), default=0.0))
        aside = max((abs(x[a] - x[b]) for a in row for b in found.below[a]), default=0.0)
        steps.append(heights[-1] + gap + min(gap, SLOPE * max(0.0, aside - LEVEL)))
    tops = list(accumulate(steps, initial=0.0))[:-1]
    return tops, [top + height for top, height in zip(tops, heights, strict=True)]


def _ports(found: Rows, x: Sequence[float], sizes: Sequence[tuple[float, float]]) -> list[float]:
    """Where each edge meets the top of its target: one that comes straight from above in the
    middle, the others beside it in the order in which they come."""
    arriving: list[list[int]] = [[] for _ in range(found.boxes)]
    for number, path in enumerate(found.paths):
        arriving[path[-1]].append(number)
    ports = [0.0] * len(found.paths)
    for box, numbers in enumerate(arriving):
        numbers.sort(key=lambda number: x[found.paths[number][-2]])
        aside = [x[found.paths[number][-2]] - x[box] for number in numbers]
        straight = [i for i, distance in enumerate(aside) if abs(distance) < STRAIGHT]
        for i, number in enumerate(numbers):
            if len(straight) != 1:
                share = (i + 1) / (len(numbers) + 1)
            elif i <= straight[0]:
                share = (i + 1) / (straight[0] + 1) / 2
            else:
                share = 1 - (len(numbers) - i) / (len(numbers) - straight[0]) / 2
            ports[number] = x[box] + sizes[box][0] * (share - 0.5)
    return ports


def _line(stations: Sequence[tuple[float, float, float]]) -> list[Segment]:
    """Straight through each station (x, from, to), curved from one to the next."""
    at, start, end = stations[0]
    segments: list[Segment] = [((at, start), (at, end))]
    for (a, _, y), (b, z, bottom) in pairwise(stations):
        middle = (y + z) / 2
        straight = abs(a - b) < STRAIGHT
        segments.append(
            ((a, y), (b, z)) if straight else ((a, y), (a, middle), (b, middle), (b, z))
        )
        segments.append(((b, z), (b, bottom)))
    return [segment for segment in segments if segment[0] != segment[-1]]
