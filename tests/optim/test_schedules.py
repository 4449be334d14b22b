"""The learning rates of every schedule are PyTorch's, to the bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import minigrad
from minigrad import optim
from minigrad.optim import lr_scheduler

torch = pytest.importorskip("torch")

Make = Callable[[Any, Any], Any]  # (the module of schedules, an optimizer)
CASES: dict[str, Make] = {
    "lambda": lambda m, o: m.LambdaLR(o, lambda t: 0.95**t),
    "lambdas": lambda m, o: m.LambdaLR(o, [lambda t: 0.95**t, lambda t: 1 / (t + 1)]),
    "multiplicative": lambda m, o: m.MultiplicativeLR(o, lambda t: 0.9 + 0.01 * t),
    "step": lambda m, o: m.StepLR(o, 7, 0.3),
    "multistep": lambda m, o: m.MultiStepLR(o, [10, 3, 20, 10], 0.3),
    "exponential": lambda m, o: m.ExponentialLR(o, 0.93),
    "polynomial": lambda m, o: m.PolynomialLR(o, 20, 1.7),
    "constant": lambda m, o: m.ConstantLR(o, 0.3, 6),
    "linear": lambda m, o: m.LinearLR(o, 0.2, 0.9, 13),
    "cosine": lambda m, o: m.CosineAnnealingLR(o, 11, 0.003),
    "restarts": lambda m, o: m.CosineAnnealingWarmRestarts(o, 5, 2, 0.003),
    "restarts, equal": lambda m, o: m.CosineAnnealingWarmRestarts(o, 5),
    "triangular": lambda m, o: m.CyclicLR(o, 0.01, 0.3, 4, 6),
    "triangular2": lambda m, o: m.CyclicLR(o, 0.01, 0.3, 4, mode="triangular2"),
    "exp_range": lambda m, o: m.CyclicLR(o, [0.01, 0.02], 0.3, 4, mode="exp_range", gamma=0.97),
    "own scale": lambda m, o: m.CyclicLR(
        o, 0.01, 0.3, 4, scale_fn=lambda t: 1 / (1 + t), scale_mode="iterations"
    ),
    "one cycle": lambda m, o: m.OneCycleLR(o, 0.3, total_steps=45),
    "one cycle, three phases": lambda m, o: m.OneCycleLR(
        o, [0.3, 0.1], epochs=9, steps_per_epoch=5, anneal_strategy="linear", three_phase=True
    ),
    "sequential": lambda m, o: m.SequentialLR(
        o,
        [m.LinearLR(o, 0.1, total_iters=6), m.CosineAnnealingLR(o, 15), m.ExponentialLR(o, 0.9)],
        [6, 25],
    ),
    "sequential of steps": lambda m, o: m.SequentialLR(
        o, [m.ConstantLR(o, 0.5, 3), m.StepLR(o, 4), m.MultiStepLR(o, [2], 0.5)], [5, 20]
    ),
    "sequential, polynomial": lambda m, o: m.SequentialLR(
        o, [m.LambdaLR(o, lambda t: 0.9**t), m.PolynomialLR(o, 12), m.LinearLR(o)], [4, 30]
    ),
    "chained": lambda m, o: m.ChainedScheduler([m.ConstantLR(o, 0.1, 4), m.ExponentialLR(o, 0.9)]),
}
every_case = pytest.mark.parametrize("make", CASES.values(), ids=CASES)


def ours(kind: str = "SGD") -> Any:
    ps = [minigrad.ones(2).requires_grad_() for _ in range(2)]
    groups = [{"params": [ps[0]]}, {"params": [ps[1]], "lr": 0.02}]
    return getattr(optim, kind)(groups, lr=0.1, **({"momentum": 0.9} if kind == "SGD" else {}))


def theirs(kind: str = "SGD") -> Any:
    ps = [torch.ones(2, requires_grad=True) for _ in range(2)]
    groups = [{"params": [ps[0]]}, {"params": [ps[1]], "lr": 0.02}]
    return getattr(torch.optim, kind)(
        groups, lr=0.1, **({"momentum": 0.9} if kind == "SGD" else {})
    )


def seen(optimizer: Any, schedule: Any) -> Any:
    """What a schedule may set, in every group."""
    keys = ("lr", "momentum", "betas")
    groups = [{k: group[k] for k in keys if k in group} for group in optimizer.param_groups]
    return groups, list(schedule.get_last_lr())


@every_case
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_forty_epochs(make: Make, kind: str) -> None:
    mine, other = ours(kind), theirs(kind)
    s, t = make(lr_scheduler, mine), make(torch.optim.lr_scheduler, other)
    assert seen(mine, s) == seen(other, t)
    for _ in range(40):
        mine.step()
        other.step()
        s.step()
        t.step()
        assert seen(mine, s) == seen(other, t)


@every_case
def test_resumed_from_its_state(make: Make) -> None:
    straight = ours()
    s = make(lr_scheduler, straight)
    for _ in range(9):
        s.step()
    optimizer_state, state = straight.state_dict(), s.state_dict()
    again = ours()
    r = make(lr_scheduler, again)
    again.load_state_dict(optimizer_state)
    r.load_state_dict(state)
    for _ in range(20):
        assert seen(again, r) == seen(straight, s)
        s.step()
        r.step()


def test_plateau() -> None:
    values = [3.0, 2.0, 2.0, 2.0, 2.0, 1.9999, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.0, 2, 2, 2, 2, 2]
    for options in (
        {"patience": 1},
        {"patience": 1, "mode": "max", "cooldown": 2, "factor": 0.5},
        {"patience": 0, "threshold": 0.6, "threshold_mode": "abs", "min_lr": [0.05, 0.001]},
        {"patience": 1, "mode": "max", "threshold": 0.1, "threshold_mode": "abs", "eps": 0.01},
    ):
        mine, other = ours(), theirs()
        s = lr_scheduler.ReduceLROnPlateau(mine, **options)
        t = torch.optim.lr_scheduler.ReduceLROnPlateau(other, **options)
        for i, value in enumerate(values):
            s.step(minigrad.tensor(value))
            t.step(value)
            assert seen(mine, s) == seen(other, t), (options, i)


def test_restarts_take_fractions_of_an_epoch() -> None:
    mine, other = ours(), theirs()
    for mult in (1, 2):
        s = lr_scheduler.CosineAnnealingWarmRestarts(mine, 3, mult)
        t = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(other, 3, mult)
        for epoch in (0.5, 1.25, 4.75, 9.5, 2):
            s.step(epoch)
            t.step(epoch)
            assert seen(mine, s) == seen(other, t)


def test_going_on_with_last_epoch() -> None:
    mine, other = ours(), theirs()
    for optimizer in (mine, other):
        for group in optimizer.param_groups:
            group["initial_lr"] = 0.5
    s = lr_scheduler.ExponentialLR(mine, 0.9, last_epoch=4)
    t = torch.optim.lr_scheduler.ExponentialLR(other, 0.9, last_epoch=4)
    other.step()
    for _ in range(3):
        s.step()
        t.step()
        assert seen(mine, s) == seen(other, t)
    with pytest.raises(KeyError, match="initial_lr"):
        lr_scheduler.ExponentialLR(ours(), 0.9, last_epoch=4)


@pytest.mark.parametrize(
    "make, error",
    [
        (lambda m, o: m.StepLR("no optimizer", 3), TypeError),
        (lambda m, o: m.ReduceLROnPlateau("no optimizer"), TypeError),
        (lambda m, o: m.LambdaLR(o, [lambda t: 1.0]), ValueError),
        (lambda m, o: m.ConstantLR(o, 1.5), ValueError),
        (lambda m, o: m.LinearLR(o, 0.0), ValueError),
        (lambda m, o: m.LinearLR(o, 0.5, 1.5), ValueError),
        (lambda m, o: m.CosineAnnealingWarmRestarts(o, 0), ValueError),
        (lambda m, o: m.CosineAnnealingWarmRestarts(o, 2, 0), ValueError),
        (lambda m, o: m.CosineAnnealingWarmRestarts(o, 2).step(-1), ValueError),
        (lambda m, o: m.CyclicLR(o, 0.1, 0.2, mode="square"), ValueError),
        (lambda m, o: m.OneCycleLR(o, 0.1), ValueError),
        (lambda m, o: m.OneCycleLR(o, 0.1, total_steps=0), ValueError),
        (lambda m, o: m.OneCycleLR(o, 0.1, epochs=3, steps_per_epoch=-1), ValueError),
        (lambda m, o: m.OneCycleLR(o, 0.1, total_steps=9, pct_start=1.5), ValueError),
        (lambda m, o: m.OneCycleLR(o, 0.1, total_steps=9, anneal_strategy="log"), ValueError),
        (lambda m, o: m.ReduceLROnPlateau(o, factor=1.0), ValueError),
        (lambda m, o: m.ReduceLROnPlateau(o, "mean"), ValueError),
        (lambda m, o: m.ReduceLROnPlateau(o, threshold_mode="sum"), ValueError),
        (lambda m, o: m.ReduceLROnPlateau(o, min_lr=[0.1]), ValueError),
        (lambda m, o: m.SequentialLR(o, [m.StepLR(o, 3)], [3]), ValueError),
        (lambda m, o: m.SequentialLR(o, [m.ReduceLROnPlateau(o)], []), ValueError),
        (lambda m, o: m.ChainedScheduler([]), ValueError),
    ],
)
def test_errors_are_of_pytorchs_kind(make: Make, error: type[Exception]) -> None:
    with pytest.raises(error):
        make(lr_scheduler, ours())
    with pytest.raises(error):
        make(torch.optim.lr_scheduler, theirs())


def test_errors_of_our_own() -> None:
    with pytest.raises(ValueError, match="same optimizer"):
        lr_scheduler.ChainedScheduler([lr_scheduler.StepLR(ours(), 2)], ours())
    with pytest.raises(ValueError, match="momentum"):
        lr_scheduler.CyclicLR(optim.Adagrad([minigrad.ones(1)]), 0.1, 0.2)
    with pytest.raises(ValueError, match="unknown entries"):
        lr_scheduler.StepLR(ours(), 2).load_state_dict({"colour": 3})
    one_cycle = lr_scheduler.OneCycleLR(ours(), 0.1, total_steps=3)
    with pytest.raises(ValueError, match="Tried to step 4 times"):
        for _ in range(9):
            one_cycle.step()
