"""The graph with a value and a gradient on every edge."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import minigrad
from minigrad import nn
from minigrad.draw import draw_graph, make_dot
from minigrad.draw.drawing import Drawing
from minigrad.tensor import Tensor


def told(drawing: Drawing) -> list[list[str]]:
    """The lines of each box."""
    return [["".join(w.text for w in line).strip() for line in b.lines] for b, _ in drawing.boxes]


def scalar(value: float) -> Tensor:
    return minigrad.tensor(value, dtype=minigrad.float64, requires_grad=True)


def test_one_neuron_has_its_numbers_on_the_edges():
    w, x, b = scalar(-0.5), scalar(2.0), scalar(0.5)
    y = (w * x + b).sigmoid()
    boxes = told(draw_graph(y, values=True, params={"w": w, "x": x, "b": b, "y": y}))
    edges = [lines for lines in boxes if len(lines) == 2 and "(" not in "".join(lines)]
    assert sorted(edges) == sorted(
        [
            ["−0.5", "0.47"],
            ["2", "−0.1175"],
            ["−1", "0.235"],
            ["0.5", "0.235"],
            ["−0.5", "0.235"],
            ["0.3775", "1"],
        ]
    )
    assert ["w ()", "grad 0.47"] in boxes and ["b ()", "grad 0.235"] in boxes
    assert w.grad is None, "drawing leaves nothing behind"


def test_a_number_used_twice_has_a_gradient_for_each_use_and_their_sum():
    a = scalar(3.0)
    boxes = told(draw_graph(a * a + a, values=True, params={"a": a}))
    assert boxes.count(["3", "3"]) == 2 and ["3", "1"] in boxes
    assert ["a ()", "grad 7"] in boxes


@pytest.mark.parametrize("walked", [False, True])
def test_a_small_network_before_and_after_backward(walked: bool, tmp_path: Path):
    minigrad.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))
    x, y = minigrad.tensor([[1.0, 2.0], [0.5, -1.0]]), minigrad.tensor([[1.0], [0.0]])
    loss = nn.MSELoss()(model(x), y)
    if walked:
        loss.backward()
    path = tmp_path / "net.svg"
    drawing = draw_graph(loss, path, values=True, model=model, params={"x": x})
    boxes = ["\n".join(lines) for lines in told(drawing)]
    if not walked:
        loss.backward()
    for name, p in model.named_parameters():
        (box,) = (text for text in boxes if text.startswith(name))
        numbers = box.replace("−", "-").partition("grad")[2].replace("[", " ").replace("]", " ")
        assert [float(n) for n in numbers.split()] == pytest.approx(
            p.grad.flatten().tolist(), rel=1e-3
        )
    assert path.read_text(encoding="utf-8").startswith("<svg")
    for arrow in drawing.arrows:  # one line each, through the box of its numbers
        assert all(a[-1] == pytest.approx(b[0]) for a, b in pairwise(arrow))


def test_large_arrays_are_told_by_their_ends_and_batches_without_a_gradient_by_their_values():
    w = minigrad.linspace(-1, 1, 12, requires_grad=True)
    boxes = told(draw_graph((w * minigrad.ones(12)).sum(), values=True))
    assert any(lines[0] == "12: −1 … 1" for lines in boxes)
    assert ["12: 1 … 1"] in boxes, "the ones take no gradient"


def test_what_has_changed_since_then_is_not_drawn_wrong():
    w = minigrad.ones(2, requires_grad=True)
    loss = (w * 3).sum()
    loss.backward()
    with minigrad.no_grad():
        w += 1
    with pytest.raises(RuntimeError, match="has changed since then"):
        draw_graph(loss, values=True)

    class Twice(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return 2 * x

        @staticmethod
        def backward(ctx, g):
            return 2 * g

    with pytest.raises(RuntimeError, match="is a Function of its own"):
        draw_graph(Twice.apply(w).sum(), values=True)


def test_make_dot_is_its_other_name():
    w = minigrad.ones(3, requires_grad=True)
    y = w.exp().sum()
    assert told(make_dot(y, {"w": w})) == told(draw_graph(y, params={"w": w}))
    assert len(make_dot(y, {"w": w}, values=True).boxes) == 7
