"""Networks for tables: regressions, factors of a matrix, a few layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.case import Case, Step, Supervised, floats, labels, truths
from benchmarks.networks import Dense

if TYPE_CHECKING:
    from benchmarks.engines.engine import Engine


def normed(nn: Any) -> Any:
    """Layers with BatchNorm and dropout."""
    layers: list[Any] = []
    for inputs, outputs in ((64, 256), (256, 256)):
        layers += [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU(), nn.Dropout(0.2)]
    return nn.Sequential(*layers, nn.Linear(256, 10))


def _factors(optimizer: str, **settings: float) -> Any:
    """Ratings as products of the factors of a user and an item, with biases."""

    def make(engine: Engine) -> Step:
        rng = np.random.default_rng(0)
        users, items = (engine.tensor(rng.integers(0, n, 1024)) for n in (5000, 2000))
        ratings = engine.tensor(rng.uniform(1, 5, 1024).astype(np.float32))
        nn = engine.nn
        of_users, of_items = (
            engine.model(lambda nn, n=n: nn.Embedding(n, 32)) for n in (5000, 2000)
        )
        biases = engine.model(lambda nn: nn.Embedding(5000, 1))
        every = [of_users.weight, of_items.weight, biases.weight]
        update = getattr(engine.optim, optimizer)(every, **settings)

        def step() -> Any:
            update.zero_grad()
            found = (of_users(users) * of_items(items)).sum(1) + biases(users).squeeze(1)
            loss = nn.functional.mse_loss(found, ratings)
            loss.backward()
            update.step()
            return loss

        return step

    return make


def scalars(engine: Engine) -> Step:
    """A neuron of single numbers, as one writes it by hand, and a step down its slope."""
    rng = np.random.default_rng(0)
    numbers = [engine.tensor(np.array(x, np.float32)) for x in rng.standard_normal(16)]
    w = [x.clone().requires_grad_() for x in numbers[:8]]
    x, rate = numbers[8:], 0.01

    def step() -> Any:
        for each in w:
            each.grad = None
        total = w[0] * x[0]
        for a, b in zip(w[1:], x[1:], strict=True):
            total = total + a * b
        loss = (total.tanh() - 0.5) ** 2
        loss.backward()
        with engine.lib.no_grad():
            for each in w:
                each -= rate * each.grad
        return loss

    return step


TABLES = [
    Case(
        "mlp-norm",
        "64-256-256-10 with BatchNorm and dropout, AdamW, clipping, batch 128",
        Supervised(
            normed, floats(128, 64), labels(128), "CrossEntropyLoss", "AdamW", {"lr": 1e-3}, 1.0
        ),
        random=True,
    ),
    Case(
        "factors",
        "matrix factorisation, 5000 users, 2000 items, 32 factors, SGD, batch 1024",
        _factors("SGD", lr=0.1),
    ),
    Case("factors-adam", "the same, Adam", _factors("Adam", lr=1e-3)),
    Case(
        "logistic",
        "logistic regression, SGD, 50000 rows of 100",
        Supervised(
            Dense((100, 1)), floats(50000, 100), truths(50000, 1), "BCEWithLogitsLoss", "SGD",
            {"lr": 0.1},
        ),
    ),
    Case(
        "softmax",
        "softmax regression 784-10, SGD, batch 2000",
        Supervised(
            Dense((784, 10)), floats(2000, 784), labels(2000), "CrossEntropyLoss", "SGD",
            {"lr": 0.1},
        ),
    ),
    Case(
        "xor",
        "2-8-1 tanh, MSE, SGD, 4 rows",
        Supervised(
            Dense((2, 8, 1), "Tanh", "Sigmoid"), floats(4, 2), truths(4, 1), "MSELoss", "SGD",
            {"lr": 0.5},
        ),
    ),
    Case("scalars", "a neuron of eight single numbers, tanh, a step by hand", scalars),
]  # fmt: skip
