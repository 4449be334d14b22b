"""PyTorch on a GPU: as installed, tuned, compiled in two ways, and a whole step as one graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from benchmarks.engines.contender import Contender
from benchmarks.engines.engine import Absent
from benchmarks.engines.with_torch import Torch, TorchCompile

if TYPE_CHECKING:
    from benchmarks.case import Case, Step
    from benchmarks.gpu.policies import Policy

PROFILED = 4
"""Steps whose kernels are counted."""
WARM = 3
"""Steps before a graph is captured, on a stream of their own, as PyTorch's notes ask."""


class Eager(Contender, Torch):
    """PyTorch as it is installed, op by op. The one that also stands on a CPU."""

    autocast = False

    def use(self, policy: Policy) -> None:
        super().use(policy)
        self.autocast = policy.autocast

    def model(self, network: Callable[[Any], Any]) -> Any:
        """The network; where that is wanted, it computes in bfloat16 and gives float32."""
        model = super().model(network)
        if self.autocast:
            forward = model.forward

            def under(*x: Any) -> Any:
                with torch.autocast(torch.device(self.device).type, torch.bfloat16):
                    y = forward(*x)
                return y.float()

            model.forward = under
        return model

    def clock(self, step: Step) -> Callable[[], Callable[[], float]] | None:
        if self.device == "cpu":
            return None

        def start() -> Callable[[], float]:
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()

            def stop() -> float:
                end.record()
                end.synchronize()
                return float(begin.elapsed_time(end))

            return stop

        return start

    def bytes_held(self) -> int | None:
        return None if self.device == "cpu" else int(torch.cuda.max_memory_reserved())

    def counted(self, step: Step) -> dict[str, float]:
        return {**self._flops(step), **self._kernels(step)}

    def _flops(self, step: Step) -> dict[str, float]:
        """What PyTorch counts of a step that is done op by op: products, convolutions."""
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as counter:
            step()
        return {"flops": float(counter.get_total_flops())}

    def _kernels(self, step: Step) -> dict[str, float]:
        if self.device == "cpu":
            return {}
        from torch.profiler import ProfilerActivity, profile

        with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
            self.advance(step, PROFILED)
            self.synchronize()
        events = list(seen.events())
        graphs = sum("GraphLaunch" in event.name for event in events)
        on_device = [e for e in events if e.device_type == torch.autograd.DeviceType.CUDA]
        kernels = sum(not e.name.startswith(("Memcpy", "Memset")) for e in on_device)
        return {"kernels": kernels / PROFILED, "graphs": graphs / PROFILED}


class OnlyCUDA(Eager):
    """What makes no sense without a GPU."""

    def __init__(self, device: str) -> None:
        if device == "cpu":
            raise Absent("this contender needs CUDA")
        super().__init__(device)


class _Options:
    """An optimizer's module whose optimizers are made with options of their own."""

    def __init__(self, **options: dict[str, Any]) -> None:
        self.options = options

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def make(parameters: Any, **settings: Any) -> Any:
            return getattr(torch.optim, name)(parameters, **settings, **self.options.get(name, {}))

        return make


class Tuned(OnlyCUDA):
    """Channels last, convolutions chosen by trying (cudnn.benchmark), fused optimizers."""

    def __init__(self, device: str) -> None:
        super().__init__(device)
        torch.backends.cudnn.benchmark = True
        self.optim = _Options(SGD={"fused": True}, Adam={"fused": True})

    def tensor(self, array: np.ndarray[Any, Any]) -> Any:
        x = super().tensor(array)
        return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x

    def model(self, network: Callable[[Any], Any]) -> Any:
        return super().model(network).to(memory_format=torch.channels_last)


class Compile(OnlyCUDA, TorchCompile):
    """``torch.compile(step)``."""

    def begin(self, case: Case, calm: bool) -> Step:
        torch._dynamo.reset()
        return super().begin(case, calm)

    def _flops(self, step: Step) -> dict[str, float]:
        return {}  # its kernels are not PyTorch's ops


class ReduceOverhead(Compile):
    """``torch.compile(step, mode="reduce-overhead")``: CUDA graphs by inductor. Adam's count stays
    on the device, without which its update is never in a graph."""

    def __init__(self, device: str) -> None:
        super().__init__(device)
        self.optim = _Options(Adam={"capturable": True})

    def step(self, case: Case) -> Step:
        compiled: Step = torch.compile(case.make(self), mode="reduce-overhead")

        def step() -> Any:
            torch.compiler.cudagraph_mark_step_begin()
            return compiled()

        return step

    def path(self, step: Step) -> str:
        return "inductor, reduce-overhead"


class WholeGraph(Tuned):
    """The whole step, forward, backward and update, captured in one CUDA graph."""

    def __init__(self, device: str) -> None:
        super().__init__(device)
        self.optim = _Options(
            SGD={"fused": True},
            Adam={"fused": True, "capturable": True},
        )

    def step(self, case: Case) -> Step:
        return _Captured(case.make(self))

    def path(self, step: Step) -> str:
        return "one CUDA graph"

    def _flops(self, step: Step) -> dict[str, float]:
        return {}  # nothing is dispatched in a replay


class _Captured:
    """A step that is done op by op at first, then captured and replayed."""

    def __init__(self, step: Step) -> None:
        self.step, self.done = step, 0
        self.side = torch.cuda.Stream()
        self.graph: Any = None
        self.result: Any = None

    def __call__(self) -> Any:
        if self.done < WARM:
            self.done += 1
            self.side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self.side):
                result = self.step()
            torch.cuda.current_stream().wait_stream(self.side)
            return result
        if self.graph is None:
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.result = self.step()
        self.graph.replay()
        return self.result
