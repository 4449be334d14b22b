"""JAX: the whole step under jit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import jax
import jax.numpy as jnp

from benchmarks.case import Supervised
from benchmarks.engines.descent import OPTIMIZERS
from benchmarks.engines.peer import Peer
from benchmarks.machine import Blas, cores
from benchmarks.networks import Dense, weights

if TYPE_CHECKING:
    from benchmarks.case import Step


def _cross_entropy(z: Any, y: Any) -> Any:
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1))


class Jax(Peer):
    """JAX, forward, backward and update in one jit."""

    library = "jax"
    functions: ClassVar[dict[str, Callable[..., Any]]] = {
        "ReLU": jax.nn.relu,
        "Sigmoid": jax.nn.sigmoid,
        "MSELoss": lambda p, y: jnp.mean((p - y) ** 2),
        "BCELoss": lambda p, y: -jnp.mean(y * jnp.log(p) + (1 - y) * jnp.log(1 - p)),
        "CrossEntropyLoss": _cross_entropy,
    }

    def dense(self, work: Supervised, network: Dense) -> Step:
        update = OPTIMIZERS[work.optimizer](**work.settings)
        x, y = (jnp.asarray(array) for array in work.data())

        def objective(ws: Any, x: Any, y: Any) -> Any:
            return self.functions[work.loss](self.predict(network, ws, x), y)

        @jax.jit
        def train(ws: Any, state: Any, x: Any, y: Any) -> Any:
            loss, gradients = jax.value_and_grad(objective)(ws, x, y)
            return loss, update(ws, gradients, state)

        ws = [jnp.asarray(array) for array in weights(network.shapes())]
        state = update.start(ws)

        def step() -> Any:
            nonlocal ws, state
            self.last, (ws, state) = train(ws, state, x, y)
            return self.last

        return step

    def chain(self) -> Step:
        def product(x: Any) -> Any:
            for _ in range(100):
                x = x * 1.01
            return x

        derivative = jax.jit(jax.grad(product))
        x = jnp.ones(())

        def step() -> Any:
            self.last = derivative(x)
            return self.last

        return step

    def synchronize(self) -> None:
        jax.block_until_ready(self.last)

    def path(self, step: Step) -> str:
        return "jit"

    def version(self) -> str:
        return str(jax.__version__)

    def blas(self) -> Blas:
        return {"name": "XLA", "core": "", "threads": cores()}
