"""The engine on a page gives the gradients of the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import opdb
import pytest

import minigrad
from minigrad.lessons import LESSONS, run
from minigrad.tensor import Tensor

PAGE = run(LESSONS["E"], None)
ROWS = {row.name: row for row in opdb.rows()}
OPS: dict[str, Callable[..., Any]] = {
    "matmul": lambda x, y: x @ y,
    "sub": lambda x, y: x - y,
    "t": PAGE["transpose"],
    "sum": lambda x: PAGE["summed"](x, shape=()),
    "broadcast_to": lambda x, shape: PAGE["spread"](x, shape=shape),
    **{name: PAGE[name] for name in ("add", "mul", "div", "exp", "log", "sin", "cos", "tanh")},
}
"""What the page computes of a row; `sub` is a sentence of two ops."""


def samples(name: str) -> list[tuple[Any, ...]]:
    """The operands of a row that the page has a word for: matrices to multiply, and no params."""
    found = [s.args for s in ROWS[name].samples(opdb.Draw()) if not s.params]
    if name == "matmul":
        found = [args for args in found if all(x.ndim == 2 for x in args)]
    return [args for args in found if name != "sum" or len(args) == 1]


def weights(array: np.ndarray) -> np.ndarray:
    return np.sin(1.0 + np.arange(array.size)).reshape(array.shape)


@pytest.mark.parametrize("name", OPS)
def test_gradients_are_those_of_the_real_engine(name: str) -> None:
    small, tried = PAGE["Tensor"], 0
    for args in samples(name):
        places = [i for i, x in enumerate(args) if isinstance(x, np.ndarray)]

        def call(f: Callable[..., Any], *xs: Any, args: Any = args, places: Any = places) -> Any:
            given = list(args)
            for i, x in zip(places, xs, strict=True):
                given[i] = x
            return f(*given)

        numbers = [args[i] for i in places]
        page = [small(x, requires_grad=True) for x in numbers]
        real = [minigrad.tensor(x, requires_grad=True) for x in numbers]
        y, z = call(OPS[name], *page), call(ROWS[name].call, *real)
        np.testing.assert_allclose(y.array, z.detach().numpy(), rtol=1e-12, atol=1e-14)
        found = PAGE["grad"](y * small(weights(y.array)), page)
        seed = minigrad.tensor(weights(z.detach().numpy()))
        true = minigrad.autograd.grad(z, real, seed, create_graph=True)
        for g, h in zip(found, true, strict=True):
            np.testing.assert_allclose(g.array, h.detach().numpy(), rtol=1e-12, atol=1e-14)
        # Once more, over the marks of the first walk. A gradient of what is linear has none.
        again = PAGE["grad"](found[0] * small(weights(found[0].array)), page)
        seed = minigrad.tensor(weights(found[0].array))
        if true[0].requires_grad:
            twice = minigrad.autograd.grad(true[0], real, seed, materialize_grads=True)
        else:
            twice = tuple(minigrad.zeros_like(x) for x in real)
        for g, h in zip(again, twice, strict=True):
            np.testing.assert_allclose(g.array, h.numpy(), rtol=1e-12, atol=1e-14)
        tried += 1
    assert tried > 1 or name in ("t", "sum")


def test_it_learns_and_differentiates_twice() -> None:
    assert PAGE["losses"][0] > 1 and PAGE["losses"][-1] < 1e-6
    x = np.array([0.0, 1.0, 2.0])
    np.testing.assert_allclose(PAGE["twice"], (x + 2) * np.exp(x), rtol=1e-14)


def test_it_is_a_page_and_asks_nothing_of_the_engine_around_it() -> None:
    text = LESSONS["E"].path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150 and "import minigrad" not in text
    assert "from minigrad" not in text


def test_a_place_that_is_used_twice_adds_up() -> None:
    """Also where broadcasting spreads it, and over a leaf that meets itself."""
    tensor, grad, exp = PAGE["Tensor"], PAGE["grad"], PAGE["exp"]
    small = tensor([[1.0], [2.0]], requires_grad=True)
    real = Tensor([[1.0], [2.0]]).double().requires_grad_()
    across = np.arange(3.0)
    found = grad(exp(small * small) * small * tensor(across), [small])[0].array
    ((real * real).exp() * real * minigrad.tensor(across)).sum().backward()
    np.testing.assert_allclose(found, real.grad.numpy(), rtol=1e-12)
