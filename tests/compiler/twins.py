"""A step and its compiled twin, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import compile as compiled
from minigrad import nn, optim
from minigrad.compiler.step import CompiledStep
from minigrad.native.library import plainly
from minigrad.nn import functional as F

Side = tuple[Callable[..., Any], list[Any]]
"""A step, and what it changes: modules, optimizers, tensors."""

UNFUSED = {"native": False, "disable": ["layout", "threads"]}
"""What gives the numbers of the eager step without kernels in C, bit for bit."""


def numbers(thing: Any) -> dict[str, np.ndarray]:
    """All numbers of modules (with their gradients), optimizers and tensors by name."""
    if isinstance(thing, minigrad.nn.Module):
        found = {name: t.numpy(force=True).copy() for name, t in thing.state_dict().items()}
        for name, p in thing.named_parameters():
            if p.grad is not None:
                found[f"{name}.grad"] = p.grad.numpy(force=True).copy()
        return found
    if isinstance(thing, minigrad.optim.Optimizer):
        state = thing.state_dict()["state"]
        return {
            f"{i}.{name}": np.array(t.numpy(force=True))
            for i, each in state.items()
            for name, t in each.items()
            if isinstance(t, minigrad.Tensor)
        }
    return {"": np.array(thing.numpy(force=True))}


def same(a: Any, b: Any, exact: bool, what: str, tolerance: float = 1e-6) -> None:
    """Equal to the bit, or to ``tolerance`` times the largest number."""
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape and a.dtype == b.dtype, what
    if exact or a.dtype.kind != "f":
        np.testing.assert_array_equal(a, b, err_msg=what)
    else:
        scale = np.max(np.abs(b[np.isfinite(b)]), initial=1e-30)
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * scale, err_msg=what)


def agree(
    make: Callable[[], Side],
    calls: Sequence[tuple[Any, ...]],
    *,
    between: Callable[[int, list[Any]], None] = lambda i, things: None,
    programs: int = 1,
    tolerance: float = 1e-6,
    **options: Any,
) -> CompiledStep[Any, Any]:
    """Run a step and its compiled twin on the same arguments; everything that they return and
    change is the same after each call. ``between`` is done after each call on either side."""
    exact = options == UNFUSED
    with plainly() if exact else nullcontext():
        return _agree(make, calls, between, programs, tolerance, exact, options)


def _agree(
    make: Callable[[], Side],
    calls: Sequence[tuple[Any, ...]],
    between: Callable[[int, list[Any]], None],
    programs: int,
    tolerance: float,
    exact: bool,
    options: dict[str, Any],
) -> CompiledStep[Any, Any]:
    minigrad.manual_seed(3)
    plain, mine = make()
    minigrad.manual_seed(3)
    step, yours = make()
    twin = compiled(step, **options)
    state = minigrad.get_rng_state()
    other = minigrad.get_rng_state()
    for i, arguments in enumerate(calls):
        minigrad.set_rng_state(state)
        expected = plain(*arguments)
        between(i, mine)
        state = minigrad.get_rng_state()
        minigrad.set_rng_state(other)
        found = twin(*arguments)
        between(i, yours)
        other = minigrad.get_rng_state()
        for a, b in zip(_leaves(found), _leaves(expected), strict=True):
            same(a, b, exact, f"call {i}: what is returned", tolerance)
        for a, b in zip(yours, mine, strict=True):
            one, two = numbers(a), numbers(b)
            assert one.keys() == two.keys(), f"call {i}"
            for name in one:
                same(one[name], two[name], exact, f"call {i}: {name}", tolerance)
    assert len(twin.programs) == programs, f"{len(twin.programs)} programs"
    return twin


def _leaves(tree: Any) -> list[np.ndarray]:
    if isinstance(tree, (list, tuple)):
        return [leaf for each in tree for leaf in _leaves(each)]
    if isinstance(tree, dict):
        return [leaf for each in tree.values() for leaf in _leaves(each)]
    return [np.array(tree.numpy(force=True) if isinstance(tree, minigrad.Tensor) else tree)]


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
