"""Names in a step that come to stand for something else: the step is recorded again."""

from __future__ import annotations

import math
from typing import Any

import pytest
from twins import agree, batches, dense, supervised

import minigrad
from minigrad import compile as compiled
from minigrad import nn, optim
from minigrad.errors import CompileError

SCALE: Any = 1.0


def test_a_variable_around_the_step() -> None:
    x = minigrad.ones(2)
    weight: Any = 1

    def weighted(y: Any) -> Any:  # a function that the step knows by name
        return y * weight

    step = compiled(lambda: weighted(x))
    for factor, value in ((1, 1.0), (2, 1.0), (2.5, 3.0), (minigrad.full((2,), 4.0), 5.0)):
        weight, x = factor, minigrad.full((2,), value)
        for _ in range(3):
            assert step().tolist() == weighted(x).tolist()
        x.add_(1)  # in place: it stands for the same tensor
        assert step().tolist() == weighted(x).tolist()
    assert len(step.programs) == 4


def test_a_global(monkeypatch: pytest.MonkeyPatch) -> None:
    step = compiled(lambda x: [x * SCALE for _ in range(2)])
    for scale in (1.0, 2.0, 1.0, 1000, 1000):
        monkeypatch.setitem(globals(), "SCALE", scale)
        assert step(minigrad.ones(1))[1].item() == scale
    assert len(step.programs) == 3


def test_models_and_optimizers_that_are_made_anew() -> None:
    def make() -> Any:
        model = dense()
        update: Any = optim.SGD(model.parameters(), lr=0.1)

        def step(x: Any, y: Any) -> Any:
            return supervised(model, update)[0](x, y)

        def anew(i: int) -> None:
            nonlocal model, update
            if i == 2:
                update = optim.Adam(model.parameters(), lr=0.01)
            if i == 5:
                model = dense()
                update = optim.SGD(model.parameters(), lr=0.1)

        return step, [anew]

    calls = batches(9, 5, 6)
    minigrad.manual_seed(0)
    plain, (anew,) = make()
    minigrad.manual_seed(0)
    found, (again,) = make()
    twin = compiled(found)
    state = minigrad.get_rng_state()
    for i, (x, y) in enumerate(calls):
        assert twin(x, y)["loss"].item() == pytest.approx(plain(x, y)["loss"].item(), rel=1e-5)
        minigrad.set_rng_state(state)
        anew(i)
        minigrad.set_rng_state(state)
        again(i)
    assert len(twin.programs) == 3


def test_attributes_of_the_object_whose_step_it_is() -> None:
    class Trainer:
        def __init__(self) -> None:
            self.calls, self.factor, self.model = 0, 1.0, nn.ReLU()

        @compiled
        def step(self, x: Any) -> Any:
            self.calls += 1  # what the step itself changes is not taken for granted
            return self.model(x) * self.factor

    trainer, x = Trainer(), minigrad.tensor([-1.0, 2.0])
    for factor, model in ((1.0, nn.ReLU()), (3.0, nn.ReLU()), (3.0, nn.Tanh())):
        trainer.factor, trainer.model = factor, model
        for _ in range(3):
            assert trainer.step(x).tolist() == (model(x) * factor).tolist()
    assert len(trainer.step.programs) == 3


def test_data_that_the_step_finds_under_a_name() -> None:
    step = compiled(lambda: x * 2)
    with pytest.raises(CompileError, match="it closes over had changed; pass what changes as a te"):
        for x, _ in batches(12, 3):
            assert step().tolist() == (x * 2).tolist()


def test_zero_has_a_sign() -> None:
    step = compiled(lambda x, zero: 1 / (x * zero))
    found = [step(minigrad.ones(1), zero).item() for zero in (0.0, -0.0, 0.0, -0.0)]
    assert found == [math.inf, -math.inf, math.inf, -math.inf]


def test_parameters_that_a_group_gets_and_loses() -> None:
    def make() -> Any:
        model = dense()
        update = optim.SGD(model[:2].parameters(), lr=0.1)
        model.zero_grad()

        def step(x: Any, y: Any) -> Any:
            model.zero_grad()
            return supervised(model, update)[0](x, y)

        return step, [model, update]

    def between(i: int, things: Any) -> None:
        params = things[1].param_groups[0]["params"]
        if i == 3:
            params.extend(things[0][2:].parameters())
        if i == 6:
            del params[0]

    agree(make, batches(9, 5, 6), between=between, programs=3, tolerance=1e-5)
