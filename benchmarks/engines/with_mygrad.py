"""MyGrad: NumPy with gradients, op by op."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import mygrad as mg
from mygrad.nnet.activations import relu, sigmoid
from mygrad.nnet.losses import softmax_crossentropy

from benchmarks.case import Supervised
from benchmarks.engines.descent import OPTIMIZERS
from benchmarks.engines.peer import Peer
from benchmarks.networks import Dense, weights

if TYPE_CHECKING:
    from benchmarks.case import Step

mg.turn_memory_guarding_off()  # as its documentation advises for speed


class MyGrad(Peer):
    """MyGrad with its own activations and losses."""

    library = "mygrad"
    functions: ClassVar[dict[str, Callable[..., Any]]] = {
        "ReLU": relu,
        "Sigmoid": sigmoid,
        "MSELoss": lambda p, y: mg.mean((p - y) ** 2),
        "BCELoss": lambda p, y: -mg.mean(y * mg.log(p) + (1 - y) * mg.log(1 - p)),
        "CrossEntropyLoss": softmax_crossentropy,
    }

    def dense(self, work: Supervised, network: Dense) -> Step:
        update = OPTIMIZERS[work.optimizer](**work.settings)
        x, y = work.data()
        ws = [mg.tensor(array) for array in weights(network.shapes())]
        state = update.start([w.data for w in ws])

        def step() -> Any:
            nonlocal state
            loss = self.functions[work.loss](self.predict(network, ws, x), y)
            loss.backward()
            new, state = update([w.data for w in ws], [w.grad for w in ws], state)
            for w, array in zip(ws, new, strict=True):
                w.data[...] = array
            return loss

        return step

    def chain(self) -> Step:
        x = mg.tensor(1.0, dtype="float32")

        def step() -> Any:
            y = x
            for _ in range(100):
                y = y * 1.01
            y.backward()
            return x.grad

        return step

    def version(self) -> str:
        return str(mg.__version__)
