"""`minigrad.func` gives what `torch.func` gives, nested as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad
import minigrad.func

torch = pytest.importorskip("torch")
RNG = np.random.default_rng(0)
X, Y, U = RNG.standard_normal((3, 4))
W = RNG.standard_normal((3, 4))


def t(side: Any, a: np.ndarray) -> Any:
    return side.from_numpy(a.copy())


def cubes(x: Any) -> Any:
    return (x**3).sum()


def two(x: Any, y: Any) -> Any:
    return (x * y).sin().sum(), x.exp() * y


CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "grad": lambda s, f: f.grad(cubes)(t(s, X)),
    "grad of grad": lambda s, f: f.grad(lambda x: (f.grad(cubes)(x) ** 2).sum())(t(s, X)),
    "grad by two": lambda s, f: f.grad(lambda x, y: (x * y * y).sum(), argnums=(0, 1))(
        t(s, X), t(s, Y)
    ),
    "grad with aux": lambda s, f: f.grad(lambda x: (cubes(x), x * 2), has_aux=True)(t(s, X)),
    "grad of a dict": lambda s, f: f.grad(lambda p: (p["a"] * p["b"]).sum())(
        {"a": t(s, X), "b": t(s, Y)}
    ),
    "grad_and_value": lambda s, f: f.grad_and_value(cubes)(t(s, X)),
    "vjp": lambda s, f: f.vjp(lambda x, y: x * y, t(s, X), t(s, Y))[1](t(s, U)),
    "jvp": lambda s, f: f.jvp(two, (t(s, X), t(s, Y)), (t(s, U), t(s, X))),
    "jvp of grad": lambda s, f: f.jvp(f.grad(cubes), (t(s, X),), (t(s, U),)),
    "grad of jvp": lambda s, f: f.grad(lambda x: f.jvp(lambda z: z**3, (x,), (t(s, U),))[1].sum())(
        t(s, X)
    ),
    "jacrev": lambda s, f: f.jacrev(two, argnums=(0, 1))(t(s, X), t(s, Y)),
    "jacfwd": lambda s, f: f.jacfwd(two, argnums=(0, 1))(t(s, X), t(s, Y)),
    "hessian": lambda s, f: f.hessian(lambda x: (x**3).sum() * x[0])(t(s, X)),
    "vmap": lambda s, f: f.vmap(lambda x, y: x @ y, in_dims=(0, None))(t(s, W), t(s, X)),
    "vmap of grad": lambda s, f: f.vmap(f.grad(cubes))(t(s, W)),
    "vmap out": lambda s, f: f.vmap(lambda x: (x * 2, x.sum()), out_dims=(1, 0))(t(s, W)),
}


def flat(found: Any) -> list[np.ndarray]:
    if isinstance(found, dict):
        return flat(list(found.values()))
    if isinstance(found, (tuple, list)):
        return [array for part in found for array in flat(part)]
    return [found.detach().numpy()]


@pytest.mark.filterwarnings("ignore::FutureWarning")  # PyTorch's own, at its first jvp
@pytest.mark.parametrize("name", CALLS)
def test_it_is_pytorchs(name: str) -> None:
    have = CALLS[name](minigrad, minigrad.func)
    for a, b in zip(flat(have), flat(CALLS[name](torch, torch.func)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
    parts = have if isinstance(have, tuple) else (have,)
    assert not any(p.requires_grad for p in parts if isinstance(p, minigrad.Tensor))


def test_value_and_grad_is_the_other_way_round() -> None:
    value, gradient = minigrad.func.value_and_grad(cubes)(t(minigrad, X))
    np.testing.assert_allclose(value.item(), (X**3).sum())
    np.testing.assert_allclose(gradient.numpy(), 3 * X**2)


def test_functional_call_leaves_the_module() -> None:
    found = []
    for side in (minigrad, torch):
        layer = side.nn.Sequential(side.nn.Linear(4, 2)).double()
        before = layer[0].weight.detach().numpy().copy()
        weights = {"0.weight": t(side, W[:2]), "0.bias": t(side, X[:2])}

        def loss(p: Any, x: Any, layer: Any = layer, side: Any = side) -> Any:
            return (side.func.functional_call(layer, p, (x,)) ** 2).sum()

        found.append(flat(side.func.grad(loss)(weights, t(side, W))))
        np.testing.assert_array_equal(layer[0].weight.detach().numpy(), before)
        with pytest.raises(RuntimeError):
            side.func.functional_call(
                layer, {"1.weight": weights["0.bias"]}, (t(side, W),), strict=True
            )
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_what_is_refused() -> None:
    x = t(minigrad, X)
    with pytest.raises(RuntimeError, match="scalar tensor"):
        minigrad.func.grad(lambda x: x * 2)(x)
    with pytest.raises(RuntimeError, match="argnum=1"):
        minigrad.func.grad(cubes, argnums=1)(x)
    with pytest.raises(RuntimeError, match="to be tuples"):
        minigrad.func.jvp(cubes, x, x)
    with pytest.raises(ValueError, match="one size"):
        minigrad.func.vmap(lambda a, b: a)(x, t(minigrad, W))
