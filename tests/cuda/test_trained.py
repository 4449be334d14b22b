"""Networks that train on the simulated GPU, as one graph a step: losses, gradients, weights and the
state of optimizers are those of the steps done one op after the other."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from learning import residual

import minigrad
from minigrad import nn, optim
from minigrad.models import CNN, LeNet5
from minigrad.nn import functional as F

sys.path.insert(0, str(Path(__file__).parent.parent / "compiler"))
from twins import Side, agree, batches, supervised

pytestmark = pytest.mark.usefixtures("gxx")


def mlp(kind: Any = minigrad.float32) -> Side:
    model = nn.Sequential(
        nn.FullConnection(6, 16), nn.ReLU(), nn.Dropout(0.3), nn.FullConnection(16, 8), nn.Tanh(),
        nn.FullConnection(8, 4),
    )  # fmt: skip
    model.to(kind)
    return supervised(model, optim.Adam(model.parameters(), lr=0.01, weight_decay=0.01))


def lenet(kind: Any = minigrad.float32) -> Side:
    model = LeNet5()
    model.to(kind)
    return supervised(model, optim.SGD(model.parameters(), lr=0.05, momentum=0.9))


def cnn(kind: Any = minigrad.float32) -> Side:
    model = CNN()
    model.to(kind)
    return supervised(model, optim.Adam(model.parameters(), lr=0.002))


def wide() -> Side:
    """Many channels: products, which no kernel goes on with; and some channels in groups."""
    model = nn.Sequential(
        nn.Conv2d(12, 40, 3), nn.ReLU(), nn.Conv2d(40, 40, 3, padding=1, groups=10), nn.Sigmoid(),
        nn.Conv2d(40, 32, 3, padding=1), nn.Tanh(),
        nn.AvgPool2d(2), nn.Flatten(), nn.Linear(288, 4),
    )  # fmt: skip
    return supervised(model, optim.SGD(model.parameters(), lr=0.05))


def normalised(kind: Any = minigrad.float32) -> Side:
    model = residual()
    model.to(kind)
    return supervised(model, optim.SGD(model.parameters(), lr=0.02, momentum=0.9))


def lstm(kind: Any = minigrad.float32) -> Side:
    cells, last = nn.LSTM(6, 5, batch_first=True), nn.Linear(5, 4)
    model = nn.ModuleList([cells, last]).to(kind)
    update = optim.RMSprop(model.parameters(), lr=0.01)

    def step(x: Any, y: Any) -> Any:
        update.zero_grad()
        loss = F.cross_entropy(last(cells(x)[0][:, -1]), y)
        loss.backward()
        update.step()
        return loss

    return step, [model, update]


def gan(kind: Any = minigrad.float32) -> Side:
    generator = nn.Sequential(nn.Linear(3, 16), nn.LeakyReLU(0.2), nn.Linear(16, 6), nn.Tanh())
    critic = nn.Sequential(nn.Linear(6, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    for model in (generator, critic):
        model.to(kind)
    own, other = (
        optim.Adam(m.parameters(), lr=0.005, betas=(0.5, 0.9)) for m in (critic, generator)
    )
    judged = nn.BCEWithLogitsLoss()

    def step(x: Any, y: Any) -> Any:
        real, fake = minigrad.ones(len(x), 1), minigrad.zeros(len(x), 1)
        made = generator(minigrad.randn(len(x), 3))
        own.zero_grad()
        loss = judged(critic(x), real) + judged(critic(made.detach()), fake)
        loss.backward()
        own.step()
        other.zero_grad()
        deceit = judged(critic(made), real)
        deceit.backward()
        other.step()
        return loss, deceit

    return step, [critic, generator, own, other]


NETWORKS: dict[str, tuple[Callable[..., Side], tuple[int, ...]]] = {
    "mlp": (mlp, (7, 6)),
    "lenet": (lenet, (3, 1, 28, 28)),
    "cnn": (cnn, (3, 1, 28, 28)),
    "wide": (wide, (2, 12, 8, 8)),
    "residual": (normalised, (3, 2, 8, 6)),
    "lstm": (lstm, (4, 5, 6)),
    "gan": (gan, (8, 6)),
}


def slower(i: int, things: list[Any]) -> None:
    """After the tenth step, another learning rate."""
    for thing in things if i == 10 else []:
        if isinstance(thing, optim.Optimizer):
            thing.param_groups[0]["lr"] *= 0.3


@pytest.mark.parametrize("name", NETWORKS)
def test_twenty_steps_and_another_learning_rate(name: str) -> None:
    make, shape = NETWORKS[name]
    with minigrad.cuda.simulated() as device:
        step = agree(make, batches(20, *shape), between=slower, tolerance=1e-5)
    assert step.path == f"simulated graph, {device.nodes} nodes"
    assert "call" not in device.log


@pytest.mark.parametrize("name", ["mlp", "lenet", "residual", "lstm"])
def test_in_float64(name: str) -> None:
    make, shape = NETWORKS[name]
    calls = [(x.double(), y) for x, y in batches(20, *shape)]
    with minigrad.cuda.simulated():
        step = agree(lambda: make(minigrad.float64), calls, between=slower, tolerance=1e-10)
    assert step.path.startswith("simulated graph")


def test_masks_of_dropout_are_those_of_numpy() -> None:
    x = minigrad.ones(50, 33)

    def step() -> Any:
        return F.dropout(x, 0.3), F.dropout(x, 0.7)

    minigrad.manual_seed(5)
    want = [[y.numpy() for y in step()] for _ in range(4)]
    minigrad.manual_seed(5)
    with minigrad.cuda.simulated() as device:
        again = minigrad.compile(step)
        for masks in want:
            for have, mask in zip(again(), masks, strict=True):
                np.testing.assert_array_equal(have.numpy(), mask)
    assert again.path.startswith("simulated graph") and "call" not in device.log


def test_the_last_batch_is_smaller() -> None:
    large, small = batches(9, 5, 6), batches(9, 3, 6, seed=1)
    calls = [pair for both in zip(large, small, strict=True) for pair in both]
    with minigrad.cuda.simulated():
        step = agree(mlp, calls, programs=2, tolerance=1e-5)
    assert all(replay.path.startswith("simulated graph") for replay in step.replays)


def test_a_step_recorded_outside_of_the_block_stays_on_the_cpu() -> None:
    step = minigrad.compile(lambda x: x * 2)
    step(minigrad.ones(3))
    with minigrad.cuda.simulated() as device:
        step(minigrad.ones(3))
        step(minigrad.ones(4))
    assert [replay.path.partition(" ")[0] for replay in step.replays][1] == "simulated"
    log = len(device.log)
    step(minigrad.ones(3))
    assert len(device.log) == log
    step(minigrad.ones(4))  # what was recorded there stays there
    assert len(device.log) > log
