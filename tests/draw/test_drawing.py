"""Drawings by themselves: widths of text, what SVG may hold, files."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawn_pages import SVG, lines, parsed
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad.draw import text
from minigrad.draw.boxes import Box, Style, Words
from minigrad.draw.drawing import Drawing, as_svg, escaped
from minigrad.draw.picture import Picture

STYLE = Style("#ffffff", "#000000")


def one(words: str) -> Drawing:
    box = Box([[Words(words)]], STYLE, note=words)
    return Drawing(*box.size, [(box, (box.size[0] / 2, box.size[1] / 2))], [], title=words)


def test_the_width_is_matplotlib_s():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(dpi=72)
    renderer = FigureCanvasAgg(figure).get_renderer()
    for words in ("net.0.weight", "(64, 1, 28, 28)", "5×5, stride 2", "iiii", "WWWW", "é…±"):
        for bold in (False, True):
            drawn = figure.text(
                0, 0, words, size=100, family=text.FAMILY, weight="bold" if bold else "normal"
            )
            measured = drawn.get_window_extent(renderer).width
            assert text.width(words, 100, bold) == pytest.approx(measured, rel=0.04)


def test_a_character_that_the_font_lacks_is_a_square():
    assert text.width("名前", 10) == 20 and text.width("", 10) == 0


@settings(max_examples=50)
@given(st.text(max_size=30))
def test_any_text_is_well_formed(words: str):
    root = parsed(as_svg(one(words)))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "rect", "g", "path", "text", "tspan")
    }
    (words_again,) = root.iter(f"{SVG}tspan")
    assert len("".join(words_again.itertext())) == len(words)
    if words.isprintable():
        assert "".join(words_again.itertext()) == words


def test_what_xml_cannot_hold_is_replaced():
    assert escaped("a\x00\x08\x1b\ud800\uffffz") == "a" + "\ufffd" * 5 + "z"
    assert escaped("<&>\"'") == "&lt;&amp;&gt;&quot;&#x27;"
    assert escaped("\t\n é 名 😀") == "\t\n é 名 😀"


def test_long_text_is_shortened():
    assert text.shortened("abcdef", 6) == "abcdef" and text.shortened("abcdefg", 6) == "abcde…"


def test_boxes_hold_their_text_and_the_view_holds_the_boxes():
    box = Box([[Words("wide", bold=True), Words(" (1, 2)")], [Words("x")]], STYLE)
    width, height = box.size
    assert width > text.width("wide", 11, bold=True) + text.width(" (1, 2)", 11)
    root = parsed(as_svg(Drawing(width, height, [(box, (width / 2, height / 2))], [])))
    rect = root.findall(f".//{SVG}rect")[1]
    assert float(rect.get("width", 0)) == pytest.approx(width, abs=0.1)
    _, _, w, h = map(float, root.get("viewBox", "").split())
    assert (w, h) == pytest.approx((width + 24, height + 24), abs=1)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf", "PNG"])
def test_saved_by_the_ending(ending: str, tmp_path: Path):
    drawing = one("a")
    drawing.save(tmp_path / f"x.{ending}")
    assert (tmp_path / f"x.{ending}").read_bytes() == drawing.render(ending.lower())
    drawing.save(str(tmp_path / f"y.{ending}"))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_picture_without_a_rendering_is_none():
    with pytest.raises(TypeError, match="abstract"):
        Picture()  # type: ignore[abstract]


def test_an_empty_drawing_is_one(tmp_path: Path):
    for ending in ("svg", "png", "pdf"):
        Drawing(0, 0, [], []).save(tmp_path / f"x.{ending}")
    assert lines(tmp_path / "x.svg") == []
    assert repr(Drawing(0, 0, [], [])) == "<Drawing of 0 boxes and 0 arrows>"


def test_a_folder_is_no_file(tmp_path: Path):
    (tmp_path / "x.svg").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder"):
        one("a").save(tmp_path / "x.svg")


def test_pictures_look_the_same_whatever_matplotlib_is_set_to():
    import matplotlib
    from matplotlib import style

    from minigrad.draw import draw_curves

    def pictures() -> list[bytes]:
        plot = draw_curves({"loss": [3.0, 2.0, 1.0]})
        return [picture.render(kind) for picture in (plot, one("a")) for kind in ("png", "svg")]

    expected = pictures()
    with style.context("dark_background"), matplotlib.rc_context({"savefig.bbox": "tight"}):
        assert pictures() == expected
        assert matplotlib.rcParams["savefig.bbox"] == "tight"
