"""What `gpu-check` asks of an engine beyond a step: a policy, the first weights again, gradients,
many steps at once, the device's own clock and memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.engines.engine import Engine
from benchmarks.networks import weights

if TYPE_CHECKING:
    from benchmarks.case import Case, Step
    from benchmarks.gpu.policies import Policy

SAMPLE = 64
"""So many gradients of a parameter are compared, from its first to its last at equal distances."""


class Contender(Engine):
    """An engine on a GPU, or on what stands in for one.

    Attributes:
        rows: so many rows of a batch are used; None for all.
        calm: whether dropout drops nothing, so that every side computes the same.
        batch: how many rows a batch has.
        models: those that were made.
    """

    rows: int | None = None
    batch = 0
    calm = False

    def __init__(self, device: str) -> None:
        super().__init__(device)
        self.models: list[Any] = []

    def use(self, policy: Policy) -> None:
        """Set the library to this policy."""
        policy.set(self.lib)

    def tensor(self, array: np.ndarray[Any, Any]) -> Any:
        part = array[: self.rows] if array.ndim else array
        self.batch = max(self.batch, len(part) if part.ndim else 0)
        return super().tensor(part)

    def model(self, network: Callable[[Any], Any]) -> Any:
        model = super().model(network)
        if self.calm:
            for module in model.modules():
                if isinstance(module, self.nn.Dropout):
                    module.p = 0.0
        self.models.append(model)
        return model

    def begin(self, case: Case, calm: bool) -> Step:
        """The case with new models; those that were made before are forgotten."""
        self.calm, self.batch = calm, 0
        self.models.clear()
        return self.step(case)

    def advance(self, step: Step, count: int) -> Any:
        """So many steps; returns what the last one returned."""
        for _ in range(count - 1):
            step()
        return step()

    def again(self) -> None:
        """Put the first weights back into the models; the optimizers keep what they know."""
        with self.lib.no_grad():
            for model in self.models:
                parameters = list(model.parameters())
                values = weights(tuple(p.shape) for p in parameters)
                for p, value in zip(parameters, values, strict=True):
                    p.copy_(self.lib.from_numpy(value).to(device=p.device, dtype=p.dtype))

    def gradients(self) -> list[list[float]]:
        """Of each parameter that has one, a sample of its gradients."""
        found = []
        for model in self.models:
            for p in model.parameters():
                if p.grad is not None:
                    flat = self.arrays(p.grad)[0].astype(np.float64).ravel()
                    places = np.linspace(0, flat.size - 1, min(flat.size, SAMPLE)).astype(int)
                    found.append(flat[places].tolist())
        return found

    def clock(self, step: Step) -> Callable[[], Callable[[], float]] | None:
        """Starts the device's own clock where there is one; what it returns stops it, waits, and
        tells the milliseconds."""
        return None

    def bytes_held(self) -> int | None:
        """The most memory of the device that the library's allocator ever held."""
        return None

    def counted(self, step: Step) -> dict[str, float]:
        """Of one step: ``kernels`` that ran, graphs that were launched (``graphs``), and what else
        the engine knows."""
        return {}
