"""Compiled steps of every kind: the same numbers as the step itself."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from twins import UNFUSED, agree

import minigrad
from minigrad import compile as compiled
from minigrad import nn, optim
from minigrad.compiler.passes import PASSES
from minigrad.errors import CompileError
from minigrad.nn import functional as F

both = pytest.mark.parametrize("options", [UNFUSED, {}], ids=["numpy", "native"])


def batches(n: int, *shape: int, classes: int = 4, seed: int = 0) -> list[tuple[Any, Any]]:
    draw = np.random.default_rng(seed)
    return [
        (
            minigrad.from_numpy(draw.standard_normal(shape).astype(np.float32)),
            minigrad.from_numpy(draw.integers(0, classes, shape[0])),
        )
        for _ in range(n)
    ]


def supervised(model: nn.Module, update: optim.Optimizer) -> Any:
    def step(x: Any, y: Any) -> Any:
        update.zero_grad()
        output = model(x)
        loss = F.cross_entropy(output, y)
        loss.backward()
        update.step()
        return {"loss": loss, "output": output}

    return step, [model, update]


def dense() -> nn.Module:
    return nn.Sequential(
        nn.FullConnection(6, 8), nn.ReLU(), nn.FullConnection(8, 8), nn.Tanh(), nn.Linear(8, 4)
    )


def convolutional() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1, bias=False),  # a bias that has no gradient is noise
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3),
        nn.Sigmoid(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.FullConnection(6, 4),
    )


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


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("item", lambda loss: loss.item()),
        ("numpy", lambda loss: loss.detach().numpy()),
        ("bool", lambda loss: 1 if loss > 0 else 0),
        ("item", float),
        ("tolist", lambda loss: loss.tolist()),
    ],
)
def test_reading_a_value_is_refused_with_the_line(name: str, read: Any) -> None:
    @compiled
    def step(x: Any) -> Any:
        loss = (x * x).sum()
        read(loss)
        return loss

    told = rf"compile: {name}.*cannot be part of.*test_step\.py:\d+"
    with pytest.raises(CompileError, match=told):
        step(minigrad.ones(3))


def test_a_step_that_depends_on_the_call_is_refused() -> None:
    calls = []

    @compiled
    def step(x: Any) -> Any:
        calls.append(1)
        return x * len(calls)

    with pytest.raises(
        CompileError, match=r"something else at each call: .*test_step\.py:\d+.*the number"
    ):
        for _ in range(10):
            step(minigrad.ones(3))


def test_data_made_in_the_step_must_not_change() -> None:
    draw = np.random.default_rng(0)

    @compiled
    def step(x: Any) -> Any:
        return x * minigrad.tensor(draw.random(3))

    with pytest.raises(CompileError, match="pass what changes as an argument"):
        for _ in range(10):
            step(minigrad.ones(3))


def test_other_things_than_tensors_are_refused() -> None:
    with pytest.raises(TypeError, match="takes and returns tensors and plain values, got ndarray"):
        compiled(lambda x: x)(np.ones(3))


def test_an_unknown_pass() -> None:
    with pytest.raises(ValueError, match="no pass 'fuse'; there are merge"):
        compiled(lambda x: x, disable=["fuse"])


def test_a_label_that_is_no_class() -> None:
    model = dense()
    step = compiled(supervised(model, optim.SGD(model.parameters(), 0.1))[0])
    good = batches(4, 5, 6)
    for x, y in good:
        step(x, y)
    with pytest.raises(IndexError):
        step(good[0][0], minigrad.tensor([0, 1, 2, 3, 4]))


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


def test_numbers_that_vary_must_be_tensors() -> None:
    step = compiled(lambda x, rate: x * rate, native=False)
    with pytest.raises(CompileError, match="64 kinds of arguments; pass numbers"):
        for i in range(70):
            step(minigrad.ones(1), i / 7)


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


def test_the_program_reads_as_backpropagation() -> None:
    minigrad.manual_seed(0)
    model = nn.Sequential(nn.FullConnection(6, 4))
    step = compiled(supervised(model, optim.SGD(model.parameters(), 0.1))[0], native=False)
    assert "not recorded yet" in str(step)
    for x, y in batches(3, 5, 6):
        step(x, y)
    lines = str(step).splitlines()
    assert lines[0] == "step(x0: float32[5, 6], x1: int64[5])"
    assert "%0: float32[5, 4] = linear(x0, 0.weight, 0.bias)" in lines[2]
    assert lines[2].rstrip().rpartition("#")[2].startswith(" test_step.py:")
    assert any(line.strip().startswith("0.weight <- descend(0.weight, %") for line in lines)
    assert lines[-1].startswith("return %")


def test_explain_tells_what_each_pass_did(capsys: Any) -> None:
    model = dense()
    step = compiled(supervised(model, optim.Adam(model.parameters()))[0], explain=True)
    for x, y in batches(3, 5, 6):
        step(x, y)
    told = capsys.readouterr().out
    for word in ("recorded", "merge", "copies", "dead", "MB moved", "fewer by sharing", "calls"):
        assert word in told


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


def test_an_argument_that_is_written_into_must_be_there_once() -> None:
    @compiled
    def step(x: Any, y: Any) -> Any:
        x.add_(1)
        return x * y

    a = minigrad.ones(4)
    assert step(a, minigrad.ones(4)).tolist() == [2] * 4
    for other in (a, a.reshape(2, 2).reshape(4)):
        with pytest.raises(CompileError, match=r"writes into an argument that shares .* clone\(\)"):
            step(a, other)
    assert a.tolist() == [2] * 4


def test_what_is_returned_must_not_change_but_by_the_arguments() -> None:
    draw, calls = np.random.default_rng(0), []

    def made_anew(x: Any) -> Any:
        return minigrad.tensor(draw.random(3))

    def counted(x: Any) -> Any:
        calls.append(1)
        return x, len(calls)

    def more_and_more(x: Any) -> Any:
        calls.append(1)
        return [x] * len(calls)

    for step, told in (
        (made_anew, "what it returns takes numbers .* makes anew"),
        (counted, "returns other plain values"),
        (more_and_more, "returns other plain values, or another number of tensors"),
    ):
        with pytest.raises(CompileError, match=told):
            compiled(step)(minigrad.ones(3))
