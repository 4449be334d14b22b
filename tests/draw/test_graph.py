"""The graph of a computation: what is in the drawing, and what it refuses to draw."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from drawn_pages import SVG, lines, parsed, pdf_words
from PIL import Image

import minigrad
from minigrad import nn
from minigrad.draw import canvas, draw_graph
from minigrad.draw.drawing import Drawing
from minigrad.draw.graph import LIMIT
from minigrad.models import DNN, LeNet5
from minigrad.models.googlenet import Inception
from minigrad.models.resnet import BasicBlock
from minigrad.nn import Module
from minigrad.tensor import Tensor


def boxes(drawing: Drawing) -> list[str]:
    return [
        "\n".join("".join(w.text for w in line) for line in box.lines) for box, _ in drawing.boxes
    ]


def sources(drawing: Drawing, of: str) -> list[str]:
    """The first lines of the boxes from which an arrow leads to the box that begins so, from left
    to right."""
    heads = [text.partition("\n")[0].strip() for text in boxes(drawing)]
    (target,) = (i for i, text in enumerate(boxes(drawing)) if text.startswith(of))
    box, (x, y) = drawing.boxes[target]
    found = []
    for line in drawing.arrows:
        end = line[-1][-1]
        if abs(end[1] - (y - box.size[1] / 2)) < 0.1 and abs(end[0] - x) < box.size[0] / 2:
            start = line[0][0]
            found += [
                (end[0], heads[i])
                for i, (other, (ox, oy)) in enumerate(drawing.boxes)
                if abs(start[0] - ox) < 0.1 and abs(start[1] - (oy + other.size[1] / 2)) < 0.1
            ]
    return [head for _, head in sorted(found)]


NETWORKS: dict[str, tuple[Callable[[], Module], tuple[int, ...]]] = {
    "dense": (DNN, (6, 3)),
    "lenet": (LeNet5, (2, 1, 28, 28)),
    "inception": (lambda: Inception(8, 4, (4, 6), (2, 4), 4), (2, 8, 6, 6)),
    "resnet": (lambda: BasicBlock(4, 8, 2), (2, 4, 8, 8)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_parameter_of_a_network_is_named_once_with_its_shape(name: str, tmp_path: Path):
    make, shape = NETWORKS[name]
    model, x = make(), minigrad.rand(shape)
    file = tmp_path / "graph.svg"
    drawing = draw_graph(model(x).sum(), file, model=model, params={"images": x})
    written = lines(file)
    for parameter, value in model.named_parameters():
        assert written.count(f"{parameter} {tuple(value.shape)}") == 1
        assert sum(parameter == line.partition(" (")[0] for line in written) == 1
    assert written.count(f"images {shape}") == 1
    assert file.read_text() == drawing._repr_svg_()
    assert len(list(parsed(file).iter(f"{SVG}path"))) == 2 * len(drawing.arrows)


def test_ops_have_their_settings_and_shapes_and_edges_follow_the_data():
    weight = nn.Parameter(minigrad.rand(4, 3, 3, 3))
    bias = nn.Parameter(minigrad.rand(4))
    x = minigrad.rand(2, 3, 9, 9, requires_grad=True)
    y = nn.functional.conv2d(x, weight, bias, stride=2, padding=(1, 0))
    drawing = draw_graph(y.relu().sum(), params={"weight": weight, "bias": bias, "x": x})
    assert boxes(drawing) == [
        "x (2, 3, 9, 9)",
        "weight (4, 3, 3, 3)\nbias (4,)",
        "conv\n3×3, stride 2, padding 1×0\n(2, 4, 5, 4)",
        "relu\n(2, 4, 5, 4)",
        "sum\naxis = (0, 1, 2, 3)\n()",
        "output ()",
    ]
    assert sources(drawing, "conv") == ["x (2, 3, 9, 9)", "weight (4, 3, 3, 3)"]
    assert sources(drawing, "relu") == ["conv"]
    assert sources(drawing, "output") == ["sum"]


def test_branches_are_side_by_side_and_meet():
    x = minigrad.rand(3, requires_grad=True)
    drawing = draw_graph(minigrad.cat([x.exp(), x.sin(), x.cos()]), params={"x": x})
    heights = {
        text.partition("\n")[0]: place[1]
        for text, (_, place) in zip(boxes(drawing), drawing.boxes, strict=True)
    }
    assert heights["exp"] == heights["sin"] == heights["cos"]
    assert sources(drawing, "cat") == ["exp", "sin", "cos"]


def test_a_tensor_used_twice_by_one_op_has_one_arrow():
    x = minigrad.rand(3, requires_grad=True)
    drawing = draw_graph(x * x)
    assert boxes(drawing) == ["leaf (3,)", "mul\n(3,)", "output (3,)"] and len(drawing.arrows) == 2


def test_a_shared_parameter_has_a_box_of_its_own():
    shared = nn.Linear(3, 3)
    x = minigrad.rand(2, 3)
    found = boxes(draw_graph(shared(shared(x)), model=shared))
    assert "weight (3, 3)" in found and "bias (3,)" in found


def test_kept_data_is_drawn_until_backward_frees_it():
    model, x, y = nn.Linear(3, 2), minigrad.rand(4, 3), minigrad.tensor([0, 1, 0, 1])
    loss = nn.CrossEntropyLoss()(model(x), y)
    found = boxes(draw_graph(loss, model=model, params={"labels": y}))
    assert "x (4, 3)" in found and "labels (4,)" in found
    loss.backward()
    found = boxes(draw_graph(loss, model=model, params={"labels": y}))
    assert "x (4, 3)" not in found and "weight (2, 3)\nbias (2,)" in found


def test_the_main_flow_is_a_straight_line_whatever_has_a_name():
    model, x, y = DNN(), minigrad.rand(4, 3), minigrad.tensor([0, 1, 2, 0])
    loss = nn.CrossEntropyLoss()(model(x), y)
    for params in ({}, {"labels": y}, {"labels": y, "images": x}):
        drawing = draw_graph(loss, model=model, params=params)
        flow = [
            place[0]
            for text, (_, place) in zip(boxes(drawing), drawing.boxes, strict=True)
            if not text.startswith(("net.", "labels", "target"))
        ]
        assert len(flow) == 10 and max(flow) - min(flow) < 0.01


def test_numbers_and_indices_are_written_short():
    x = minigrad.rand(4, 6, requires_grad=True)
    drawing = draw_graph(x[1:3, ::2, None] * 0.5)
    assert any("[1:3, ::2" in text for text in boxes(drawing))
    assert any("y = 0.5" in text for text in boxes(drawing))


def test_several_results_and_a_leaf_alone():
    x = minigrad.rand(3, requires_grad=True)
    assert boxes(draw_graph([x.exp(), x.sin()]))[-2:] == ["output 0 (3,)", "output 1 (3,)"]
    assert boxes(draw_graph(x, params={"x": x})) == ["x (3,)", "x (3,)"]


def test_a_function_of_ones_own_is_drawn():
    class Double(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    x = minigrad.rand(2, requires_grad=True)
    assert "Double\n(2,)" in boxes(draw_graph(Double.apply(x)))


def test_second_derivatives_are_a_graph_as_well():
    x = minigrad.rand(2, requires_grad=True)
    (slope,) = minigrad.autograd.grad((x**3).sum(), x, create_graph=True)
    assert len(boxes(draw_graph(slope, params={"x": x}))) > 3


NAMES = [
    '<script>alert("x")</script>',
    "a & b",
    "it's",
    "$x^2$",
    "\x00\x1b\ud800",
    "名前",
    "]]>",
    "a" * 300,
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_any_name_is_text(name: str, tmp_path: Path):
    x = minigrad.rand(2, requires_grad=True)
    drawing = draw_graph(x.exp(), tmp_path / "x.svg", params={name: x})
    root = parsed(tmp_path / "x.svg")
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "rect", "g", "path", "text", "tspan")
    }
    clean = re.sub("[\x00-\x08\x0b-\x1f\ud800-\udfff]", "\ufffd", name)
    shown = clean if len(clean) <= 40 else clean[:39] + "…"
    assert f"{shown} (2,)" in lines(tmp_path / "x.svg")
    if name.isascii() and name.isprintable():
        drawing.save(tmp_path / "x.pdf")
        assert shown[:39] in pdf_words(tmp_path / "x.pdf")
        drawing.save(tmp_path / "x.png")


def test_png_and_pdf_show_the_same_drawing(tmp_path: Path):
    model = DNN()
    drawing = draw_graph(model(minigrad.rand(2, 3)), model=model)
    for ending in ("png", "pdf", "svg"):
        drawing.save(tmp_path / f"graph.{ending}")
    with Image.open(tmp_path / "graph.png") as picture:
        w, h = picture.size
        assert (w / 2, h / 2) == pytest.approx((drawing.width + 24, drawing.height + 24), abs=1)
        white = picture.convert("L").histogram()[255] / (w * h)
        assert 0.2 < white < 0.95  # something is drawn, on white
    copied = pdf_words(tmp_path / "graph.pdf").replace(" ", "")
    for line in lines(tmp_path / "graph.svg"):
        assert all(word in copied for word in line.split(" (")[0].split())
    again = tmp_path / "again.pdf"
    drawing.save(again)
    assert again.read_bytes() == (tmp_path / "graph.pdf").read_bytes()


@pytest.mark.slow
def test_a_large_graph_is_refused_at_once_and_nothing_recurses():
    x = minigrad.rand(2, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + 1
    with pytest.raises(
        ValueError, match=rf"more than {LIMIT:,} ops and leaves.*draw_model.*limit="
    ):
        draw_graph(y)
    with pytest.raises(ValueError, match="more than 5 ops and leaves"):
        draw_graph(
            minigrad.stack([minigrad.rand(1, requires_grad=True) for _ in range(9)]), limit=5
        )


@pytest.mark.slow
def chain(ops: int) -> Tensor:
    x = minigrad.rand(2, requires_grad=True)
    y = x
    for _ in range(ops):
        y = y + x
    return y


def test_a_thousand_ops_are_drawn(tmp_path: Path):
    draw_graph(chain(900), tmp_path / "x.svg")
    assert Counter(lines(tmp_path / "x.svg"))["add"] == 900


def test_a_picture_has_so_many_pixels_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for side, area, ops in ((4000, 10**9, 60), (10**9, 200_000, 30)):
        drawing = draw_graph(chain(ops))
        sizes = []
        for limits in ((canvas.SIDE, canvas.AREA), (side, area)):
            monkeypatch.setattr(canvas, "SIDE", limits[0])
            monkeypatch.setattr(canvas, "AREA", limits[1])
            drawing.save(tmp_path / "x.png")
            with Image.open(tmp_path / "x.png") as picture:
                sizes.append(picture.size)
        (w, h), (small, low) = sizes
        assert h > side or w * h > area, "it would not be too large"
        assert side - 2 <= low <= side or 0.95 * area <= small * low <= area
        assert abs(small / low - w / h) < 0.05


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (dict(output=3.0), TypeError, "expected a tensor, or several in a list, got float"),
        (dict(output=[]), TypeError, "expected a tensor"),
        (dict(output=None), TypeError, "got NoneType"),
        (dict(params=[1]), TypeError, "expected params as a dict"),
        (dict(params={"x": 1}), TypeError, "got str: int"),
        (dict(params={1: minigrad.ones(1)}), TypeError, "got int: Tensor"),
        (dict(model=nn.Linear), TypeError, "expected model as a Module, got type"),
        (dict(output=minigrad.ones(2)), ValueError, r"shape \(2,\) is on no tape"),
        (dict(path="graph.gif"), ValueError, "ends in .png, .svg or .pdf, got 'graph.gif'"),
        (dict(path="graph"), ValueError, "ends in .png"),
        (dict(path="missing/graph.svg"), OSError, "missing"),
    ],
)
def test_bad_input_is_told(arguments, error, message, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x = minigrad.rand(2, requires_grad=True)
    with pytest.raises(error, match=message):
        draw_graph(**{"output": x.exp(), **arguments})
    assert not list(tmp_path.iterdir())


def test_a_file_that_was_there_stays_when_drawing_fails(tmp_path: Path, monkeypatch):
    file = tmp_path / "graph.svg"
    file.write_text("before")
    x = minigrad.rand(2, requires_grad=True)
    monkeypatch.setattr(os, "replace", lambda *paths: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        draw_graph(x.exp(), file)
    assert file.read_text() == "before" and [p.name for p in tmp_path.iterdir()] == ["graph.svg"]


def test_the_values_are_not_read_or_kept(monkeypatch):
    x = minigrad.rand(3, requires_grad=True)
    y = x.exp()
    drawing = draw_graph(y)
    assert not any(
        isinstance(value, Tensor) for box, _ in drawing.boxes for value in vars(box).values()
    )
    y.sum().backward()
    assert x.grad is not None
