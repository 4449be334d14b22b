"""A case: given an engine, it makes a function that does the work once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from benchmarks.engines.engine import Engine

Array: TypeAlias = "np.ndarray[Any, Any]"
Draw: TypeAlias = Callable[[np.random.Generator], Array]
Step: TypeAlias = Callable[[], Any]


@dataclass(frozen=True, eq=False)
class Case:
    """One workload.

    Attributes:
        name, what: for the command line and the table.
        make: given an engine, the function that does the work once and returns numbers that depend
            on all of it, by which engines are compared.
        unit: the work counted once: a training step, a call, a batch.
        quick: whether it belongs to the cases that run when none is named.
        random: whether each side draws its own numbers (dropout, shuffling), so that results may
            differ.
        compiled: whether there is a step to compile.
    """

    name: str
    what: str
    make: Callable[[Engine], Step]
    unit: str = "step"
    quick: bool = True
    random: bool = False
    compiled: bool = True


@dataclass(frozen=True, eq=False)
class Supervised:
    """The usual step: zero the gradients, forward, loss, backward, update.

    Attributes:
        network: given ``nn``, the model.
        inputs, targets: draw the batch.
        loss, optimizer: PyTorch's names.
        settings: of the optimizer.
        clip: the norm that all gradients together may have; None for any.
    """

    network: Callable[[Any], Any]
    inputs: Draw
    targets: Draw
    loss: str
    optimizer: str
    settings: dict[str, float] = field(default_factory=dict)
    clip: float | None = None

    def data(self) -> tuple[Array, Array]:
        """The batch, the same for every engine."""
        rng = np.random.default_rng(0)
        return self.inputs(rng), self.targets(rng)

    def __call__(self, engine: Engine) -> Step:
        x, y = (engine.tensor(array) for array in self.data())
        model = engine.model(self.network)
        criterion = getattr(engine.nn, self.loss)()
        update = getattr(engine.optim, self.optimizer)(model.parameters(), **self.settings)

        def step() -> Any:
            update.zero_grad()
            value = criterion(model(x), y)
            value.backward()
            if self.clip is not None:
                engine.nn.utils.clip_grad_norm_(model.parameters(), self.clip)
            update.step()
            return value

        return step


def floats(*shape: int) -> Draw:
    """Normal numbers."""
    return lambda rng: rng.standard_normal(shape).astype(np.float32)


def labels(n: int, classes: int = 10) -> Draw:
    """Class indices."""
    return lambda rng: rng.integers(0, classes, n)


def truths(*shape: int) -> Draw:
    """Zeros and ones."""
    return lambda rng: rng.integers(0, 2, shape).astype(np.float32)


def with_ones(n: int, width: int) -> Draw:
    """Numbers of [0, 1) whose last column is ones, which makes the bias a weight."""

    def draw(rng: np.random.Generator) -> Array:
        x = rng.random((n, width), np.float32)
        x[:, -1] = 1
        return x

    return draw
