"""jvp, vjp, hvp and vhp give what PyTorch's give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")
RNG = np.random.default_rng(0)
A, B, U, V = RNG.standard_normal((4, 3, 4))


def two(x: Any, y: Any) -> Any:
    return (x * y).sin().sum(1), x.exp() * y * y


def one(x: Any, y: Any) -> Any:
    return (x.exp() * y * y + x**3).sum()


CASES = {
    "jvp": (two, (U, V)),
    "vjp": (two, (U[:, 0], V)),
    "hvp": (one, (U, V)),
    "vhp": (one, (U, V)),
}


def flat(found: Any) -> list[np.ndarray]:
    if isinstance(found, tuple):
        return [array for part in found for array in flat(part)]
    return [found.detach().numpy()]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_it_is_pytorchs(name: str, create_graph: bool) -> None:
    func, v = CASES[name]
    found = []
    for side in (minigrad, torch):
        call = getattr(side.autograd.functional, name)
        inputs = tuple(side.from_numpy(a.copy()) for a in (A, B))
        weights = tuple(side.from_numpy(np.array(w)) for w in v)
        out = call(func, inputs, weights, create_graph=create_graph)
        found.append(flat(out))
    for have, want in zip(*found, strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-12, atol=1e-12)


def test_single_inputs_and_missing_weights() -> None:
    x = minigrad.from_numpy(A.copy())
    y, g = minigrad.autograd.functional.vjp(lambda x: (x * x).sum(), x)
    np.testing.assert_allclose(g.numpy(), 2 * A)
    assert not y.requires_grad and not g.requires_grad
    y, t = minigrad.autograd.functional.jvp(lambda x: x * 2, x, minigrad.from_numpy(U.copy()))
    np.testing.assert_allclose(t.numpy(), 2 * U)
    with pytest.raises(RuntimeError, match="v can only be None"):
        minigrad.autograd.functional.jvp(lambda x: x * 2, x)
    with pytest.raises(RuntimeError, match="v has invalid size"):
        minigrad.autograd.functional.vjp(lambda x: x * 2, x, x[0])
    with pytest.raises(RuntimeError, match="single element"):
        minigrad.autograd.functional.hvp(lambda x: x * 2, x, x)


def test_strict_wants_every_input() -> None:
    x = minigrad.from_numpy(A.copy())
    for name in ("vjp", "jvp"):
        call = getattr(minigrad.autograd.functional, name)
        with pytest.raises(RuntimeError, match="strict=True"):
            call(lambda x, y: x * 2, (x, x), (x, x) if name == "jvp" else x, strict=True)
