"""Pictures of `minigrad.draw` in a lesson: shown and kept as figures are."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import pytest

import minigrad
from minigrad.draw import draw_graph
from minigrad.lessons.figures import kept, show


@pytest.fixture
def picture() -> Any:
    return draw_graph(minigrad.tensor([1.0, 2.0], requires_grad=True).exp().sum())


def test_a_picture_is_kept_as_itself(picture: Any, tmp_path: Path) -> None:
    with kept(tmp_path):
        show(picture, "graph")
    for kind in ("png", "svg", "pdf"):
        assert (tmp_path / f"graph.{kind}").read_bytes() == picture.render(kind)
    assert plt.get_fignums() == []


def test_its_label_is_checked_as_a_figures_is(picture: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="becomes the name of its file"), kept(tmp_path):
        show(picture, "../graph")
    with pytest.raises(ValueError, match="two figures are called 'graph'"), kept(tmp_path):
        show(picture, "graph")
        show(picture, "graph")


def test_a_picture_in_a_window(picture: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()))
    show(picture, "graph")
    (figure,) = shown
    assert figure.get_label() == "graph"
    (image,) = figure.axes[0].images
    height, width = image.get_array().shape[:2]
    assert width / height == pytest.approx(figure.get_figwidth() / figure.get_figheight())
    plt.close(figure)


def test_a_picture_in_a_notebook(picture: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given to the notebook, which asks for its SVG."""
    display = types.ModuleType("IPython.display")
    given: list[Any] = []
    vars(display)["display"] = given.append
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    for name in ("inline", "module://matplotlib_inline.backend_inline"):
        monkeypatch.setattr(matplotlib, "get_backend", lambda name=name: name)
        show(picture, "graph")
    assert given == [picture, picture] and "<svg" in given[0]._repr_svg_()
    assert plt.get_fignums() == []
