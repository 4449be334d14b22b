"""What all optimizers share: groups, errors, saving, and what a recorder hears."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn, optim
from minigrad.recording import Recorder, followed

ALL = [optim.SGD, optim.Adam, optim.AdamW, optim.Adamax, optim.NAdam, optim.RAdam]
ALL += [optim.RMSprop, optim.Adagrad, optim.Adadelta, optim.Rprop, optim.ASGD]
every_optimizer = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)


def parameter(*numbers: float) -> nn.Parameter:
    return nn.Parameter(minigrad.tensor(list(numbers), dtype=minigrad.float64))


def with_gradient(p: nn.Parameter, *numbers: float) -> nn.Parameter:
    p.grad = minigrad.tensor(list(numbers), dtype=minigrad.float64)
    return p


@every_optimizer
def test_goes_down_a_valley(kind: Any) -> None:
    p = parameter(3.0, -2.0)
    optimizer = kind([p], lr=1.0 if kind is optim.Adadelta else 0.05)

    def closure() -> minigrad.Tensor:
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    first = optimizer.step(closure).item()
    for _ in range(200):
        last = optimizer.step(closure)
    assert first == 13.0
    assert last.item() < 0.7 * first


@every_optimizer
def test_a_recorder_hears_the_update_and_bakes_no_rate(kind: Any) -> None:
    """Replaying what was heard, on the same tensors, is the next step: with the new rate, and with
    all counts advanced."""
    p, twin = parameter(1.0, -2.0, 0.5), parameter(1.0, -2.0, 0.5)
    optimizer, other = kind([p], lr=0.1), kind([twin], lr=0.1)
    gradient = minigrad.tensor([0.3, -0.2, 0.7], dtype=minigrad.float64)
    p.grad, twin.grad = gradient, gradient.clone()
    heard: list[Any] = []

    class Listener(Recorder):
        def op(self, *call: Any) -> None:
            heard.append(call)

    optimizer.step()
    other.step()
    with followed(Listener()):
        optimizer.step()
    other.step()
    assert heard
    with minigrad.no_grad():
        for lr in (0.02, 0.3):
            optimizer.param_groups[0]["lr"] = other.param_groups[0]["lr"] = lr
            optimizer.refresh()
            for op, operands, params, result, into in heard:
                again = op(*operands, into=into, **params)
                if again is not result and not op.view:
                    result.array[...] = again.array
            other.step()
            np.testing.assert_array_equal(p.array, twin.array)


@every_optimizer
def test_saved_and_loaded_goes_on_to_the_same_bits(kind: Any) -> None:
    rng = np.random.default_rng(0)
    gradients = [minigrad.tensor(rng.standard_normal(2)) for _ in range(8)]
    p = parameter(1.0, -1.0)
    optimizer = kind([p])
    for g in gradients[:4]:
        p.grad = g
        optimizer.step()
    q = nn.Parameter(p.detach().clone())
    other = kind([q], lr=55.0)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for g in gradients[4:]:
        p.grad, q.grad = g, g
        optimizer.step()
        other.step()
    np.testing.assert_array_equal(p.array, q.array)


def test_layout_of_the_state_dict() -> None:
    p, q, r = parameter(1.0), parameter(2.0), parameter(3.0)
    optimizer = optim.Adam([{"params": [p, q]}, {"params": r, "lr": 0.5}])
    with_gradient(q, 1.0)
    optimizer.step()
    state = optimizer.state_dict()
    assert set(state) == {"state", "param_groups"}
    assert list(state["state"]) == [1]
    assert set(state["state"][1]) == {"step", "exp_avg", "exp_avg_sq"}
    assert [group["params"] for group in state["param_groups"]] == [[0, 1], [2]]
    assert [group["lr"] for group in state["param_groups"]] == [1e-3, 0.5]
    assert state["state"][1]["step"].dtype == minigrad.float32
    assert state["state"][1]["step"].item() == 1


def test_each_parameter_has_its_own_count() -> None:
    p, q = parameter(1.0), parameter(2.0)
    optimizer = optim.Adam([p, q])
    for step in range(5):
        with_gradient(p, 1.0)
        q.grad = None
        if step != 2:
            with_gradient(q, 1.0)
        optimizer.step()
    assert optimizer.state[p]["step"].item() == 5
    assert optimizer.state[q]["step"].item() == 4


def test_loading_brings_state_to_the_parameters_type() -> None:
    p, q = with_gradient(parameter(1.0), 1.0), nn.Parameter(minigrad.ones(1))
    optimizer, other = optim.Adam([p]), optim.Adam([q])
    optimizer.step()
    other.load_state_dict(optimizer.state_dict())
    assert other.state[q]["exp_avg"].dtype == minigrad.float32
    assert other.state[q]["step"].dtype == minigrad.float32
    other.state[q]["exp_avg"].mul_(0)
    assert optimizer.state[p]["exp_avg"].item() != 0, "loading must copy"


def test_parameters_without_a_gradient_stay() -> None:
    p, q = with_gradient(parameter(1.0), 1.0), parameter(2.0)
    optimizer = optim.SGD([p, q], lr=1.0)
    optimizer.step()
    assert (p.item(), q.item()) == (0.0, 2.0)
    assert optimizer.state_dict()["state"] == {}


def test_zero_grad() -> None:
    p = with_gradient(parameter(1.0), float("nan"))
    optimizer = optim.SGD([p])
    gradient = p.grad
    optimizer.zero_grad(set_to_none=False)
    assert p.grad is not None and p.grad.item() == 0
    assert gradient is not None and gradient.item() == 0
    optimizer.zero_grad()
    assert p.grad is None


def test_a_step_leaves_leaves() -> None:
    p = with_gradient(parameter(1.0), 1.0)
    optim.SGD([p], lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1).step()
    assert p.is_leaf and p.requires_grad and p.grad is not None and p.grad.item() == 1.0


def test_modules_keep_their_optimizer_when_they_are_moved() -> None:
    layer = nn.Linear(3, 2)
    optimizer = optim.SGD(layer.parameters(), lr=0.1)
    layer.double()
    before = layer.weight.detach().clone()
    layer(minigrad.ones(1, 3, dtype=minigrad.float64)).sum().backward()
    optimizer.step()
    np.testing.assert_allclose(layer.weight.detach().numpy(), before.numpy() - 0.1)


def test_named_parameters_and_added_groups() -> None:
    layer = nn.Linear(2, 2)
    optimizer = optim.SGD(layer.named_parameters(), lr=0.1)
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]
    extra = parameter(1.0)
    optimizer.add_param_group({"params": extra, "lr": 0.5})
    assert optimizer.param_groups[1]["momentum"] == 0
    with_gradient(extra, 1.0)
    optimizer.step()
    assert extra.item() == 0.5
    assert "Parameter Group 1\n    dampening: 0\n    differentiable: False\n" in repr(optimizer)
    assert "\n    lr: 0.5\n" in repr(optimizer).split("Parameter Group 1")[1]


BAD: list[tuple[type[optim.Optimizer], dict[str, Any], str]] = [
    (optim.SGD, {"lr": -1.0}, "Invalid learning rate: -1.0"),
    (optim.SGD, {"lr": float("nan")}, "Invalid learning rate"),
    (optim.SGD, {"momentum": -0.1}, "Invalid momentum value: -0.1"),
    (optim.SGD, {"weight_decay": -0.1}, "Invalid weight_decay value: -0.1"),
    (optim.SGD, {"nesterov": True}, "Nesterov momentum requires a momentum and zero dampening"),
    (optim.Adam, {"eps": -1.0}, "Invalid epsilon value: -1.0"),
    (optim.Adam, {"betas": (1.0, 0.9)}, "Invalid beta parameter at index 0: 1.0"),
    (optim.AdamW, {"betas": (0.9, -0.1)}, "Invalid beta parameter at index 1: -0.1"),
    (optim.Adamax, {"betas": (0.9, 1.0)}, "Invalid beta parameter at index 1: 1.0"),
    (optim.NAdam, {"momentum_decay": -1.0}, "Invalid momentum_decay value: -1.0"),
    (optim.RAdam, {"lr": -1.0}, "Invalid learning rate: -1.0"),
    (optim.RMSprop, {"alpha": -1.0}, "Invalid alpha value: -1.0"),
    (optim.Adagrad, {"lr_decay": -1.0}, "Invalid lr_decay value: -1.0"),
    (optim.Adadelta, {"rho": 1.5}, "Invalid rho value: 1.5"),
    (optim.Rprop, {"etas": (1.5, 1.2)}, "Invalid eta values: 1.5, 1.2"),
    (optim.ASGD, {"lambd": -1.0}, "Invalid lambd value: -1.0"),
    (optim.LBFGS, {"lr": -1.0}, "Invalid learning rate: -1.0"),
]


@pytest.mark.parametrize("kind, options, text", BAD)
def test_numbers_out_of_range(kind: Any, options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        kind([parameter(1.0)], **options)


def test_what_cannot_be_optimized() -> None:
    p = parameter(1.0)
    with pytest.raises(TypeError, match="iterable of Tensors or dicts, but got Parameter"):
        optim.SGD(p)
    with pytest.raises(ValueError, match="empty parameter list"):
        optim.SGD([])
    with pytest.raises(TypeError, match="ordered collections"):
        optim.SGD([{"params": {p}}])
    with pytest.raises(TypeError, match="one of the params is str"):
        optim.SGD(["weight"])
    with pytest.raises(ValueError, match="non-leaf"):
        optim.SGD([p * 2])
    with pytest.raises(ValueError, match="more than once"):
        optim.SGD([p, p])
    with pytest.raises(ValueError, match="more than one parameter group"):
        optim.SGD([{"params": p}, {"params": [p]}])
    with pytest.raises(TypeError, match="must be a dict"):
        optim.SGD([p]).add_param_group([p])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="parameter groups"):
        optim.LBFGS([{"params": p}, {"params": parameter(1.0)}])
    with pytest.raises(RuntimeError, match="strong_wolfe"):
        optim.LBFGS([p], line_search_fn="golden")
    with pytest.raises(TypeError, match="closure"):
        optim.LBFGS([p]).step()


def test_a_state_dict_of_another_model() -> None:
    p, q = parameter(1.0), parameter(2.0)
    two, one = optim.SGD([{"params": p}, {"params": q}]), optim.SGD([p])
    with pytest.raises(ValueError, match="different number of parameter groups: 2, expected 1"):
        one.load_state_dict(two.state_dict())
    with pytest.raises(ValueError, match="doesn't match the size"):
        optim.SGD([p, q]).load_state_dict(one.state_dict())
    state = one.state_dict()
    state["state"] = {7: {"momentum_buffer": minigrad.ones(1)}}
    with pytest.raises(ValueError, match=r"no group has: \[7\]"):
        one.load_state_dict(state)


def test_a_variance_that_is_rounding_alone_is_not_below_zero() -> None:
    # Under the same gradient again and again the mean of squares becomes the square of the mean.
    p = minigrad.zeros(1000, requires_grad=True)
    optimizer = optim.RMSprop([p], lr=1e-12, alpha=0.5, centered=True)
    p.grad = minigrad.linspace(0.1, 3, 1000)
    for _ in range(60):
        optimizer.step()
    assert p.isfinite().all()
