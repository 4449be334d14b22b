"""Where the items of ordered rows stand from left to right: straight lines first, no overlaps.

Items that follow one another are aligned into blocks, which are then packed; done from either end
and from either side, this gives four drawings, of which each item takes the middle.

Source: U. Brandes, B. Köpf, "Fast and simple horizontal coordinate assignment", 2001. Different
here: boxes follow boxes and bends follow bends where they can, and side boxes, which follow nothing
of the main flow, move up to what they lead to at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from minigrad.draw.layers import Edge, Rows


def placed(
    found: Rows, widths: Sequence[float], gap: float, side: frozenset[int] = frozenset()
) -> list[float]:
    """The centre of each item from the left. ``side`` are boxes beside the main flow."""
    half = [width / 2 for width in widths] + [0.0] * (len(found.above) - found.boxes)
    aside = side.union(*(path[1:-1] for path in found.paths if path[0] in side))
    firm = _firm(found, aside)
    drawings = []
    for down in (True, False):
        for mirrored in (False, True):
            rows = [row[::-1] if mirrored else row for row in found.rows]
            x = _packed(rows, _aligned(rows, firm, down), half, gap)
            drawings.append([-at for at in x] if mirrored else x)
    x = _middle(drawings, half)
    for row in reversed(found.rows):
        wanted, weights = [], []
        for item in row:
            below = found.below[item] if item in aside else []
            wanted.append(sum(x[o] for o in below) / len(below) if below else x[item])
            weights.append(1e-9 if below else 1.0)
        spaces = [half[a] + half[b] + gap for a, b in pairwise(row)]
        for item, at in zip(row, spread(wanted, weights, spaces), strict=True):
            x[item] = at
    left = min((at - h for at, h in zip(x, half, strict=True)), default=0.0)
    return [at - left for at in x]


def _firm(found: Rows, side: frozenset[int]) -> set[Edge]:
    """The links along which items may be aligned: each end prefers the other."""

    def preferred(item: int, others: list[int]) -> list[int]:
        alike = [o for o in others if (o in side) == (item in side)]
        return [o for o in alike if (o < found.boxes) == (item < found.boxes)] or alike

    return {
        (upper, lower)
        for lower, above in enumerate(found.above)
        for upper in preferred(lower, above)
        if lower in preferred(upper, found.below[upper])
    }


def _aligned(rows: list[list[int]], firm: set[Edge], down: bool) -> list[int]:
    """For each item the first of its block: row after row an item joins the middle one of those
    that it follows, unless these lines would cross."""
    follows: dict[int, list[int]] = {}
    for upper, lower in firm:
        first, second = (upper, lower) if down else (lower, upper)
        follows.setdefault(second, []).append(first)
    block = list(range(sum(map(len, rows))))
    for before, row in pairwise(rows if down else rows[::-1]):
        place = {item: i for i, item in enumerate(before)}
        taken = -1
        for item in row:
            near = sorted(place[other] for other in follows.get(item, ()))
            for middle in dict.fromkeys(((len(near) - 1) // 2, len(near) // 2)):
                if near and near[middle] > taken:
                    taken = near[middle]
                    block[item] = block[before[taken]]
                    break
    return block


def _packed(
    rows: list[list[int]], block: list[int], half: Sequence[float], gap: float
) -> list[float]:
    """Every block as far to the left as its neighbours let it, then those with neighbours on the
    right as close to them as they can."""
    space: dict[Edge, float] = {}  # between neighbouring blocks
    for row in rows:
        for a, b in pairwise(row):
            pair = block[a], block[b]
            space[pair] = max(space.get(pair, 0.0), half[a] + half[b] + gap)
    order = _sorted_by(space, set(block))
    left: dict[int, list[Edge]] = {b: [] for b in order}
    right: dict[int, list[Edge]] = {b: [] for b in order}
    for pair in space:
        left[pair[1]].append(pair)
        right[pair[0]].append(pair)
    x: dict[int, float] = {}
    for b in order:
        x[b] = max((x[pair[0]] + space[pair] for pair in left[b]), default=0.0)
    for b in reversed(order):
        x[b] = min((x[pair[1]] - space[pair] for pair in right[b]), default=x[b])
    return [x[b] for b in block]


def _sorted_by(pairs: dict[Edge, float], blocks: set[int]) -> list[int]:
    """The blocks, each after all of its left neighbours."""
    waiting = dict.fromkeys(blocks, 0)
    after: dict[int, list[int]] = {b: [] for b in blocks}
    for a, b in pairs:
        waiting[b] += 1
        after[a].append(b)
    ready = sorted(b for b in blocks if not waiting[b])
    for b in ready:  # grows meanwhile
        for other in after[b]:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return ready


def _middle(drawings: list[list[float]], half: Sequence[float]) -> list[float]:
    """The drawings laid over the narrowest, left ones by their left ends and right ones by their
    right ends; of each item's four places the mean of the two in the middle."""
    ends = [
        (
            min((at - h for at, h in zip(x, half, strict=True)), default=0.0),
            max((at + h for at, h in zip(x, half, strict=True)), default=0.0),
        )
        for x in drawings
    ]
    best = min(ends, key=lambda end: end[1] - end[0])
    moved = [
        [at + best[i % 2] - end[i % 2] for at in x]
        for i, (x, end) in enumerate(zip(drawings, ends, strict=True))
    ]
    return [sum(sorted(places)[1:3]) / 2 for places in zip(*moved, strict=True)]


def spread(
    wanted: Sequence[float], weights: Sequence[float], spaces: Sequence[float]
) -> list[float]:
    """The x with x[i+1] - x[i] ≥ spaces[i] that make Σ weights[i] (x[i] - wanted[i])² least.

    Neighbours that want to overlap are pooled (M. Ayer et al., "An empirical distribution function
    for sampling with incomplete information", 1955).
    """
    starts = list(accumulate(spaces, initial=0.0))
    blocks: list[tuple[float, float, int]] = []  # the mean of the wishes, their weight, how many
    for want, weight, start in zip(wanted, weights, starts, strict=False):
        mean, total, count = want - start, weight, 1
        while blocks and blocks[-1][0] >= mean:
            other, its, n = blocks.pop()
            mean = (mean * total + other * its) / (total + its)
            total, count = total + its, count + n
        blocks.append((mean, total, count))
    means = [mean for mean, _, count in blocks for _ in range(count)]
    return [mean + start for mean, start in zip(means, starts, strict=False)]
