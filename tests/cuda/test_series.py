"""Batch normalisation by one kernel forward and one backward: what belongs to a series, what must
not, and its numbers on the simulated GPU."""

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
from minigrad.compiler.targets.cuda.passes import channels as rules
from minigrad.nn import functional as F

sys.path.insert(0, str(Path(__file__).parent.parent / "compiler"))
from twins import agree

IMAGES = numbers(3, 4, 5, 8)
SCALES = numbers(4, 1, 1, seed=1)


def series(program: Program) -> list[list[str]]:
    """The ops of each series, but for views."""
    found = [each for each in program.instructions if each.kind == "series"]
    return [[part.op.name for step in each.computing for part in step.parts] for each in found]


def centered(x: Any) -> Any:
    return x - x.mean((0, 2, 3), keepdim=True)


# -- what belongs to a series -----------------------------------------------------------------


def test_batch_normalisation_is_one_kernel_forward_and_one_backward() -> None:
    layer, w = nn.BatchNorm2d(4), numbers(4, 4, 1, 1, seed=3)
    x = IMAGES.clone().requires_grad_()

    def step(g: Any) -> Any:
        x.grad = None
        layer.zero_grad()
        y = F.conv2d(layer(x).relu(), w)
        y.backward(g)
        return y

    forward, backward = series(whole(step, IMAGES))
    assert forward[:4] == ["sum", "div", "center", "mean_square"] and "relu" in forward
    assert forward.count("addcmul") == 2  # mean and variance of all that was seen
    assert backward[0] == "gate" and "center" in backward


def test_what_comes_first_and_last_may_be_of_all_numbers_or_of_channels() -> None:
    for step, found in {
        lambda x: x.exp().sum((0, 2, 3)): ["exp", "sum"],
        lambda x: x.sum((0, 2, 3)).exp(): ["sum", "exp"],
        lambda x: centered(x.exp()).tanh(): ["exp", "sum", "div", "sub", "tanh"],
        lambda x: (x.exp() * SCALES).sum((0, 2, 3), keepdim=True): ["exp", "mul", "sum"],
    }.items():
        assert series(whole(step, IMAGES)) == [found]


def test_what_is_no_series() -> None:
    for step in (
        lambda x: x.sum((0, 2, 3)),  # alone
        lambda x: (x.exp(), (x + 1).tanh()),  # no sum
        lambda x: x.exp().sum((0, 1, 3)),  # of rows
        lambda x: x.exp().sum(),
        lambda x: x[:, :1].exp().sum((0, 2, 3)),  # one channel
        lambda x: x[:, :, :1, :4].exp().sum((0, 2, 3)),  # few numbers side by side
        lambda x: x.transpose(0, 1).exp().sum((0, 2, 3)),  # not in the order of its dimensions
        lambda x: x[0, 0].exp().sum(0),
    ):
        assert series(whole(step, IMAGES)) == []


def test_large_images_take_a_kernel_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "REACH", 3 * 40)
    assert series(whole(centered, IMAGES)) != []
    monkeypatch.setattr(rules, "REACH", 3 * 40 - 1)
    assert series(whole(centered, IMAGES)) == []
    monkeypatch.setattr(rules, "MANY", 4)  # channels, which keep it busy
    assert series(whole(centered, IMAGES)) != []


# -- what it must leave alone -----------------------------------------------------------------


def test_no_step_sees_another_channel() -> None:
    square = numbers(3, 8, 2, 8, seed=2)  # as many channels as columns

    def across(x: Any) -> Any:
        return x + x.exp().mean((0, 2, 3))  # of each column, not of each channel

    def turned(x: Any) -> Any:
        m = x.exp().mean((0, 2, 3))
        return m.flip(0) + m, x * m.flip(0)[:, None, None]

    def other(x: Any) -> Any:
        m = x.exp().mean((0, 2, 3))
        return m[1:2] * m

    def part(x: Any) -> Any:
        m = x.exp().mean((0, 2, 3))
        m[2:] = 1
        return m.exp(), x * m[:, None, None]

    for step in (across, turned, other, part):
        for found in series(whole(step, square)):
            assert found == ["exp", "sum", "div"], step.__name__


def test_no_step_is_moved_before_what_it_needs_or_disturbs() -> None:
    w = numbers(4, 4, 1, 1, seed=3)

    def through_a_convolution(x: Any) -> Any:
        y = centered(x)
        return centered(F.conv2d(y, w)) + y

    def written_in_between(x: Any) -> Any:
        m = x.mean((0, 2, 3), keepdim=True)
        z = F.conv2d(x, w)
        z.mul_(z.argmax() + 1.0)
        return m * 2, m * z

    def read_before_it_is_written(x: Any) -> Any:
        m = x.mean((0, 2, 3), keepdim=True)
        z = (m.reshape(2, 2) @ m.reshape(2, 2)).sum()
        m.mul_(2)
        return m, z

    def looked_at_in_between(x: Any) -> Any:
        m = x.mean((0, 2, 3))
        z = m.expand(2, 4).sum(0)
        return m.mul_(2), z

    assert len(series(whole(through_a_convolution, IMAGES))) == 2
    whole(written_in_between, IMAGES)
    for step in (read_before_it_is_written, looked_at_in_between):
        assert series(whole(step, IMAGES)) == [["sum", "div"]], step.__name__


def test_updates_are_left_for_their_bundle() -> None:
    layer = nn.BatchNorm2d(4)
    update = minigrad.optim.SGD(layer.parameters(), lr=0.1)

    def step(x: Any) -> Any:
        update.zero_grad()
        loss = layer(x).square().sum()
        loss.backward()
        update.step()
        return loss

    step(IMAGES)
    program = whole(step, IMAGES)
    for each in program.instructions:
        if each.kind == "series":
            assert all(part.phase != "update" for part in each.parts)


def test_far_away_steps_are_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(x: Any) -> Any:
        m = x.mean((0, 2, 3), keepdim=True)
        z = (IMAGES @ IMAGES.transpose(2, 3)).argmax(0).argmin(1)
        return z, x - m

    assert series(whole(step, IMAGES)) == [["sum", "div", "sub"]]
    monkeypatch.setattr(rules, "FAR", 2)
    assert series(whole(step, IMAGES)) == [["sum", "div"]]


# -- its numbers ------------------------------------------------------------------------------


def normalised(layer: Callable[[int], Any], channels: int, kind: Any) -> Callable[[], Any]:
    def make() -> Any:
        own = layer(channels).to(kind)

        def step(x: Any, g: Any) -> Any:
            x = x.detach().requires_grad_()
            own.zero_grad()
            y = F.leaky_relu(own(x))
            y.backward(g)
            return y, x.grad

        return step, [own]

    return make


@pytest.mark.usefixtures("gxx")
@pytest.mark.parametrize("kind, tolerance", [(minigrad.float64, 1e-12), (minigrad.float32, 3e-6)])
@pytest.mark.parametrize(
    "layer, shape",
    [
        (nn.BatchNorm2d, (3, 4, 5, 8)),
        (nn.BatchNorm2d, (2, 7, 13, 11)),  # more numbers than threads, no multiple of them
        (nn.BatchNorm1d, (1, 2, 9)),
        (nn.BatchNorm3d, (2, 3, 2, 3, 4)),
    ],
)
def test_the_numbers_are_those_of_eager_steps(
    layer: Any, shape: tuple[int, ...], kind: Any, tolerance: float
) -> None:
    draw = np.random.default_rng(5)
    calls = [
        tuple(minigrad.tensor(draw.standard_normal(shape) + 3, dtype=kind) for _ in range(2))
        for _ in range(4)
    ]
    with minigrad.cuda.simulated():
        step = agree(normalised(layer, shape[1], kind), calls, tolerance=tolerance)
    assert step.path == "simulated graph, 2 nodes"  # all of it, and the count of batches


@pytest.mark.usefixtures("gxx")
def test_images_with_gaps_take_a_kernel_a_step() -> None:
    y = minigrad.zeros(3, 4, 5, 9)[..., :8]

    def make() -> Any:
        def step(x: Any) -> Any:
            y.copy_(centered(x))
            return (y * y).sum((0, 2, 3))

        return step, [y]

    with minigrad.cuda.simulated():
        step = agree(make, [(IMAGES,), (IMAGES + 1,)] * 2, tolerance=1e-6)
    assert step.path.startswith("simulated graph")
