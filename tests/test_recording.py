"""A recorded step is complete: done again op by op, it is the step itself, bit for bit."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import minigrad
import minigrad.nn as nn
import minigrad.nn.functional as F
from minigrad import optim
from minigrad.errors import CompileError
from minigrad.optim.lr_scheduler import ExponentialLR
from minigrad.random import default_generator
from minigrad.recording import Recorder, Relay, followed
from minigrad.tensor import Tensor, wrap

STEPS, FIRST = 7, 2
"""How many steps there are, and which is recorded: state comes into being in those before it."""


class Call(NamedTuple):
    """One op, with the arrays of its operands and of its result."""

    op: Any
    operands: tuple[Any, ...]
    params: dict[str, Any]
    result: np.ndarray
    in_place: bool

    def again(self) -> None:
        """Do it once more, into the array of the first time."""
        if self.op.view and np.may_share_memory(self.result, self.operands[0]):
            return
        given = (wrap(x) if isinstance(x, np.ndarray) else x for x in self.operands)
        if self.in_place:
            self.op(*given, into=wrap(self.result), **self.params)
        else:
            self.result[...] = self.op(*given, **self.params).array


class Tape(Recorder):
    """Writes a step down, lets nothing be read, and does the step again."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.constants: list[tuple[np.ndarray, np.ndarray]] = []
        self.known: dict[int, np.ndarray] = {}
        self.closed_over: list[np.ndarray] = []
        self.things: list[Any] = []

    def op(self, op: Any, operands: Any, params: Any, result: Tensor, into: Any) -> None:
        arrays = tuple(x.array if isinstance(x, Tensor) else x for x in operands)
        for x in (*arrays, *([] if into is None else [into.array])):
            if isinstance(x, np.ndarray) and id(x) not in self.known:
                self.closed_over.append(x)
                self.known[id(x)] = x
        self.known[id(result.array)] = result.array
        self.calls.append(Call(op, arrays, params, result.array, into is not None))

    def made(self, tensor: Tensor) -> None:
        self.known[id(tensor.array)] = tensor.array
        self.constants.append((tensor.array, tensor.array.copy()))

    def read(self, what: str) -> None:
        raise CompileError(what)

    def depends(self, thing: Any) -> None:
        self.things.append(thing)

    def again(self) -> None:
        for thing in self.things:
            if isinstance(thing, optim.Optimizer):
                thing.refresh()
        for array, numbers in self.constants:
            array[...] = numbers
        for call in self.calls:
            call.again()


class Case:
    """A step ``step(x, y)`` with what it changes. Some have a schedule, which goes on outside."""

    def __init__(self, step: Any, *things: Any, schedule: Any = None) -> None:
        self.step, self.schedule = step, schedule
        self.modules = [thing for thing in things if isinstance(thing, nn.Module)]
        self.optimizers = [thing for thing in things if isinstance(thing, optim.Optimizer)]

    def state(self) -> Iterator[Tensor]:
        """Every tensor that outlives a step, gradients too."""
        yield default_generator.position
        for module in self.modules:
            yield from module.parameters()
            yield from module.buffers()
            yield from (p.grad for p in module.parameters() if p.grad is not None)
        for optimizer in self.optimizers:
            yield from optimizer.rates.values()
            for state in optimizer.state.values():
                yield from state.values()


def trajectory(build: Callable[[], Case], recorded: bool) -> list[list[np.ndarray]]:
    """Results and state after each step; the later steps are the recorded one, done again."""
    minigrad.manual_seed(3)
    case, tape = build(), Tape()
    draw = np.random.default_rng(1)
    x, y = minigrad.zeros(8, 1, 6, 6), minigrad.zeros(8, dtype=minigrad.int64)
    seen: list[list[np.ndarray]] = []
    for i in range(STEPS):
        x.array[...] = draw.standard_normal(x.shape)
        y.array[...] = draw.integers(0, 3, y.shape)
        if not recorded or i < FIRST:
            results = case.step(x, y)
        elif i == FIRST:
            mine = {id(t.array) for t in (x, y, *case.state())}
            with followed(tape):
                results = case.step(x, y)
            foreign = [a for a in tape.closed_over if id(a) not in mine]
            assert not foreign, f"arrays from nowhere: {foreign}"
        else:
            tape.again()
        # The rates are refreshed before a step, here as well as there.
        seen.append([t.array.copy() for t in (*results, *case.state())])
        if case.schedule is not None:
            case.schedule.step()
    return seen


def dense() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 10), nn.ReLU(), nn.Linear(10, 3))


def convolutional() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout2d(0.3),
        nn.Conv2d(4, 5, 2),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.4),
        nn.Linear(5, 3),
    )


def normalised() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Flatten(),
        nn.BatchNorm1d(64, momentum=None),
        nn.Linear(64, 3),
    )


def supervised(model: nn.Module, optimizer: Any, **settings: Any) -> Case:
    update = optimizer(model.parameters(), **settings)

    def step(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        update.zero_grad()
        output = model(x)
        loss = F.cross_entropy(output, y)
        loss.backward()
        update.step()
        return loss, output

    return Case(step, model, update)


class OverTime(nn.Module):
    """Rows as the steps of a sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.LSTM(6, 5, num_layers=2, dropout=0.3, batch_first=True, bidirectional=True)
        self.last = nn.Linear(10, 3)

    def forward(self, x: Tensor) -> Tensor:
        outputs, _ = self.inner(x.squeeze(1))
        return self.last(outputs[:, -1])


class Attending(nn.Module):
    """Rows as the steps of a sequence, with attention between them."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.TransformerEncoderLayer(6, 2, 12, dropout=0.2, batch_first=True)
        self.last = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.inner(x.squeeze(1)).mean(1))


def game() -> Case:
    D = nn.Sequential(nn.Flatten(), nn.Linear(36, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
    G = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 36), nn.Tanh())
    of_d, of_g = optim.Adam(D.parameters(), 0.01), optim.RMSprop(G.parameters(), 0.01)

    def step(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        made = G(minigrad.randn(len(x), 4))
        on_real, on_made = D(x), D(made.detach())
        loss = F.binary_cross_entropy_with_logits(on_real, minigrad.ones_like(on_real))
        loss += F.binary_cross_entropy_with_logits(on_made, minigrad.zeros_like(on_made))
        of_d.zero_grad()
        loss.backward()
        of_d.step()
        judged = D(made)
        fooling = F.binary_cross_entropy_with_logits(judged, minigrad.full_like(judged, 1))
        of_g.zero_grad()
        fooling.backward(inputs=list(G.parameters()))
        of_g.step()
        return loss, fooling

    return Case(step, D, G, of_d, of_g)


def clipped() -> Case:
    model = dense()
    update = optim.SGD(model.parameters(), 0.1)

    def step(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        update.zero_grad()
        F.cross_entropy(model(x), y).backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        nn.utils.clip_grad_value_(model.parameters(), 0.1)
        update.step()
        return (norm,)

    return Case(step, model, update)


def scheduled() -> Case:
    case = supervised(dense(), optim.SGD, lr=0.2, momentum=0.9)
    case.schedule = ExponentialLR(case.optimizers[0], 0.7)
    return case


def accumulated(within: bool) -> Case:
    """Gradients of two halves, or those of one step on top of all steps before."""
    model = dense()
    update = optim.Adam(model.parameters(), 0.01)

    def step(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        if within:
            update.zero_grad(set_to_none=False)
        losses = [
            F.cross_entropy(model(part), n) for part, n in zip(x.chunk(2), y.chunk(2), strict=True)
        ]
        for loss in losses:
            (loss / 2).backward()
        update.step()
        return tuple(losses)

    return Case(step, model, update)


class Halves(minigrad.autograd.Function):
    """Two results of one function of one's own."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> tuple[Tensor, Tensor]:
        y = x.exp()
        ctx.save_for_backward(y)
        return y, x * 2

    @staticmethod
    def backward(ctx: Any, g: Tensor, h: Tensor) -> Tensor:
        (y,) = ctx.saved_tensors
        return g * y + h * 2


def watched() -> Case:
    """Hooks, a function of one's own, and gradients that are kept."""
    model = dense()
    model[1].register_full_backward_hook(lambda module, g_in, g_out: (g_in[0],))
    model[3].register_forward_hook(lambda module, args, y: y * 1.5)
    model[1].weight.register_hook(lambda g: g * 0.5)
    update = optim.SGD(model.parameters(), 0.1)

    def step(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        update.zero_grad()
        first, second = Halves.apply(model(x).tanh())
        first.retain_grad()
        loss = F.cross_entropy(first + second, y)
        loss.backward()
        update.step()
        return loss, first.grad

    return Case(step, model, update)


def penalised() -> Case:
    """A second derivative: the norm of the gradient for the input, in the loss."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 5), nn.Tanh(), nn.Linear(5, 1))
    update = optim.SGD(model.parameters(), 0.05)

    def step(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        update.zero_grad()
        x = x.clone().requires_grad_()
        (g,) = minigrad.autograd.grad(model(x).sum(), x, create_graph=True)
        penalty = ((g.flatten(1).norm(dim=1) - 1) ** 2).mean()
        penalty.backward()
        update.step()
        return (penalty,)

    return Case(step, model, update)


def written_into() -> Case:
    """Every way to write into memory that is there."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 6))
    model.register_buffer("average", minigrad.zeros(6, 36))
    update = optim.SGD(model.parameters(), 0.1)

    def step(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        update.zero_grad()
        h = model(x)
        canvas = minigrad.zeros(8, 6)
        canvas[:, 1:4] = h[:, :3]
        canvas[:, 0] += h[:, 5]
        canvas[minigrad.arange(4), [5, 4, 5, 4]] = 2.0
        canvas[canvas > 1] = 1.0
        canvas.masked_fill_(canvas < -1, -1.0).mul_(2).index_add_(0, y, h)
        canvas.add_(1)
        canvas.transpose_(0, 1)
        loss = canvas.square().mean()
        loss.backward()
        update.step()
        with minigrad.no_grad():
            model.average.lerp_(model[1].weight, 0.1)
            model[1].weight.data -= 0.01 * model[1].weight.data
            model[1].bias.fill_(0.5).uniform_(0, 0.1)
        return loss, canvas

    return Case(step, model, update)


CASES: dict[str, Callable[[], Case]] = {
    "MLP, SGD with momentum": lambda: supervised(
        dense(), optim.SGD, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01
    ),
    "CNN with dropout, Adam": lambda: supervised(convolutional(), optim.Adam, lr=0.01),
    "batch normalisation": lambda: supervised(normalised(), optim.SGD, lr=0.1, momentum=0.5),
    "LSTM over time": lambda: supervised(OverTime(), optim.AdamW, lr=0.01, amsgrad=True),
    "attention": lambda: supervised(Attending(), optim.RAdam, lr=0.01),
    "GAN": game,
    "clipped gradients": clipped,
    "a schedule": scheduled,
    "halves of a batch": lambda: accumulated(True),
    "gradients of all steps": lambda: accumulated(False),
    "hooks": watched,
    "a second derivative": penalised,
    "writes": written_into,
}


@pytest.mark.parametrize("name", CASES)
def test_a_recorded_step_done_again_is_the_step(name: str) -> None:
    have, want = (trajectory(CASES[name], recorded) for recorded in (True, False))
    for i, (mine, other) in enumerate(zip(have, want, strict=True)):
        assert len(mine) == len(other)
        for k, (a, b) in enumerate(zip(mine, other, strict=True)):
            assert np.array_equal(a, b), f"step {i}, array {k} of shape {a.shape}"
    last = want[-1][-1]
    assert np.isfinite(last).all() and not np.array_equal(want[-1][0], want[-2][0])


def test_a_relay_tells_of_everything() -> None:
    """Whatever a recorder can be told, the one that it stands before is told as well."""
    events = [name for name, x in vars(Recorder).items() if callable(x) and name[0] != "_"]
    told: list[str] = []

    def note(name: str) -> Any:
        def noted(self: Any, *args: Any) -> Any:
            told.append(name)
            return args[-1] if args else None

        return noted

    outer = type("Outer", (Recorder,), {name: note(name) for name in events})()
    relay = Relay(outer)
    for name in events:
        method = getattr(relay, name)
        count = len(inspect.signature(getattr(Recorder, name)).parameters) - 1
        method(*range(count))
    assert told == events
    relay.phase = "update"
    assert outer.phase == relay.phase == "update"
