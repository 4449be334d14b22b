"""Autograd (HIPS): NumPy's functions traced and differentiated, op by op."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, ClassVar

import autograd.numpy as np
from autograd import grad, value_and_grad

from benchmarks.case import Supervised
from benchmarks.engines.descent import OPTIMIZERS
from benchmarks.engines.peer import Peer
from benchmarks.networks import Dense, weights

if TYPE_CHECKING:
    from benchmarks.case import Step


def _cross_entropy(z: Any, y: Any) -> Any:
    z = z - np.max(z, axis=1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(z), axis=1))
    return np.mean(log_sum - z[np.arange(len(y)), y])


class Autograd(Peer):
    """Autograd with losses written out."""

    library = "autograd"
    functions: ClassVar[dict[str, Callable[..., Any]]] = {
        "ReLU": lambda z: np.maximum(z, 0),
        "Sigmoid": lambda z: 0.5 * (np.tanh(0.5 * z) + 1),
        "MSELoss": lambda p, y: np.mean((p - y) ** 2),
        "BCELoss": lambda p, y: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)),
        "CrossEntropyLoss": _cross_entropy,
    }

    def dense(self, work: Supervised, network: Dense) -> Step:
        update = OPTIMIZERS[work.optimizer](**work.settings)
        x, y = work.data()

        def objective(ws: Any) -> Any:
            return self.functions[work.loss](self.predict(network, ws, x), y)

        differentiate = value_and_grad(objective)
        ws = list(weights(network.shapes()))
        state = update.start(ws)

        def step() -> Any:
            nonlocal ws, state
            loss, gradients = differentiate(ws)
            ws, state = update(ws, gradients, state)
            return loss

        return step

    def chain(self) -> Step:
        def product(x: Any) -> Any:
            for _ in range(100):
                x = x * 1.01
            return x

        derivative = grad(product)
        return lambda: derivative(1.0)

    def version(self) -> str:
        return version("autograd")
