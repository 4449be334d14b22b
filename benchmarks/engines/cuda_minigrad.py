"""minigrad on a GPU: op by op, compiled to launches, and to a graph of one step or of many."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from benchmarks.engines.contender import Contender
from benchmarks.engines.with_minigrad import Compiled, Minigrad

if TYPE_CHECKING:
    from benchmarks.case import Step
    from benchmarks.gpu.policies import Policy

SIMULATED = "simulated"
"""In a device's place: compiled steps run on the simulated device, everything else on the CPU."""


class Eager(Contender, Minigrad):
    """minigrad op by op."""

    def __init__(self, device: str) -> None:
        self._while = ExitStack()  # as long as this process lives
        super().__init__("cpu" if device == SIMULATED else device)
        if device == SIMULATED:
            self._while.enter_context(self.lib.cuda.simulated())

    def path(self, step: Step) -> str:
        return "eager, NumPy" if self.device == "cpu" else "eager, CuPy"

    def clock(self, step: Step) -> Callable[[], Callable[[], float]] | None:
        if self.device == "cpu":
            return None
        from minigrad.device import cupy

        cuda = cupy().cuda

        def start() -> Callable[[], float]:
            begin, end = cuda.Event(), cuda.Event()
            begin.record()

            def stop() -> float:
                end.record()
                end.synchronize()
                return float(cuda.get_elapsed_time(begin, end))

            return stop

        return start

    def bytes_held(self) -> int | None:
        if self.device == "cpu":
            return None
        from minigrad.device import cupy

        return int(cupy().get_default_memory_pool().total_bytes())


class Launches(Eager, Compiled):
    """The compiled step, a launch for each kernel."""

    settings: ClassVar[dict[str, Any]] = {"disable": ("graph",)}

    def path(self, step: Step) -> str:
        return str(step.path)  # type: ignore[attr-defined]

    def counted(self, step: Step) -> dict[str, float]:
        counts = dict(step.replays[-1].counts)  # type: ignore[attr-defined]
        kernels = counts["nodes"] or counts["kernels"] + counts["products"]  # PyTorch's count both
        return {**counts, "kernels": kernels}


class Graph(Launches):
    """The compiled step as one CUDA graph."""

    settings: ClassVar[dict[str, Any]] = {}


class GraphOfMany(Graph):
    """Eight steps as one CUDA graph."""

    def advance(self, step: Step, count: int) -> Any:
        return step.repeat(count)  # type: ignore[attr-defined]


class Float64(Contender, Minigrad):
    """The truth: NumPy in float64, op by op."""

    def __init__(self, device: str) -> None:
        super().__init__("cpu")

    def use(self, policy: Policy) -> None:
        """There is no policy in float64."""

    def tensor(self, array: np.ndarray[Any, Any]) -> Any:
        return super().tensor(array.astype(np.float64) if array.dtype.kind == "f" else array)

    def model(self, network: Callable[[Any], Any]) -> Any:
        return super().model(network).to(dtype=self.lib.float64)
