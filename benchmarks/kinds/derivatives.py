"""Where derivatives are themselves part of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.case import Case, Step
from benchmarks.networks import Dense

if TYPE_CHECKING:
    from benchmarks.engines.engine import Engine


def pinn(engine: Engine) -> Step:
    """Burgers' equation u_t + u u_x = 0.01 u_xx at 512 places."""
    rng = np.random.default_rng(0)
    lib = engine.lib
    t, x = (engine.tensor(rng.uniform(-1, 1, (512, 1)).astype(np.float32)) for _ in range(2))
    t, x = t.requires_grad_(), x.requires_grad_()
    u_of = engine.model(Dense((2, 32, 32, 1), "Tanh"))
    update = engine.optim.Adam(u_of.parameters(), lr=1e-3)

    def step() -> Any:
        update.zero_grad()
        u = u_of(lib.cat([t, x], 1))
        u_t, u_x = lib.autograd.grad(u.sum(), [t, x], create_graph=True)
        (u_xx,) = lib.autograd.grad(u_x.sum(), x, create_graph=True)
        loss = ((u_t + u * u_x - 0.01 * u_xx) ** 2).mean()
        for p in u_of.parameters():
            p.grad = None
        gradients = lib.autograd.grad(loss, list(u_of.parameters()), allow_unused=True)
        for p, g in zip(u_of.parameters(), gradients, strict=True):
            p.grad = g
        update.step()
        return loss

    return step


def maml(engine: Engine) -> Step:
    """A step through a step: what weights are good ones to learn from, for four sines."""
    rng = np.random.default_rng(0)
    lib, F = engine.lib, engine.nn.functional
    x = engine.tensor(rng.uniform(-5, 5, (4, 2, 10, 1)).astype(np.float32))
    phase = engine.tensor(rng.uniform(0, 3, (4, 1, 1, 1)).astype(np.float32))
    y = (x + phase).sin()
    w = list(engine.model(Dense((1, 40, 40, 1), "Tanh")).parameters())
    update = engine.optim.Adam(w, lr=1e-3)

    def predict(w: Any, x: Any) -> Any:
        x = F.linear(x, w[0], w[1]).tanh()
        return F.linear(F.linear(x, w[2], w[3]).tanh(), w[4], w[5])

    def step() -> Any:
        update.zero_grad()
        total = 0.0
        for task in range(4):
            loss = F.mse_loss(predict(w, x[task, 0]), y[task, 0])
            gradients = lib.autograd.grad(loss, w, create_graph=True)
            learned = [p - 0.01 * g for p, g in zip(w, gradients, strict=True)]
            total = total + F.mse_loss(predict(learned, x[task, 1]), y[task, 1])
        total.backward()
        update.step()
        return total

    return step


def hessian_vector(engine: Engine) -> Step:
    """H v for the loss of 32-64-64-8, by a gradient of a gradient."""
    rng = np.random.default_rng(0)
    lib, F = engine.lib, engine.nn.functional
    x = engine.tensor(rng.standard_normal((64, 32)).astype(np.float32))
    y = engine.tensor(rng.standard_normal((64, 8)).astype(np.float32))
    model = engine.model(Dense((32, 64, 64, 8), "Tanh"))
    w = list(model.parameters())
    v = [engine.tensor(rng.standard_normal(tuple(p.shape)).astype(np.float32)) for p in w]

    def step() -> Any:
        gradients = lib.autograd.grad(F.mse_loss(model(x), y), w, create_graph=True)
        slope = sum((g * each).sum() for g, each in zip(gradients, v, strict=True))
        return lib.autograd.grad(slope, w)

    return step


DERIVATIVES = [
    Case("pinn", "u_t + u u_x = 0.01 u_xx, 2-32-32-1 tanh, Adam, 512 places", pinn),
    Case("maml", "a step through a step of 1-40-40-1, four tasks of 10 + 10, Adam", maml),
    Case("hessian-vector", "H v of 32-64-64-8 tanh, MSE, batch 64", hessian_vector),
]
