"""Matrices on paper and in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib
import numpy as np
import pytest
from matplotlib import colors
from matplotlib import pyplot as plt

import minigrad
from minigrad.lessons.drawing import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    RED,
    VIOLET,
    Board,
    Grid,
    beside,
    number,
    tint,
)


@pytest.fixture(autouse=True)
def without_a_screen() -> Iterator[None]:
    backend = matplotlib.get_backend()
    matplotlib.use("Agg")
    yield
    plt.close("all")
    matplotlib.use(backend, force=False)


@pytest.mark.parametrize(
    ("value", "said"),
    [(3, "3"), (-1.0, "-1"), (1 / 3, "0.33"), (0.5, "0.5"), (-0.001, "0"), (100, "100"),
     (float("nan"), ""), (2.004, "2"), (-12.5, "-12.5")],
)  # fmt: skip
def test_number(value: float, said: str) -> None:
    assert number(value) == said


def test_number_of_digits() -> None:
    assert number(1 / 3, 4) == "0.3333" and number(2.6, 0) == "3" and number(20, 0) == "20"


def test_beside() -> None:
    said = beside(("x", [[1, -1], [10, 2]]), "·", ("y", minigrad.tensor([[1.0], [2.0]])))
    assert said.splitlines() == ["x           y", " 1 -1   ·   1", "10  2       2"]


def test_beside_of_unequal_heights() -> None:
    lines = beside(np.ones((3, 2)), "and", [[5]]).splitlines()
    assert lines == ["1 1", "1 1   and   5", "1 1"]


def test_tint() -> None:
    assert tint("#000000", 0.25) == (0.75, 0.75, 0.75)
    assert tint(BLUE, 1) == pytest.approx(colors.to_rgb(BLUE))
    assert tint(BLUE, 0) == (1, 1, 1)


def test_a_grid_has_its_numbers_in_its_cells() -> None:
    board = Board("numbers")
    board.draw(Grid([[1, -2], [float("nan"), 0.25]], ORANGE, "k"), (3, 1))
    said = {text.get_text(): text.get_position() for text in board.axes.texts}
    assert said == {"1": (3.5, 1.5), "−2": (4.5, 1.5), "0.25": (4.5, 2.5), "k": (4, 0.5)}
    assert corners(board) == [(3, 1), (4, 1), (3, 2), (4, 2)]
    assert np.unique(board.axes.collections[0].get_facecolor(), axis=0).tolist() == [
        [*tint(ORANGE, 0.12), 1]
    ]


def corners(board: Board) -> list[tuple[float, float]]:
    """The upper left corners of the cells, in the order in which they are drawn."""
    paths = board.axes.collections[0].get_paths()
    return [tuple(path.vertices.min(axis=0).tolist()) for path in paths]


def test_cells_that_differ() -> None:
    board = Board("differ")
    board.draw(Grid([[1, 2]], [[BLUE, ORANGE]], "", [[1.0, 0.5]], [[False, True]]), (0, 0))
    assert corners(board) == [(1, 0), (0, 0)]  # the faint one first
    faint, strong = board.axes.collections[0].get_facecolor()
    assert strong[:3] == pytest.approx(colors.to_rgb(BLUE))
    assert faint[:3] == pytest.approx([1, 1, 1])
    dim, light = (text.get_color() for text in board.axes.texts)
    assert light == "#ffffff" and dim not in (INK, light)


def test_a_board_grows() -> None:
    board = Board("grown", scale=0.5)
    board.draw(Grid(np.zeros((2, 3))), (0, 0))
    assert board.axes.get_xlim() == pytest.approx((-0.6, 3.6))
    assert board.axes.get_ylim() == pytest.approx((2.6, -0.6))
    board.draw(Grid([[1]]), (-2, 5))
    assert board.axes.get_xlim() == pytest.approx((-2.6, 3.6))
    assert board.axes.get_ylim() == pytest.approx((6.6, -0.6))
    assert board.figure.get_size_inches() == pytest.approx([6.2 * 0.5, 7.2 * 0.5])


def test_words_do_not_leave_the_board() -> None:
    board = Board("words")
    for align in ("left", "center", "right"):
        board.text("words that go on for quite a while", (0, 0), align=align)
    board.figure.canvas.draw()
    edges = board.figure.bbox
    for text in board.axes.texts:
        box = text.get_window_extent()
        assert edges.x0 <= box.x0 and box.x1 <= edges.x1 and edges.y0 <= box.y0 <= edges.y1


def test_a_row() -> None:
    board = Board("row")
    end = board.row((0, 0), Grid([[1], [2]]), "×", Grid([[3]]), "→ sum", Grid([[4, 5]]))
    spots = {text.get_text(): text.get_position() for text in board.axes.texts}
    order = ["1", "×", "3", "sum", "4", "5"]
    assert [spots[said][0] for said in order] == sorted(spots[said][0] for said in order)
    assert spots["1"][1] == -0.5 and spots["2"][1] == 0.5 and spots["3"][1] == 0
    assert spots["sum"][1] < 0 and end > spots["5"][0]


def test_a_picture() -> None:
    board = Board("picture")
    board.picture(np.full((4, 2, 3), 0.5), (1, 1), 3)
    assert board.axes.images[0].get_extent() == [1, 4, 7, 1]
    assert board.axes.get_ylim() == pytest.approx((7.6, 0.4))


def test_the_colours_are_the_looks() -> None:
    with plt.style.context("minigrad.lessons.look"):
        cycle = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    assert cycle == [BLUE, ORANGE, GREEN, RED, VIOLET, FAINT]
