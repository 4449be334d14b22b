"""Several steps in one call: data that lie where the step computes, and a place that moves on."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn, optim
from minigrad.compiler.step import CompiledStep
from minigrad.compiler.targets.cuda.device import host
from minigrad.nn import functional as F

SIZE, BATCH = 40, 8

everywhere = pytest.mark.parametrize(
    "place",
    [
        nullcontext,
        pytest.param(
            minigrad.cuda.simulated,
            marks=pytest.mark.skipif(host.compiler() is None, reason="no g++ here"),
        ),
    ],
    ids=["cpu", "simulated"],
)


class Training:
    """A model that goes through its data by itself."""

    def __init__(self, drawn: bool = False) -> None:
        minigrad.manual_seed(0)
        draw = np.random.default_rng(0)
        self.x = minigrad.from_numpy(draw.standard_normal((SIZE, 6)).astype(np.float32))
        self.y = minigrad.from_numpy(draw.integers(0, 4, SIZE))
        self.order = minigrad.from_numpy(draw.permutation(SIZE))
        self.cursor = minigrad.zeros(1, dtype=minigrad.int64)
        self.model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 4))
        self.update = optim.Adam(self.model.parameters(), lr=0.02)
        self.drawn = drawn
        minigrad.manual_seed(1)

    def step(self) -> Any:
        rows = self.order.index_select(0, self.cursor + minigrad.arange(BATCH))
        x, y = self.x.index_select(0, rows), self.y.index_select(0, rows)
        self.cursor.add_(BATCH)
        if self.drawn:
            x = x + 0.1 * minigrad.randn(*x.shape)
        self.update.zero_grad()
        loss = F.cross_entropy(self.model(x), y)
        loss.backward()
        self.update.step()
        return loss

    def again(self) -> None:
        """The next epoch, in another order."""
        self.cursor.zero_()
        self.order.copy_(minigrad.from_numpy(np.random.default_rng(1).permutation(SIZE)))

    def numbers(self) -> list[Any]:
        found = [p.detach().numpy().copy() for p in self.model.parameters()]
        return found + [p.grad.numpy().copy() for p in self.model.parameters()]


def agree(one: Training, two: Training) -> None:
    for a, b in zip(one.numbers(), two.numbers(), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-5 * np.abs(b).max())


@everywhere
@pytest.mark.parametrize("drawn", [False, True])
def test_an_epoch_is_one_call(place: Any, drawn: bool) -> None:
    plain, twin = Training(drawn), Training(drawn)
    state = other = minigrad.get_rng_state()
    with place():
        step = minigrad.compile(twin.step)
        for epoch in range(3):
            minigrad.set_rng_state(state)
            losses = [float(plain.step()) for _ in range(SIZE // BATCH)]
            plain.again()
            state = minigrad.get_rng_state()
            minigrad.set_rng_state(other)
            found = float(step.repeat(SIZE // BATCH))
            twin.again()
            other = minigrad.get_rng_state()
            assert abs(found - losses[-1]) < 1e-5
            agree(twin, plain)
            for each in (plain, twin):  # a schedule acts between calls
                each.update.param_groups[0]["lr"] *= 0.5
            assert epoch == 0 or "eager" not in step.path
    assert len(step.programs) == 1


@everywhere
def test_what_is_repeated_is_what_a_call_does(place: Any) -> None:
    one, two = Training(), Training()
    with place():
        for each in (one, two):
            each.model.eval()  # masks would come from one stream in turn
        step, other = minigrad.compile(one.step), minigrad.compile(two.step)
        for count in (1, 2, 1, 1):
            step.repeat(count)
            for _ in range(count):
                other()
            agree(one, two)


@everywhere
def test_a_step_that_changes_with_each_call(place: Any) -> None:
    """Gradients that are added up: the first step makes them, the others find them there."""
    x = minigrad.arange(3.0).requires_grad_()

    def step() -> Any:
        loss = (x * x).sum()
        loss.backward()
        return loss

    with place():
        twin: CompiledStep[Any, Any] = minigrad.compile(step)
        twin.repeat(5)
        assert x.grad is not None
        np.testing.assert_allclose(x.grad.numpy(), 10 * np.arange(3.0))
        twin.repeat(3)
        np.testing.assert_allclose(x.grad.numpy(), 16 * np.arange(3.0))


def test_inside_of_another_step_it_is_a_loop() -> None:
    x = minigrad.ones(2)

    @minigrad.compile
    def inner() -> Any:
        return x.mul_(2)

    @minigrad.compile
    def outer() -> Any:
        return inner.repeat(3) + 0

    for _ in range(2):
        outer()
    assert float(x[0]) == 64


def test_what_is_refused() -> None:
    step = minigrad.compile(lambda: minigrad.ones(2) * 2)
    for times in (0, -1):
        with pytest.raises(ValueError, match="repeat: expected a number of times from 1 on"):
            step.repeat(times)
    for other in (2.5, "3"):
        with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
            step.repeat(other)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="argument"):
        minigrad.compile(lambda x: x * 2).repeat(2)
