"""What a recording takes for granted: where it changes, the step is recorded again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from twins import agree, batches, both, convolutional, dense, supervised

import minigrad
from minigrad import compile as compiled
from minigrad import nn, optim
from minigrad.nn import functional as F


@both
def test_gradients_add_up_over_several_calls(options: Any) -> None:
    def make() -> Any:
        model = dense()

        def step(x: Any, y: Any) -> Any:
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            return loss

        return step, [model]

    # The first call finds no gradients, the others add to them.
    agree(make, batches(7, 5, 6), programs=2, tolerance=1e-5, **options)


@both
def test_gradients_that_are_zero_are_added_to(options: Any) -> None:
    w = minigrad.zeros(2, requires_grad=True)

    @compiled(**options)
    def step(x: Any) -> None:
        (x * w).sum().backward()

    found = []
    for x in (0.0, -3.0, 2.0):  # what stands in for the gradient at a rehearsal is zero as well
        step(minigrad.tensor([x, x]))
        found.append(w.grad.tolist())
    assert found == [[0, 0], [-3, -3], [-1, -1]]


def test_a_tensor_that_the_step_replaces_is_refused_also_while_its_numbers_stay() -> None:
    mean = [minigrad.zeros(2)]

    @compiled
    def step(x: Any) -> Any:
        mean[0] = mean[0] * 0.9 + x
        return mean[0] * 1

    with pytest.raises(minigrad.errors.CompileError, match="another tensor"):
        step(minigrad.zeros(2))


@both
def test_gradients_are_forgotten_outside(options: Any) -> None:
    def make() -> Any:
        model = dense()

        def step(x: Any, y: Any) -> Any:
            F.cross_entropy(model(x), y).backward()

        return step, [model]

    agree(
        make,
        batches(12, 5, 6),
        between=lambda i, things: things[0].zero_grad() if i < 4 or i > 8 else None,
        programs=2,
        tolerance=1e-5,
        **options,
    )


@both
def test_evaluation_has_a_program_of_its_own(options: Any) -> None:
    def make() -> Any:
        model = convolutional()
        return lambda x, y: model(x), [model]

    agree(
        make,
        batches(12, 5, 2, 10, 10),
        between=lambda i, things: things[0].train(i % 4 < 1),
        programs=2,
        tolerance=1e-5,
        **options,
    )


def test_a_parameter_that_is_replaced_or_frozen_is_recorded_again() -> None:
    w = minigrad.ones(3, requires_grad=True)

    @compiled
    def step(x: Any) -> Any:
        y = (x * w).sum()
        if y.requires_grad:
            w.grad = None
            y.backward()
        return y

    x = minigrad.tensor([1.0, 2.0, 3.0])
    for _ in range(4):
        assert step(x).item() == 6
    w.data = minigrad.full((3,), 2.0)
    for _ in range(4):
        assert step(x).item() == 12
    w.requires_grad_(False)
    w.grad = None
    for _ in range(4):
        step(x)
        assert w.grad is None
    assert len(step.programs) == 3


def test_settings_of_an_optimizer_are_recorded_again() -> None:
    def make() -> Any:
        model = dense()
        return supervised(model, optim.SGD(model.parameters(), lr=0.1, momentum=0.5))

    def between(i: int, things: Any) -> None:
        if i == 4:
            things[1].param_groups[0]["momentum"] = 0.9

    agree(make, batches(9, 5, 6), between=between, programs=2, tolerance=1e-5)


def test_settings_of_a_module_are_recorded_again() -> None:
    model = nn.Sequential(nn.LeakyReLU(0.5))
    step = compiled(lambda x: model(x))
    x = minigrad.tensor([-1.0])
    assert [step(x).item() for _ in range(3)] == [-0.5] * 3
    model[0].negative_slope = 0.25
    assert [step(x).item() for _ in range(3)] == [-0.25] * 3
    assert len(step.programs) == 2


def test_a_module_that_is_replaced() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    step = compiled(lambda x: model(x))
    x = minigrad.ones(1, 2)
    for _ in range(2):
        for _ in range(3):
            assert step(x).tolist() == model(x).tolist()
        model[0] = nn.Linear(2, 2)
    model[0].weight = nn.Parameter(minigrad.ones(2, 2))
    assert step(x).tolist() == model(x).tolist()


def test_an_optimizer_whose_state_is_loaded() -> None:
    saved: dict[int, Any] = {}

    def make() -> Any:
        model = dense()
        return supervised(model, optim.Adam(model.parameters(), lr=0.01))

    def between(i: int, things: Any) -> None:
        if i == 2:
            state = things[1].state_dict()["state"]
            saved[id(things[1])] = {
                "state": {k: {n: t.clone() for n, t in v.items()} for k, v in state.items()},
                "param_groups": things[1].state_dict()["param_groups"],
            }
        if i == 5:
            things[1].load_state_dict(saved[id(things[1])])

    agree(make, batches(9, 5, 6), between=between, programs=2, tolerance=1e-5)


def test_hooks_that_come_and_go() -> None:
    model = nn.Sequential(nn.ReLU())
    w = minigrad.ones(1, requires_grad=True)

    @compiled
    def step(x: Any) -> Any:
        w.grad = None
        y = model(x * w)
        y.sum().backward()
        return y

    def results() -> Any:
        return [(step(x).item(), w.grad.item()) for x in [minigrad.ones(1)] * 3]

    assert results() == [(1, 1)] * 3
    handle = model.register_forward_hook(lambda module, args, y: y * 2)
    assert results() == [(2, 2)] * 3
    handle.remove()
    assert results() == [(1, 1)] * 3
    with w.register_hook(lambda g: g * 5):
        assert results() == [(1, 5)] * 3
    assert results() == [(1, 1)] * 3


def test_a_module_may_count_its_calls() -> None:
    class Counting(nn.Module):
        calls = 0

        def forward(self, x: Any) -> Any:
            self.calls += 1
            return x + 1

    model = Counting()
    step = compiled(lambda x: model(x))
    assert [step(minigrad.tensor([float(i)])).item() for i in range(4)] == [1, 2, 3, 4]
    assert len(step.programs) == 1


@both
def test_a_parameter_that_is_first_met_without_its_gradient(options: Any) -> None:
    def make() -> Any:
        model = dense()
        step, things = supervised(model, optim.SGD(model.parameters(), lr=0.1))

        def penalised(x: Any, y: Any) -> Any:
            return [sum((p.detach() ** 2).sum() for p in model.parameters()), step(x, y)]

        return penalised, things

    def between(i: int, things: Any) -> None:
        weight = things[0][0].weight
        if i == 3:
            weight.data = weight.detach() * 2
        if i == 6:
            weight.requires_grad_(False)
            weight.grad = None

    agree(make, batches(9, 5, 6), between=between, programs=3, tolerance=1e-5, **options)


@both
def test_gradients_that_are_set_to_zeros(options: Any) -> None:
    def make() -> Any:
        model = dense()
        update = optim.Adam(model.parameters(), lr=0.01)

        def step(x: Any, y: Any) -> Any:
            update.zero_grad(set_to_none=False)
            F.cross_entropy(model(x), y).backward()
            update.step()

        return step, [model, update]

    agree(make, batches(7, 5, 6), tolerance=1e-5, **options)


@both
@pytest.mark.parametrize("forgets", ["not", "first", "last"])
def test_a_parameter_that_another_step_gives_a_gradient(
    options: dict[str, Any], forgets: str
) -> None:
    sides: list[list[np.ndarray]] = []
    for wrapped in (False, True):
        minigrad.manual_seed(0)
        own, shared = (minigrad.randn(3).double().requires_grad_() for _ in range(2))
        optimizer = minigrad.optim.SGD([own, shared], lr=0.1)

        def little(x: Any, own: Any = own, optimizer: Any = optimizer) -> Any:
            if forgets == "first":
                optimizer.zero_grad()
            loss = (own * x).sum()
            loss.backward()
            optimizer.step()
            if forgets == "last":
                optimizer.zero_grad()
            return loss

        def both_of_them(x: Any, own: Any = own, shared: Any = shared) -> Any:
            loss = (own * shared * x).sum()
            loss.backward()
            return loss

        steps = [little, both_of_them]
        if wrapped:
            steps = [minigrad.compile(step, **options) for step in steps]
        seen: list[np.ndarray] = []
        for i in (0, 0, 1, 0, 0, 1, 1, 0):
            seen += [np.array(steps[i](minigrad.ones(3).double()).array)]
            for p in (own, shared):
                grad = np.full(3, np.nan) if p.grad is None else p.grad.array.copy()
                seen += [p.array.copy(), grad]
        sides.append(seen)
    for have, want in zip(sides[1], sides[0], strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-12, atol=1e-14)
