"""What a step reads beside its tensors, in all the places where it may lie: a change is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

import minigrad
from minigrad import compile as compiled
from minigrad import nn, optim

X = minigrad.tensor([-1.0, 0.5, 2.0])
Case = tuple[Callable[..., Any], list[Callable[[], object]]]
"""A step, and changes around it."""


def a_function() -> Case:
    act: Any = minigrad.relu

    def change(to: Any) -> None:
        nonlocal act
        act = to

    return lambda x: act(x), [partial(change, f) for f in (minigrad.tanh, lambda x: x * 3)]


def a_type() -> Case:
    kind = minigrad.float64

    def change() -> None:
        nonlocal kind
        kind = minigrad.float16

    return lambda x: x.to(kind), [change]


def a_zero() -> Case:
    zero = 0.0

    def change() -> None:
        nonlocal zero
        zero = -0.0

    return lambda x: 1 / (x * zero), [change]


def members_of_containers() -> Case:
    held: dict[str, Any] = {"a": [1.0, 2.0], "t": minigrad.ones(3), "f": minigrad.tanh}
    return lambda x: held["f"](x * held["a"][0] + held["t"]), [
        lambda: held["a"].__setitem__(0, 4.0),
        lambda: held.update(t=minigrad.zeros(3)),
        lambda: held.update(f=minigrad.sin),
    ]


def several_tensors() -> Case:
    state = (minigrad.ones(3), minigrad.zeros(3))

    def change() -> None:
        nonlocal state
        state = (minigrad.zeros(3), minigrad.ones(3))

    return lambda x: x * state[0] + state[1], [change]


def attributes_of_an_object() -> Case:
    options = SimpleNamespace(rate=1.0, inner=SimpleNamespace(shift=2.0))
    return lambda x: x * options.rate + options.inner.shift, [
        lambda: setattr(options, "rate", 5.0),
        lambda: setattr(options.inner, "shift", 7.0),
    ]


def an_attribute_of_a_class() -> Case:
    class Trainer:
        factor, shift = 1.0, (1, 2)
        hidden = 3.0

        @property
        def twice(self) -> float:
            return self.hidden * 2

        def helper(self, x: Any) -> Any:
            return x * self.factor

        def step(self, x: Any) -> Any:
            return self.helper(x) + self.shift[0] + self.twice

    trainer = Trainer()
    return trainer.step, [
        lambda: setattr(trainer, "factor", 2.0),
        lambda: setattr(trainer, "shift", (5, 2)),
        lambda: setattr(Trainer, "factor", 3.0),
        lambda: delattr(trainer, "factor"),
        lambda: setattr(trainer, "hidden", 4.0),
    ]


def an_object_that_is_called() -> Case:
    class Step:
        factor = 1.0

        def __call__(self, x: Any) -> Any:
            return x * self.factor

    step = Step()
    return step, [lambda: setattr(step, "factor", 2.0)]


def around_a_partial_function() -> Case:
    held = [1.0]

    def step(factor: float, x: Any, shift: float = 1.0) -> Any:
        return x * factor * held[0] + shift

    return partial(step, 3), [
        lambda: held.__setitem__(0, 2.0),
        lambda: setattr(step, "__defaults__", (4.0,)),
    ]


def in_the_forward_of_a_module() -> Case:
    scale = 1.0

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.act: Any = minigrad.tanh
            self.options = {"scale": 1.0}
            self.shift = minigrad.ones(3)
            self.kind = minigrad.float64
            self.calls = 0

        def forward(self, x: Any) -> Any:
            self.calls += 1
            return (self.act(x) * self.options["scale"] + self.shift).to(self.kind) * scale

    def rescale() -> None:
        nonlocal scale
        scale = 6.0

    net = Net()
    return lambda x: net(x), [
        lambda: setattr(net, "act", minigrad.relu),
        lambda: net.options.update(scale=2.0),
        lambda: setattr(net, "shift", minigrad.zeros(3)),
        lambda: setattr(net, "kind", minigrad.float32),
        rescale,
        lambda: setattr(net, "forward", lambda x: x * 7),
    ]


def members_of_modules() -> Case:
    net = nn.Sequential(nn.ReLU(), nn.Tanh())
    rows, named = nn.ModuleList([nn.ReLU()]), nn.ModuleDict({"a": nn.Tanh()})
    scales = nn.ParameterList([nn.Parameter(minigrad.ones(3))])
    norm = nn.BatchNorm1d(1, affine=False).eval()

    def step(x: Any) -> Any:
        for each in rows:
            x = each(x)
        return norm(named["a"](net(x))[:, None]) * scales[0].detach()

    return step, [
        lambda: net.append(nn.Sigmoid()),
        lambda: rows.append(nn.Softplus()),
        lambda: named.update({"a": nn.Sigmoid()}),
        lambda: scales.__setitem__(0, nn.Parameter(minigrad.full((3,), 2.0))),
        lambda: net.__delitem__(0),
        lambda: norm.register_buffer("running_mean", minigrad.ones(1)),
    ]


def hooks_that_take_the_place_of_others() -> Case:
    net = nn.Tanh()
    handles = [net.register_forward_hook(lambda module, given, y: y * 2)]

    def change() -> None:
        handles.pop().remove()
        handles.append(net.register_forward_hook(lambda module, given, y: y * 5))

    return lambda x: net(x), [change]


def hooks_of_gradients() -> Case:
    w = minigrad.ones(3, requires_grad=True)
    handles = [w.register_hook(lambda g: g * 2)]

    def step(x: Any) -> Any:
        w.grad = None
        (w * x).sum().backward()
        return w.grad

    def change() -> None:
        handles.pop().remove()
        handles.append(w.register_hook(lambda g: g * 5))

    return step, [change]


CASES: list[Callable[[], Case]] = [
    a_function, a_type, a_zero, members_of_containers, several_tensors, attributes_of_an_object,
    an_attribute_of_a_class, an_object_that_is_called, around_a_partial_function,
    in_the_forward_of_a_module, members_of_modules, hooks_that_take_the_place_of_others,
    hooks_of_gradients,
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.__name__ for case in CASES])
def test_a_change_is_seen(case: Callable[[], Case]) -> None:
    step, changes = case()
    twin = compiled(step, native=False)
    for change in [lambda: None, *changes]:
        change()
        for _ in range(2):
            want, found = step(X), twin(X)
            assert found.dtype == want.dtype
            assert repr(found.tolist()) == repr(want.tolist())
    assert len(twin.programs) <= 1 + len(changes)  # and nothing is recorded without need


def test_what_a_step_does_not_read_may_change() -> None:
    history: list[float] = []

    class Trainer:
        def __init__(self) -> None:
            self.epoch, self.history, self.model = 0, history, nn.Linear(3, 1)

        def step(self, x: Any) -> Any:
            self.last = self.model(x).sum().detach()
            return self.last

    trainer = Trainer()
    twin = compiled(trainer.step, native=False)
    for i in range(12):
        trainer.epoch = i
        history.append(twin(X).item())
    assert len(twin.programs) == 1 and len(set(history)) == 1


def _training(name: str, **options: Any) -> Iterator[Any]:
    minigrad.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1)).double()
    update = getattr(optim, name)(model.parameters(), lr=0.05, **options)

    def step(x: Any) -> Any:
        update.zero_grad()
        loss = model(x).square().mean()
        loss.backward()
        update.step()
        return loss

    yield model
    yield step


@pytest.mark.parametrize("name", ["SGD", "Adam", "NAdam", "RAdam", "Adagrad", "ASGD"])
def test_a_layer_is_frozen_and_thawed(name: str) -> None:
    (model, step), (other, plain) = _training(name), _training(name)
    twin = compiled(step, native=False)
    for i in range(9):
        for each in (model, other):
            if i in (3, 6):
                each[0].requires_grad_(i == 6)
            if i == 8:
                each[2].bias.requires_grad_(False)
        x = minigrad.randn(4, 3, dtype=minigrad.float64)
        assert minigrad.allclose(twin(x), plain(x), rtol=1e-12)
        for p, q in zip(model.parameters(), other.parameters(), strict=True):
            assert minigrad.allclose(p, q, rtol=1e-12)
            assert (p.grad is None) == (q.grad is None)


def test_a_rate_that_is_a_tensor() -> None:
    found: list[float] = []
    for wrapped in (lambda step: step, lambda step: compiled(step, native=False)):
        w, rate = minigrad.ones(3, requires_grad=True), minigrad.tensor(0.5)
        update = optim.Adam([w], lr=rate)
        schedule = optim.lr_scheduler.ExponentialLR(update, 0.5)

        def step(x: Any, w: Any = w, rate: Any = rate, update: Any = update) -> Any:
            update.zero_grad()
            (w * x).square().sum().backward()
            rate.mul_(0.9)  # by the step itself
            update.step()
            return w.sum()

        twin = wrapped(step)
        for _ in range(4):
            found += [twin(X).item(), rate.item()]
            schedule.step()
        assert update.param_groups[0]["lr"] is rate
    assert found[:8] == pytest.approx(found[8:], rel=1e-6)
    assert rate.item() == pytest.approx(0.5 * 0.45**4)


@pytest.mark.parametrize("dtype", [minigrad.float64, minigrad.float16])
def test_a_table_whose_gradient_counts_the_uses(dtype: Any) -> None:
    weight = minigrad.ones(4, 2, dtype=dtype, requires_grad=True)

    def step(places: Any) -> Any:
        weight.grad = None
        rows = nn.functional.embedding(places, weight, scale_grad_by_freq=True)
        (rows * places.unsqueeze(-1)).sum().backward()
        return weight.grad

    twin = compiled(step, native=False)
    for places in ([1, 1, 3], [2, 2, 2], [0, 3, 3]):
        found = twin(minigrad.tensor(places))
        want = [[float(row if row in places else 0)] * 2 for row in range(4)]
        assert found.tolist() == want and found.dtype is dtype
