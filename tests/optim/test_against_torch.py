"""Fifty steps of every optimizer with every option, beside PyTorch's, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import optim
from minigrad.device import Device
from minigrad.nn import Parameter

torch = pytest.importorskip("torch")

SHAPES = [(3, 4), (4,), (), (2, 1, 3)]
CASES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.01, "weight_decay": 0.2, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3}),
    ("Adam", {"lr": 0.05, "weight_decay": 0.1, "amsgrad": True}),
    ("Adam", {"lr": 0.05, "maximize": True}),
    ("Adam", {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.3, "amsgrad": True, "maximize": True}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.05, "betas": (0.7, 0.9), "weight_decay": 0.1, "maximize": True}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.05, "weight_decay": 0.1, "momentum_decay": 0.1, "maximize": True}),
    ("NAdam", {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {"lr": 0.05}),
    ("RAdam", {"lr": 0.05, "betas": (0.8, 0.9), "weight_decay": 0.1, "maximize": True}),
    ("RAdam", {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RMSprop", {}),
    ("RMSprop", {"alpha": 0.9, "momentum": 0.8, "weight_decay": 0.1}),
    ("RMSprop", {"alpha": 0.9, "centered": True, "maximize": True}),
    ("RMSprop", {"alpha": 0.9, "centered": True, "momentum": 0.5}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.7, "eps": 1e-3, "weight_decay": 0.1, "maximize": True}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.05, "etas": (0.4, 1.3), "step_sizes": (1e-3, 0.1), "maximize": True}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 10, "weight_decay": 0.1}),
    ("ASGD", {"maximize": True}),
]
every_case = pytest.mark.parametrize("name, options", CASES, ids=lambda x: str(x))


def both(dtype: Any = np.float64, device: Any = "cpu") -> tuple[list[Any], list[Any]]:
    rng = np.random.default_rng(3)
    arrays = [np.asarray(rng.standard_normal(shape), dtype) for shape in SHAPES]
    mine = [Parameter(minigrad.tensor(a, device=device)) for a in arrays]
    theirs = [torch.nn.Parameter(torch.tensor(a)) for a in arrays]
    return mine, theirs


def give_gradients(rng: np.random.Generator, mine: list[Any], theirs: list[Any]) -> None:
    """Noise around a pull to 0, the same for both; the last parameter has none in some steps."""
    skip = rng.random() < 0.2
    for i, (p, t) in enumerate(zip(mine, theirs, strict=True)):
        g = np.asarray(rng.standard_normal(tuple(p.shape)), p.array.dtype)
        pull = p.detach() + minigrad.tensor(g, device=p.device)
        p.grad = None if skip and i == 3 else pull
        t.grad = None if skip and i == 3 else t.detach() + torch.tensor(g)


def compare(mine: Any, theirs: Any, tolerance: float = 1e-10) -> None:
    np.testing.assert_allclose(
        mine.detach().cpu().numpy(), theirs.detach().numpy(), rtol=tolerance, atol=tolerance
    )


@every_case
def test_fifty_steps_and_the_state(name: str, options: dict[str, Any], device: Device) -> None:
    mine, theirs = both(device=device)
    ours = getattr(optim, name)(mine, **options)
    other = getattr(torch.optim, name)(theirs, **options, foreach=False)
    rng = np.random.default_rng(0)
    for _ in range(50):
        give_gradients(rng, mine, theirs)
        ours.step()
        other.step()
        for p, t in zip(mine, theirs, strict=True):
            compare(p, t)
    state, expected = ours.state_dict()["state"], other.state_dict()["state"]
    assert {i: set(s) for i, s in state.items()} == {i: set(s) for i, s in expected.items()}
    for i, entries in expected.items():
        for key, value in entries.items():
            assert str(state[i][key].dtype) == str(value.dtype).removeprefix("torch."), key
            compare(state[i][key], value)


@every_case
def test_state_travels_to_torch_and_back(name: str, options: dict[str, Any]) -> None:
    """Twenty steps of ours, twenty of PyTorch's, and twenty of ours again are sixty of either."""
    mine, theirs = both()
    make, make_other = getattr(optim, name), getattr(torch.optim, name)
    ours, other = make(mine, **options), make_other(theirs, **options, foreach=False)
    rng = np.random.default_rng(1)
    for _ in range(20):
        give_gradients(rng, mine, theirs)
        ours.step()
        other.step()

    def moved(x: Any, make: Any) -> Any:
        if isinstance(x, dict):
            return {k: moved(v, make) for k, v in x.items()}
        return make(x.detach().numpy().copy()) if hasattr(x, "detach") else x

    other2 = make_other(theirs, **options, foreach=False)
    state = ours.state_dict()
    other2.load_state_dict(
        {"state": moved(state["state"], torch.from_numpy), "param_groups": state["param_groups"]}
    )
    for _ in range(20):
        give_gradients(rng, mine, theirs)
        ours.step()
        other2.step()
    ours2 = make(mine, lr=123.0)
    state = other2.state_dict()
    ours2.load_state_dict(
        {"state": moved(state["state"], minigrad.tensor), "param_groups": state["param_groups"]}
    )
    for _ in range(20):
        give_gradients(rng, mine, theirs)
        ours2.step()
        other2.step()
    # PyTorch loads ASGD's eta in the parameter's type, and computes on in float64.
    for p, t in zip(mine, theirs, strict=True):
        compare(p, t, 1e-6 if name == "ASGD" else 1e-10)


@every_case
def test_float32_stays_close(name: str, options: dict[str, Any]) -> None:
    mine, theirs = both(np.float32)
    ours = getattr(optim, name)(mine, **options)
    other = getattr(torch.optim, name)(theirs, **options, foreach=False)
    rng = np.random.default_rng(0)
    for _ in range(10):
        give_gradients(rng, mine, theirs)
        ours.step()
        other.step()
    for p, t in zip(mine, theirs, strict=True):
        assert p.dtype == minigrad.float32
        compare(p, t, 2e-4)


def test_groups_have_their_own_options() -> None:
    mine, theirs = both()

    def groups(ps: list[Any]) -> list[dict[str, Any]]:
        return [{"params": ps[:2], "lr": 0.5, "momentum": 0.9}, {"params": ps[2:]}]

    ours, other = optim.SGD(groups(mine), lr=0.01), torch.optim.SGD(groups(theirs), lr=0.01)
    rng = np.random.default_rng(0)
    for _ in range(5):
        give_gradients(rng, mine, theirs)
        ours.step()
        other.step()
    for p, t in zip(mine, theirs, strict=True):
        compare(p, t)


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
@pytest.mark.parametrize("history", [2, 100])
def test_lbfgs_on_rosenbrock_and_a_least_squares_fit(search: str | None, history: int) -> None:
    rng = np.random.default_rng(5)
    a, b = rng.standard_normal((20, 6)), rng.standard_normal(20)

    def run(lib: Any, make: Any, opt: Any, to: Any) -> list[Any]:
        x = make(np.full(6, 0.3))
        y = make(np.asarray(-0.7))
        options = {"lr": 1 if search else 0.01, "max_iter": 6, "history_size": history}
        o = opt([x, y], line_search_fn=search, **options)

        def closure() -> Any:
            o.zero_grad()
            r = to(a) @ x - to(b)
            loss = (r * r).sum() + ((1 - y) ** 2 + 100 * (x[0] - y * y) ** 2)
            loss.backward()
            return loss

        losses = [float(o.step(closure).detach()) for _ in range(8)]
        state = o.state_dict()["state"][0]
        counts = (state["func_evals"], state["n_iter"])
        return [losses, x.detach().numpy(), y.detach().numpy(), counts]

    mine = run(minigrad, lambda v: Parameter(minigrad.tensor(v)), optim.LBFGS, minigrad.tensor)
    theirs = run(
        torch, lambda v: torch.nn.Parameter(torch.tensor(v)), torch.optim.LBFGS, torch.tensor
    )
    assert mine[3] == theirs[3]
    for have, want in zip(mine[:3], theirs[:3], strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-7, atol=1e-9)
