"""PyTorch's hints to optimizers, hooks around steps and states, and L-BFGS that climbs."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import minigrad

torch = pytest.importorskip("torch")

NAMES = [name for name in minigrad.optim.__all__ if name not in ("Optimizer", "lr_scheduler")]


@pytest.mark.parametrize("name", NAMES)
def test_the_arguments_and_the_repr_are_pytorchs(name: str) -> None:
    def told(s: Any) -> Any:
        kind = getattr(s.optim, name)
        given = [(p.name, p.kind, p.default) for p in inspect.signature(kind).parameters.values()]
        optimizer = kind([s.nn.Parameter(s.ones(2))])
        return given, repr(optimizer), sorted(optimizer.state_dict()["param_groups"][0])

    assert told(minigrad) == told(torch)


def test_hints_change_nothing_and_exclude_each_other() -> None:
    def made(s: Any, **hints: Any) -> Any:
        p = s.nn.Parameter(s.tensor([1.0, -2.0], dtype=s.float64))
        p.grad = s.ones(2, dtype=s.float64)
        s.optim.Adam([p], **hints).step()
        return p.tolist()

    assert made(minigrad, foreach=True) == made(minigrad, fused=True) == made(minigrad)
    for s in (minigrad, torch):
        with pytest.raises(RuntimeError, match="cannot be `True` together"):
            made(s, fused=True, foreach=True)
    with pytest.raises(NotImplementedError, match="differentiable=False"):
        made(minigrad, differentiable=True)


def hooked(s: Any) -> list[Any]:
    p, seen = s.nn.Parameter(s.ones(2)), []
    optimizer = s.optim.SGD([p], lr=0.5)
    p.grad = s.ones(2)
    handle = optimizer.register_step_pre_hook(lambda o, args, kw: seen.append(("pre", len(args))))
    optimizer.register_step_post_hook(lambda o, args, kw: seen.append(("post", o is args[0])))
    optimizer.register_state_dict_pre_hook(lambda o: seen.append("state"))
    optimizer.register_state_dict_post_hook(lambda o, state: {**state, "more": 1})
    optimizer.register_load_state_dict_pre_hook(lambda o, state: seen.append(sorted(state)))
    optimizer.register_load_state_dict_post_hook(lambda o: seen.append("loaded"))
    optimizer.step()
    handle.remove()
    optimizer.step(lambda: 3.0)
    optimizer.load_state_dict(optimizer.state_dict())
    return [*seen, p.tolist()]


def climbing(s: Any) -> list[float]:
    p = s.nn.Parameter(s.tensor([1.0, 2.0], dtype=s.float64))
    optimizer = s.optim.LBFGS([p], maximize=True, line_search_fn="strong_wolfe")

    def closure() -> Any:
        optimizer.zero_grad()
        height = -((p - 3) ** 4).sum()
        height.backward()
        return height

    return [round(optimizer.step(closure).item(), 9), *(round(x, 9) for x in p.tolist())]


@pytest.mark.parametrize("program", [hooked, climbing])
def test_program(program: Any) -> None:
    assert program(minigrad) == program(torch)


def frequencies(s: Any) -> Any:
    weight = s.ones(4, 2).requires_grad_()
    places = s.tensor([[0, 1, 1], [1, 3, 0]])
    y = s.nn.functional.embedding(places, weight, scale_grad_by_freq=True)
    (y * s.arange(12.0).reshape(2, 3, 2)).sum().backward()
    return weight.grad.tolist()


def lengths(s: Any) -> Any:
    x = s.tensor([[[0.0, 0.0, -3.0, 4.0]]]).requires_grad_()
    results = [s.nn.functional.lp_pool1d(x, p, 2) for p in (2, float("inf"))]
    sum(y.sum() for y in results).backward()
    return [[y.tolist() for y in results], x.grad.tolist()]


def old_reductions(s: Any) -> Any:
    x, y = s.ones(2, 2), s.zeros(2, 2)
    settings: list[dict[str, Any]] = [{"size_average": 0}, {"reduce": 0}, {"size_average": 1}]
    return [s.nn.MSELoss(**setting)(x, y).tolist() for setting in settings]


@pytest.mark.filterwarnings("ignore:size_average")
@pytest.mark.parametrize("program", [frequencies, lengths, old_reductions])
def test_sentences_of_the_documentation(program: Any) -> None:
    assert str(program(minigrad)) == str(program(torch))
