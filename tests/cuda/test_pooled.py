"""A convolution and the windows over its result by one kernel: when, when not, and its numbers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_rewrites import numbers, whole

import minigrad
from minigrad import nn
from minigrad.compiler.program import Program
from minigrad.compiler.program.verify import verify
from minigrad.nn import functional as F

sys.path.insert(0, str(Path(__file__).parent.parent / "compiler"))
from twins import agree

IMAGES, FILTERS = numbers(2, 3, 8, 6, seed=8), numbers(4, 3, 3, 3, seed=9)


def pooled(program: Program) -> list[list[str]]:
    """The ops of each convolution with its windows."""
    found = [each for each in program.instructions if each.kind == "pooled"]
    return [[part.op.name for part in each.parts] for each in found]


def folded(x: Any) -> Any:
    return F.conv2d(x, FILTERS, padding=1)


def test_what_comes_before_and_behind_goes_along() -> None:
    for step, found in {
        lambda x: F.max_pool2d(folded(x), 2): ["conv", "window_max"],
        lambda x: F.max_pool2d(folded(x), 2).relu(): ["conv", "window_max", "relu"],
        lambda x: F.max_pool2d(folded(x).tanh(), 2): ["conv", "tanh", "window_max"],
        lambda x: F.avg_pool2d(folded(x), (4, 3)): ["conv", "window_sum", "div"],
    }.items():
        assert pooled(whole(step, IMAGES)) == [found]
    w = FILTERS.clone().requires_grad_()

    def training(x: Any) -> Any:
        w.grad = None
        y = F.max_pool2d(F.conv2d(x, w, padding=1), 2)
        (y * y).sum().backward()
        return y

    assert pooled(whole(training, IMAGES))[0][:3] == ["conv", "window_max", "window_argmax"]


def test_what_is_done_apart() -> None:
    many, each_one = numbers(40, 3, 3, 3, seed=3), numbers(3, 1, 3, 3, seed=4)

    def needed(x: Any) -> Any:
        y = folded(x)
        return y, F.max_pool2d(y, 2)

    def read_twice(x: Any) -> Any:
        y = folded(x)
        return F.max_pool2d(y, 2), F.avg_pool2d(y, 2)

    for step in (
        needed,
        read_twice,
        lambda x: F.max_pool2d(folded(x), 3, stride=2),  # windows overlap
        lambda x: F.max_pool2d(folded(x), 2, padding=1),  # or reach outside
        lambda x: F.max_pool2d(folded(x), (3, 2)),  # or leave a rest
        lambda x: F.max_pool2d(F.conv2d(x, many, padding=1), 2),  # many channels
        lambda x: F.max_pool2d(F.conv2d(x, each_one, padding=1, groups=3), 2),
        lambda x: F.max_pool2d(x, 2),
        lambda x: F.max_pool2d(folded(x).amax(1, keepdim=True), 2),
    ):
        assert pooled(whole(step, IMAGES)) == []
    rows = numbers(2, 3, 8, seed=5)
    assert pooled(whole(lambda x: F.max_pool1d(F.conv1d(x, FILTERS[0]), 2), rows)) == []


def test_windows_are_not_taken_before_what_they_need() -> None:
    def scaled(x: Any) -> Any:
        y = folded(x)
        scale = (x @ x.transpose(2, 3)).amax()
        return F.max_pool2d(y, 2) * scale

    def over_its_operand(x: Any) -> Any:
        z = F.conv2d(x[:, :, ::2, ::2], numbers(3, 3, 1, 1, seed=3))
        y = folded(x)
        x[:, :, :4, :3] = z
        return F.max_pool2d(y, 2)

    assert pooled(whole(scaled, IMAGES)) in ([], [["conv", "window_max"]])
    whole(over_its_operand, IMAGES.clone())


def test_what_stays_within_is_not_read_elsewhere() -> None:
    program = whole(lambda x: F.max_pool2d(folded(x), 2), IMAGES)
    (each,) = [step for step in program.instructions if step.kind == "pooled"]
    (made,) = each.hidden
    assert made not in each.writes and made not in each.reads
    wrong = Program(program.arguments, program.instructions, (made,))
    with pytest.raises(AssertionError, match="is given away, but never filled"):
        verify(wrong)


# -- its numbers ------------------------------------------------------------------------------


def trained(pool: Callable[[Any], Any], first: Callable[[Any], Any], kind: Any) -> Any:
    def make() -> Any:
        layer = nn.Conv2d(3, 5, 3, padding=1).to(kind)

        def step(x: Any) -> Any:
            layer.zero_grad()
            y = pool(first(layer(x)))
            (y * y).sum().backward()
            return y

        return step, [layer]

    return make


@pytest.mark.usefixtures("gxx")
@pytest.mark.parametrize("kind, tolerance", [(minigrad.float64, 1e-12), (minigrad.float32, 3e-6)])
@pytest.mark.parametrize("first", [lambda y: y, lambda y: y.tanh()], ids=["as it is", "tanh"])
@pytest.mark.parametrize(
    "pool",
    [
        lambda y: F.max_pool2d(y, 2),
        lambda y: F.max_pool2d(y, 2).relu(),
        lambda y: F.avg_pool2d(y, (3, 5)),  # no power of two
        lambda y: F.max_pool2d(y, (18, 1)),
    ],
    ids=["largest", "with a relu", "mean", "columns"],
)
def test_the_numbers_are_those_of_eager_steps(
    pool: Any, first: Any, kind: Any, tolerance: float
) -> None:
    draw = np.random.default_rng(5)
    calls = [(minigrad.tensor(draw.standard_normal((7, 3, 18, 10)), dtype=kind),) for _ in range(3)]
    calls[2][0][0, 0, 3, 3] = float("nan")
    with minigrad.cuda.simulated() as device:
        step = agree(trained(pool, first, kind), calls, tolerance=tolerance)
    assert step.path.startswith("simulated graph") and "call" not in device.log
    assert any(each.kind == "pooled" for each in step.programs[-1].instructions)


@pytest.mark.usefixtures("gxx")
def test_equal_numbers_and_infinite_ones() -> None:
    def make() -> Any:
        layer = nn.Conv2d(1, 2, 1, bias=False)

        def step(x: Any) -> Any:
            layer.weight.data.fill_(1)
            layer.zero_grad()
            y = F.max_pool2d(layer(x), 2)
            y.sum().backward()
            return y, layer.weight.grad

        return step, [layer]

    x = minigrad.zeros(1, 1, 4, 4)
    y = x.clone()
    y[..., :2] = float("-inf")
    with minigrad.cuda.simulated():
        agree(make, [(x,), (y,), (x,)])
