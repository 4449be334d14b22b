"""Compiled steps of every kind: the same numbers as the step itself."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from twins import agree, batches, both, convolutional, dense, supervised

import minigrad
from minigrad import compile as compiled
from minigrad import nn, optim
from minigrad.compiler.targets.register import PASSES
from minigrad.nn import functional as F

OPTIMIZERS = {
    "SGD": dict(lr=0.1),
    "SGD-momentum": dict(lr=0.1, momentum=0.9, weight_decay=0.01),
    "SGD-nesterov": dict(lr=0.1, momentum=0.9, nesterov=True),
    "Adam": dict(lr=0.01),
    "Adam-amsgrad": dict(lr=0.01, amsgrad=True, weight_decay=0.1),
    "AdamW": dict(lr=0.01),
    "RMSprop": dict(lr=0.01, momentum=0.5),
    "Adagrad": dict(lr=0.1),
    "Adadelta": dict(lr=1.0),
    "Adamax": dict(lr=0.01),
    "NAdam": dict(lr=0.01),
    "RAdam": dict(lr=0.01),
    "Rprop": dict(lr=0.01),
    "ASGD": dict(lr=0.01),
}


@both
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer(name: str, options: Any) -> None:
    def make() -> Any:
        model = dense()
        kind = getattr(optim, name.partition("-")[0])
        return supervised(model, kind(model.parameters(), **OPTIMIZERS[name]))

    agree(make, batches(8, 5, 6), tolerance=1e-5, **options)


@both
def test_convolution_normalisation_pooling_and_dropout(options: Any) -> None:
    def make() -> Any:
        model = convolutional()
        return supervised(model, optim.Adam(model.parameters(), lr=0.01))

    agree(make, batches(8, 5, 2, 10, 10), tolerance=1e-4, **options)


@both
def test_the_last_batch_is_smaller(options: Any) -> None:
    def make() -> Any:
        model = dense()
        return supervised(model, optim.SGD(model.parameters(), lr=0.1, momentum=0.5))

    large, small = batches(9, 5, 6), batches(9, 3, 6, seed=1)
    calls = [pair for both in zip(large, small, strict=True) for pair in both]
    agree(make, calls, programs=2, tolerance=1e-5, **options)


@both
def test_a_schedule_changes_the_learning_rate(options: Any) -> None:
    schedules: dict[int, Any] = {}

    def make() -> Any:
        model = dense()
        step, things = supervised(model, optim.Adam(model.parameters(), lr=0.05))
        schedules[id(things[1])] = optim.lr_scheduler.ExponentialLR(things[1], 0.8)
        return step, things

    agree(
        make,
        batches(8, 5, 6),
        between=lambda i, things: schedules[id(things[1])].step(),
        tolerance=1e-5,
        **options,
    )


@both
def test_clipped_gradients(options: Any) -> None:
    def make() -> Any:
        model = dense()
        update = optim.SGD(model.parameters(), lr=0.5)

        def step(x: Any, y: Any) -> Any:
            update.zero_grad()
            F.cross_entropy(model(x), y).backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            update.step()
            return norm

        return step, [model, update]

    agree(make, batches(8, 5, 6), tolerance=1e-5, **options)


@both
def test_two_optimizers_play_against_each_other(options: Any) -> None:
    def make() -> Any:
        G = nn.Sequential(nn.Linear(3, 8), nn.LeakyReLU(0.2), nn.Linear(8, 6), nn.Tanh())
        D = nn.Sequential(nn.Linear(6, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1), nn.Sigmoid())
        update_G, update_D = optim.Adam(G.parameters(), 0.01), optim.Adam(D.parameters(), 0.01)
        loss = nn.BCELoss()

        def step(real: Any, y: Any) -> Any:
            ones, zeros = minigrad.ones(len(real), 1), minigrad.zeros(len(real), 1)
            fake = G(minigrad.randn(len(real), 3))
            update_D.zero_grad()
            loss_D = loss(D(real), ones) + loss(D(fake.detach()), zeros)
            loss_D.backward()
            update_D.step()
            update_G.zero_grad()
            loss_G = loss(D(fake), ones)
            loss_G.backward()
            update_G.step()
            return loss_D, loss_G

        return step, [G, D, update_G, update_D]

    agree(make, batches(9, 5, 6), tolerance=1e-4, **options)


@both
@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_recurrence_over_time(kind: str, options: Any) -> None:
    def make() -> Any:
        inner, outer = getattr(nn, kind)(3, 4, batch_first=True), nn.Linear(4, 4)
        model = nn.ModuleList([inner, outer])
        update = optim.Adam(model.parameters(), lr=0.01)

        def step(x: Any, y: Any) -> Any:
            update.zero_grad()
            states, _ = inner(x)
            loss = F.cross_entropy(outer(states[:, -1]), y)
            loss.backward()
            update.step()
            return loss

        return step, [model, update]

    agree(make, batches(7, 5, 6, 3), tolerance=1e-4, **options)


@both
def test_a_constant_that_is_written_over_begins_anew(options: Any) -> None:
    def make() -> Any:
        w = minigrad.tensor([1.0, 2.0, 3.0], requires_grad=True)

        def step(x: Any, y: Any) -> Any:
            total = minigrad.zeros(3)
            for row in x:
                total += row * w
            total.sum().backward()
            found = w.grad.clone()
            w.grad = None
            return total, found

        return step, [w]

    agree(make, batches(6, 4, 3), **options)


@both
def test_arguments_that_are_written_into(options: Any) -> None:
    def make() -> Any:
        def step(x: Any) -> Any:
            x.mul_(2).add_(1)
            return x[0]

        return step, []

    for twin in (False, True):
        x = minigrad.zeros(3)
        step = compiled(make()[0], **options) if twin else make()[0]
        for _ in range(6):
            step(x)
        assert x.tolist() == [63.0] * 3


def test_views_of_state_are_written_through() -> None:
    def make() -> Any:
        table = minigrad.zeros(4, 3)

        def step(x: Any, y: Any) -> Any:
            table[1:3] += x
            table.t()[0] *= 2
            return table.sum(0)

        return step, [table]

    agree(make, batches(6, 2, 3), native=False)
    agree(make, batches(6, 2, 3))


def test_what_is_returned_is_new_at_each_call() -> None:
    @compiled
    def step(x: Any) -> Any:
        return x * 2

    found = [step(minigrad.tensor([float(i)])) for i in range(6)]
    assert [x.item() for x in found] == [0, 2, 4, 6, 8, 10]


def test_plain_values_and_trees_go_in_and_out() -> None:
    @compiled
    def step(parts: Any, scale: float, flip: bool = False) -> Any:
        a, (b,) = parts["a"], parts["b"]
        return {"sum": (a + b) * scale, "plain": [scale, None, "text", flip]}

    parts = {"a": minigrad.ones(2), "b": (minigrad.ones(2),)}
    for _ in range(4):
        assert step(parts, 3.0)["sum"].tolist() == [6, 6]
        assert step(parts, 4.0, flip=True)["plain"] == [4.0, None, "text", True]
    assert len(step.programs) == 2


def test_a_method_is_a_step_for_each_object() -> None:
    class Scaled:
        def __init__(self, factor: float) -> None:
            self.factor = minigrad.tensor(factor)

        @compiled
        def scale(self, x: Any) -> Any:
            return x * self.factor

    for factor in (2.0, 3.0):
        each = Scaled(factor)
        for _ in range(3):
            assert each.scale(minigrad.ones(1)).item() == factor
        assert len(each.scale.programs) == 1


def test_a_copied_object_has_a_step_of_its_own() -> None:
    class Line(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.slope = nn.Parameter(minigrad.tensor(2.0))

        @compiled
        def at(self, x: Any) -> Any:
            return x * self.slope

    line, x = Line(), minigrad.ones(1)
    assert line.at(x).item() == 2
    twin = deepcopy(line)
    twin.load_state_dict({"slope": minigrad.tensor(3.0)})
    for _ in range(3):
        assert line.at(x).item() == 2 and twin.at(x).item() == 3
    assert len(line.at.programs) == len(twin.at.programs) == 1


def test_a_copy_of_a_repeated_number_is_kept() -> None:
    @compiled
    def step(x: Any) -> Any:
        return x.reshape(-1, 1).expand(3, 4).clone().reshape(-1) * 2

    x = minigrad.arange(3.0)
    for _ in range(2):
        assert step(x).tolist() == (x.reshape(-1, 1).expand(3, 4).reshape(-1) * 2).tolist()


def test_a_compiled_step_inside_another_one() -> None:
    inner = compiled(lambda x: x * 2)
    outer = compiled(lambda x: inner(x) + 1)
    for _ in range(4):
        assert outer(minigrad.ones(2)).tolist() == [3, 3]
    assert len(outer.programs) == 1 and not inner.programs


@pytest.mark.parametrize("name", PASSES)
def test_every_pass_can_be_switched_off(name: str) -> None:
    def make() -> Any:
        model = convolutional()
        return supervised(model, optim.Adam(model.parameters(), lr=0.01))

    agree(make, batches(5, 5, 2, 10, 10), disable=[name], tolerance=1e-5)


def test_the_same_tensor_twice_is_two_arguments() -> None:
    step = compiled(lambda x, y: x - y)
    a, b = minigrad.ones(3), minigrad.zeros(3)
    assert step(a, a).tolist() == [0, 0, 0]
    assert step(a, b).tolist() == [1, 1, 1] and step(b, a).tolist() == [-1, -1, -1]
    assert len(step.programs) == 1


def test_a_tensor_that_the_step_closes_over_may_be_an_argument() -> None:
    table = minigrad.ones(3)
    step = compiled(lambda x: x + table)
    assert step(table).tolist() == [2, 2, 2]
    assert step(minigrad.zeros(3)).tolist() == [1, 1, 1]


def test_named_tuples_go_in_and_out() -> None:
    class Pair(NamedTuple):
        x: Any
        y: Any

    step = compiled(lambda pair: Pair(pair.x + 1, pair.y))
    for i in range(3):
        found = step(Pair(minigrad.full((1,), float(i)), 2.0))
        assert found.x.item() == i + 1 and found.y == 2.0


def test_a_gradient_that_is_a_constant_may_be_changed() -> None:
    w = minigrad.ones(2, requires_grad=True)

    @compiled
    def step(x: Any) -> Any:
        y = w * x
        w.grad = minigrad.ones(2)
        return y

    for _ in range(3):
        step(minigrad.ones(2))
        assert w.grad.tolist() == [1, 1]
        w.grad.mul_(2)
