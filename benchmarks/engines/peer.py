"""What the peers share: dense networks and the chain, in a library with NumPy's names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from benchmarks.case import Supervised
from benchmarks.engines.engine import Absent, Engine
from benchmarks.networks import Dense

if TYPE_CHECKING:
    from benchmarks.case import Case, Step


class Peer(Engine):
    """A library with NumPy's names and gradients. Each peer writes `dense` and `chain`.

    Attributes:
        functions: its activations, and its losses of (prediction, target), by PyTorch's names.
    """

    functions: ClassVar[dict[str, Callable[..., Any]]]

    def __init__(self, device: str) -> None:
        if device != "cpu":
            raise Absent(f"{self.library} is timed on the cpu only, not on {device}")

    def step(self, case: Case) -> Step:
        if isinstance(case.make, Supervised) and isinstance(case.make.network, Dense):
            return self.dense(case.make, case.make.network)
        if case.name == "chain":
            return self.chain()
        raise Absent(f"no code for {case.name}; it is written for dense networks and the chain")

    def dense(self, work: Supervised, network: Dense) -> Step:
        """The training step of a dense network."""
        raise NotImplementedError

    def chain(self) -> Step:
        """100 multiplications of a number, and back."""
        raise NotImplementedError

    def predict(self, network: Dense, weights: Any, x: Any) -> Any:
        """The network's output for a batch."""
        queue: Iterator[Any] = iter(weights)
        count = len(network.sizes) - 1
        for i in range(count):
            x = x @ next(queue).T
            if network.bias:
                x = x + next(queue)
            name = network.activation if i + 1 < count else network.last
            if name is not None:
                x = self.functions[name](x)
        return x

    def synchronize(self) -> None:
        """Nothing waits on a CPU that computes at once."""

    def arrays(self, value: Any) -> list[np.ndarray[Any, Any]]:
        return [np.asarray(value)]
