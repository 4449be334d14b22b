"""Curves of a history, and curves that grow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from drawn_pages import SVG, lines, parsed, pdf_words
from matplotlib.figure import Figure
from PIL import Image

from minigrad.draw import LivePlot, draw_curves
from minigrad.draw.curves import draw_on, quantity_and_part, sides_of
from minigrad.draw.plot import Plot

ROWS = [
    {"epoch": 1, "train_loss": 2.0, "train_accuracy": 10.0, "validation_loss": 2.5},
    {"epoch": 2, "train_loss": 1.0, "train_accuracy": 30.0, "validation_loss": 1.5},
]
ROWS[1]["test_loss"] = 1.7


def curves(plot: Plot) -> dict[str, dict[str, tuple[list[float], list[float]]]]:
    """For each panel by its label the curves by theirs: (x, y)."""
    return {
        axes.get_ylabel(): {
            line.get_label(): (list(line.get_xdata()), list(line.get_ydata()))
            for line in axes.get_lines()
        }
        for axes in plot.figure.axes
        if axes.axison
    }


def test_every_number_is_on_its_curve():
    assert curves(draw_curves({"minigrad": ROWS})) == {
        "loss": {
            "train": ([1, 2], [2, 1]),
            "validation": ([1, 2], [2.5, 1.5]),
            "test": ([2], [1.7]),
        },
        "accuracy in %": {"train": ([1, 2], [10, 30])},
    }


def test_two_sides_are_told_apart_and_both_seen():
    plot = draw_curves({"minigrad": ROWS, "torch": ROWS})
    assert list(curves(plot)["accuracy in %"]) == ["minigrad, train", "torch, train"]
    first, second = plot.figure.axes[1].get_lines()
    assert first.get_linewidth() > second.get_linewidth()
    assert first.get_color() != second.get_color()


def test_any_quantity_has_a_panel_and_the_loss_is_first():
    rows = [{"epoch": 3, "lr": 0.1, "mean_absolute_error": 4.0, "d_loss": 1.0, "g_loss": 2.0}]
    assert curves(draw_curves({"gan": rows})) == {
        "loss": {"d": ([3], [1]), "g": ([3], [2])},
        "lr": {"lr": ([3], [0.1])},
        "mean absolute error": {"mean_absolute_error": ([3], [4])},
    }
    many = {"a": [{f"quantity {i}": float(i) for i in range(7)}]}
    assert len(curves(draw_curves(many))) == 7


def test_keras_s_form_and_an_object_with_a_history():
    held = {"loss": [3.0, 2.0], "val_loss": [3.5, 2.5], "lr": [0.1, 0.01]}
    expected = {
        "loss": {"train": ([1, 2], [3, 2]), "validation": ([1, 2], [3.5, 2.5])},
        "lr": {"lr": ([1, 2], [0.1, 0.01])},
    }
    assert curves(draw_curves(held)) == expected

    class History:
        history, epochs = held, [5, 6]

    assert curves(draw_curves(History()))["lr"] == {"lr": ([5, 6], [0.1, 0.01])}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("train_loss", ("loss", "train")),
        ("val_top_5_accuracy", ("top_5_accuracy", "validation")),
        ("test_loss", ("loss", "test")),
        ("d_loss", ("loss", "d")),
        ("loss", ("loss", "")),
        ("train", ("train", "")),
        ("examples_per_second", ("examples_per_second", "")),
    ],
)
def test_names_are_taken_apart(key: str, expected: tuple[str, str]):
    assert quantity_and_part(key) == expected


def test_numbers_that_are_none_leave_gaps(tmp_path: Path):
    rows = [{"epoch": i, "train_loss": value} for i, value in enumerate([1.0, float("inf"), 2.0])]
    y = curves(draw_curves({"a": rows}, tmp_path / "x.png"))["loss"]["train"][1]
    assert y[0] == 1 and y[1] != y[1] and y[2] == 2


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_files_are_whole_and_equal_for_equal_histories(ending: str, tmp_path: Path):
    title = "D3 <script> & $x$"
    files = [tmp_path / f"{name}.{ending}" for name in "ab"]
    plots = [draw_curves({"minigrad": ROWS}, file, title=title) for file in files]
    assert files[0].read_bytes() == files[1].read_bytes()
    if ending == "png":
        with Image.open(files[0]) as picture:
            assert picture.size == (1500, 570)
    elif ending == "svg":
        assert {title, "loss", "epoch", "validation"} <= set(lines(files[0]))
        assert not list(parsed(files[0]).iter(f"{SVG}script"))
        assert files[0].read_text() == plots[0]._repr_svg_()
    else:
        words = pdf_words(files[0]).replace("\n", "")
        assert "D3<script>&$x$" in words.replace(" ", "") and "validation" in words


@pytest.mark.parametrize(
    ("history", "error", "message"),
    [
        (3, TypeError, "expected a history: .* got int"),
        ([ROWS], TypeError, "got list"),
        ({}, ValueError, "holds no numbers"),
        ({"a": []}, ValueError, "holds no numbers"),
        ({"a": [{"epoch": 1}]}, ValueError, "holds no numbers"),
    ],
)
def test_bad_histories_are_told(history: Any, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        draw_curves(history)


# -- curves that grow ---------------------------------------------------------------------------


def test_the_file_is_written_anew_as_the_history_grows(tmp_path: Path):
    path = tmp_path / "live.svg"
    plot, history = LivePlot(path, title="growing", pause=0.0), {"minigrad": ROWS[:0]}
    plot.update(history)
    assert not path.exists()  # there is nothing yet
    written = []
    for count in (1, 2):
        history = {"minigrad": ROWS[:count]}
        plot.update(history)
        written.append(path.read_text())
        assert "growing" in lines(path)
    assert "test" not in lines(written[0]) and "test" in lines(written[1])
    assert [p.name for p in tmp_path.iterdir()] == ["live.svg"]


def test_between_two_drawings_is_a_pause_and_the_last_one_comes(tmp_path: Path):
    path = tmp_path / "live.svg"
    plot = LivePlot(path, pause=1000.0)
    plot.update({"minigrad": ROWS[:1]})
    first = path.read_bytes()
    plot.update({"minigrad": ROWS})
    assert path.read_bytes() == first
    plot.finish()
    assert path.read_bytes() != first
    path.unlink()
    plot.finish()  # nothing waits any more
    assert not path.exists()


def test_a_bad_ending_is_told(tmp_path: Path):
    with pytest.raises(ValueError, match=r"ends in \.png"):
        LivePlot(tmp_path / "live.gif", pause=0).update({"minigrad": ROWS})


PROGRAM = """
import sys
{before}
from minigrad.draw import LivePlot
plot = LivePlot(pause=0.0, title="growing")
for n in (1, 2, 3):
    plot.update({{"minigrad": [{{"epoch": i, "train_loss": 1 / i}} for i in range(1, n + 1)]}})
plot.finish()
{after}
"""


def run(folder: Path, before: str, after: str = "", backend: str = "agg") -> str:
    """What a program of its own printed, in which nothing was imported before."""
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM.format(before=before, after=after)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "MPLBACKEND": backend},
    )
    assert not found.returncode, found.stderr
    return found.stdout


@pytest.mark.slow
def test_without_a_screen_the_curves_are_in_a_file_and_one_line_says_so(tmp_path: Path):
    said = run(tmp_path, "", "assert 'IPython' not in sys.modules")
    assert said.count("\n") == 1 and str(tmp_path / "live.png") in said
    with Image.open(tmp_path / "live.png") as picture:
        assert picture.size == (750, 570)


WINDOW = """
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

class FigureManager(FigureManagerBase):
    def show(self):
        print("shown")

class FigureCanvas(FigureCanvasAgg):
    manager_class = FigureManager
    required_interactive_framework = "headless"  # a window for machines without a screen

    def draw_idle(self):
        (line,) = self.figure.axes[0].lines
        print("drawn", len(line.get_xdata()), self.figure.get_suptitle())

    def flush_events(self):
        print("flushed")
"""
"""A backend with windows, as matplotlib takes them from anywhere."""


@pytest.mark.slow
def test_a_window_is_drawn_again(tmp_path: Path):
    (tmp_path / "window.py").write_text(WINDOW)
    after = "import matplotlib.pyplot as plt; print(plt.get_fignums())"
    said = run(tmp_path, "", after, backend="module://window").splitlines()
    each = [[f"drawn {n} growing", "shown", "flushed"] for n in (1, 2, 3)]
    assert said == [*each[0], *each[1], *each[2], "[1]"]
    assert not list(tmp_path.glob("live*"))


NOTEBOOK = """
version_info = (9, 0, 0)

def get_ipython():
    class Shell:
        kernel = object()
    return Shell()
"""
DISPLAY = """
class Handle:
    def update(self, shown):
        print("updated", shown._repr_svg_().count("<svg"))

def display(shown, display_id):
    print("displayed", shown._repr_svg_().count("<svg"), display_id)
    return Handle()
"""
"""As much of IPython as is asked for, in Jupyter's place."""


@pytest.mark.slow
def test_in_a_notebook_the_cell_s_output_is_replaced(tmp_path: Path):
    (tmp_path / "IPython").mkdir()
    (tmp_path / "IPython" / "__init__.py").write_text(NOTEBOOK)
    (tmp_path / "IPython" / "display.py").write_text(DISPLAY)
    said = run(tmp_path, "import IPython")
    assert said.splitlines() == ["displayed 1 True", "updated 1", "updated 1"]
    assert not list(tmp_path.glob("live*"))


def lines_of(history) -> list[list]:
    figure = Figure()
    draw_on(figure, sides_of(history), "")
    return [
        [(line.get_label(), line) for line in axes.get_lines()]
        for axes in figure.axes
        if axes.axison
    ]


HISTORIES = {
    "a side": {
        "": [
            {"epoch": i, "train_loss": 1.0, "test_loss": 1.0, "test_accuracy": 50.0}
            for i in (1, 2)
        ]
    },
    "Keras": {"loss": [1, 2], "val_loss": [1, 2], "val_accuracy": [1, 2], "accuracy": [2, 1]},
    "two sides": {
        side: [{"epoch": i, "train_loss": 1.0, "validation_loss": 2.0, "test_loss": 1.0,
                "test_accuracy": 50.0} for i in (1, 2)]
        for side in ("minigrad", "torch")
    },
    "a GAN": {"": [{"epoch": i, "d_loss": 1.0, "g_loss": 1.0, "D_real": 0.5} for i in (1, 2)]},
}  # fmt: skip


@pytest.mark.parametrize("kind", HISTORIES)
def test_one_meaning_has_one_look_and_no_two_entries_look_alike(kind: str) -> None:
    looks: dict[str, set] = {}
    for panel in lines_of(HISTORIES[kind]):
        here = set()
        for label, line in panel:
            _, dashes = line._unscaled_dash_pattern
            here.add((line.get_color(), line.get_linewidth(), tuple(dashes or ())))
            if label in ("train", "validation", "test") or "," in label:
                looks.setdefault(label, set()).add((line.get_color(), tuple(dashes or ())))
            # Two dashes and more of it stand in the legend.
            assert sum(dashes or ()) * line.get_linewidth() <= 3.5 * 10 / 2
        assert len(here) == len(panel)
    assert all(len(found) == 1 for found in looks.values()), looks
