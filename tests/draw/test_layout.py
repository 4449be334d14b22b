"""Layouts: what holds for every graph."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad.draw.layers import in_rows
from minigrad.draw.layout import Layout, lay_out
from minigrad.draw.ordering import crossings, put_in_order
from minigrad.draw.placement import spread

Size = tuple[float, float]
GAP = (14.0, 30.0)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Size], list[tuple[int, int]], set[int]]:
    """Boxes of any size, any edges from lower to higher numbers, some of the boxes at the side."""
    count = draw(st.integers(1, 14))
    sizes = draw(
        st.lists(st.tuples(st.floats(1, 200), st.floats(1, 60)), min_size=count, max_size=count)
    )
    numbers = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(numbers, numbers), max_size=3 * count))
    edges = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    return sizes, edges, draw(st.sets(numbers, max_size=count))


def points(line: list[tuple[tuple[float, float], ...]]) -> list[tuple[float, float]]:
    """Places along a line."""
    found = []
    for segment in line:
        for step in range(17):
            t = step / 16
            part = list(segment)
            while len(part) > 1:  # de Casteljau
                part = [
                    (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for a, b in pairwise(part)
                ]
            found.append(part[0])
    return found


def box(layout: Layout, sizes: list[Size], i: int) -> tuple[float, float, float, float]:
    (x, y), (w, h) = layout.centres[i], sizes[i]
    return x - w / 2, x + w / 2, y - h / 2, y + h / 2


@settings(max_examples=150)
@given(graphs())
def test_every_graph_is_drawn_cleanly(graph: tuple[list[Size], list[tuple[int, int]], set[int]]):
    sizes, edges, side = graph
    layout = lay_out(sizes, edges, side, GAP)
    boxes = [box(layout, sizes, i) for i in range(len(sizes))]
    for i, (left, right, top, bottom) in enumerate(boxes):
        assert left >= -1e-6 and right <= layout.width + 1e-6
        assert top >= -1e-6 and bottom <= layout.height + 1e-6
        for other in boxes[:i]:
            apart = max(left - other[1], other[0] - right)
            below = max(top - other[3], other[2] - bottom)
            assert apart >= GAP[0] - 1e-6 or below >= GAP[1] - 1e-6
    for (source, target), line in zip(edges, layout.lines, strict=True):
        start, end = line[0][0], line[-1][-1]
        assert start == pytest.approx((layout.centres[source][0], boxes[source][3]))
        assert end[1] == pytest.approx(boxes[target][2])
        assert boxes[target][0] < end[0] < boxes[target][1]
        assert end[1] - start[1] >= GAP[1] - 1e-6  # every edge goes down
        places = points(line)
        assert all(b[1] >= a[1] - 1e-6 for a, b in pairwise(places))
        for i, (left, right, top, bottom) in enumerate(boxes):
            if i not in (source, target):
                assert not any(
                    left + 1e-6 < x < right - 1e-6 and top + 1e-6 < y < bottom - 1e-6
                    for x, y in places
                ), f"the edge {source, target} runs through box {i}"


@given(graphs())
def test_links_join_neighbouring_rows(graph: tuple[list[Size], list[tuple[int, int]], set[int]]):
    sizes, edges, _ = graph
    found = in_rows(len(sizes), edges)
    row_of = {item: i for i, row in enumerate(found.rows) for item in row}
    assert sorted(row_of) == list(range(len(found.above)))
    for path, edge in zip(found.paths, edges, strict=True):
        assert (path[0], path[-1]) == edge
        assert [row_of[item] for item in path] == list(range(row_of[path[0]], row_of[path[-1]] + 1))
        assert all(item >= found.boxes for item in path[1:-1])


@given(graphs())
def test_ordering_moves_within_rows_and_counts_the_crossings(
    graph: tuple[list[Size], list[tuple[int, int]], set[int]],
):
    sizes, edges, _ = graph
    found = in_rows(len(sizes), edges)
    before = [sorted(row) for row in found.rows]
    put_in_order(found)
    assert [sorted(row) for row in found.rows] == before
    crossed = 0
    for upper, lower in pairwise(found.rows):
        links = [(upper.index(u), lower.index(v)) for u in upper for v in found.below[u]]
        crossed += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(links, 2))
    assert crossings(found) == crossed


@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 5)), min_size=1, max_size=8),
    st.data(),
)
def test_spread_keeps_the_spaces_and_is_best(
    wishes: list[tuple[float, float]], data: st.DataObject
):
    wanted, weights = zip(*wishes, strict=True)
    n = len(wanted) - 1
    spaces = data.draw(st.lists(st.floats(0, 20), min_size=n, max_size=n))
    x = spread(wanted, weights, spaces)
    assert all(b - a >= gap - 1e-6 for a, b, gap in zip(x, x[1:], spaces, strict=False))

    def cost(x: list[float]) -> float:
        return sum(w * (a - b) ** 2 for w, a, b in zip(weights, x, wanted, strict=True))

    draw = random.Random(0)
    for _ in range(20):  # no allowed place near it is better
        near = [at + draw.uniform(-0.5, 0.5) for at in x]
        if all(b - a >= gap for a, b, gap in zip(near, near[1:], spaces, strict=False)):
            assert cost(near) >= cost(x) - 1e-9


def test_a_chain_is_straight_and_branches_stand_side_by_side():
    sizes = [(50.0, 20.0)] * 7
    layout = lay_out(sizes, [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4), (4, 5), (5, 6)])
    x = [centre[0] for centre in layout.centres]
    y = [centre[1] for centre in layout.centres]
    assert x[0] == x[2] == x[4] == x[5] == x[6]
    assert y[1] == y[2] == y[3] and x[1] < x[2] < x[3]


def test_a_long_edge_is_straight_beside_the_chain_that_it_skips():
    layout = lay_out([(60.0, 20.0)] * 5, [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)])
    assert len({centre[0] for centre in layout.centres}) == 1
    across = {x for segment in layout.lines[-1] if len(segment) == 2 for x, _ in segment}
    assert len(across - {layout.centres[0][0]}) <= 2  # beside the chain, and where it arrives


def test_side_boxes_stand_right_above_what_they_lead_to_and_bend_no_chain():
    edges = [(0, 2), (1, 2), (2, 4), (3, 4)]
    layout = lay_out([(50.0, 20.0), (80.0, 30.0)] * 2 + [(50.0, 20.0)], edges, side={1, 3})
    x = [centre[0] for centre in layout.centres]
    assert x[2] == pytest.approx(x[0]) and x[4] == pytest.approx(x[0])
    assert layout.centres[3][1] == layout.centres[2][1]


def test_many_long_edges_of_one_box_share_their_way():
    chain = [(i, i + 1) for i in range(40)]
    found = in_rows(41, chain + [(0, i) for i in range(2, 41)])
    assert len(found.above) == 41 + 39


def test_a_deep_graph_needs_no_recursion():
    n = 5000
    layout = lay_out([(20.0, 10.0)] * n, [(i, i + 1) for i in range(n - 1)])
    assert len({centre[0] for centre in layout.centres}) == 1


def test_nothing_is_a_layout_too():
    assert lay_out([], []) == Layout(0.0, 0.0, [], [])
    assert lay_out([(30.0, 10.0)], []).centres == [(15.0, 5.0)]


@pytest.mark.parametrize("edge", [(1, 0), (0, 0), (0, 2), (-1, 1)])
def test_edges_lead_to_later_boxes(edge: tuple[int, int]):
    with pytest.raises(ValueError, match="from a lower number to a higher one below 2"):
        lay_out([(1.0, 1.0)] * 2, [edge])
