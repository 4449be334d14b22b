"""The targets that there are. This is the one place that knows them by name."""

from __future__ import annotations

from collections.abc import Mapping

from minigrad.compiler.passes.row import Pass
from minigrad.compiler.targets.cpu import target as cpu
from minigrad.compiler.targets.cuda import target as cuda
from minigrad.compiler.targets.cuda.device import simulation
from minigrad.compiler.targets.target import Target
from minigrad.device import CPU, Device
from minigrad.errors import CompileError
from minigrad.lines import Line, show_line

TARGETS = {"CPU": cpu.PASSES, "CUDA": cuda.PASSES}
"""By name, the passes of each."""

PASSES: dict[str, Pass] = {each.name: each for passes in TARGETS.values() for each in passes}
"""The table of passes: every one by name, as ``disable=`` knows it."""


def where(one: Pass) -> str:
    """Where a pass is done, in words."""
    told = [name for name, passes in TARGETS.items() if one in passes]
    needs = {"": "", "kernels": ", with kernels", "numpy": ", by NumPy"}[one.needs]
    return " and ".join(told) + needs


def documented() -> str:
    """The table of passes for a page."""
    rows = [f"| `{each.name}` | {each.says} | {where(each)} |" for each in PASSES.values()]
    return "\n".join(["| pass | what it says | where |", "|---|---|---|", *rows])


def chosen(devices: Mapping[Device, Line | None]) -> Target:
    """Where a step that computes on these devices is replayed.

    Errors: CompileError for several devices; DeviceError for a GPU that is not there.
    """
    if len(devices) > 1:
        told = " and ".join(f"on {device} ({show_line(at)})" for device, at in devices.items())
        raise CompileError(
            f"compile: the step computes {told}; a step has one device: move what it needs there "
            "before, and what it gives away afterwards"
        )
    if not devices or CPU in devices:
        simulated = simulation.current()
        return cpu.Cpu() if simulated is None else cuda.Cuda(simulated)
    from minigrad.compiler.targets.cuda.device.hardware import gpu  # it binds NVIDIA's libraries

    return cuda.Cuda(gpu(next(iter(devices))))
