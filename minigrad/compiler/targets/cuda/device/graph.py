"""Work captured as one CUDA graph, which one call launches."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from minigrad.compiler.targets.cuda.device import driver
from minigrad.errors import CompileError

if TYPE_CHECKING:
    from minigrad.compiler.targets.cuda.device.hardware import Hardware

Ready: TypeAlias = Callable[[int], None]
"""Work that is ready: called with the address of a stream, it is given to it."""


class CapturedGraph:
    """A `Graph` of the GPU. What its nodes touch lives as long as it does.

    Attributes:
        kinds: how many nodes of each kind it has, as the driver says.
        nodes: of all kinds. A product may be several.
    """

    def __init__(self, owner: Hardware, calls: Sequence[Ready], stream: Any) -> None:
        self._owner, self._kept = owner, calls
        runtime = owner.xp.cuda.runtime
        graph = _recorded(runtime, calls, stream.ptr)
        try:
            self.kinds: Counter[str] = driver.kinds(graph)
            self.nodes = self.kinds.total()
            if self.kinds["allocation"] or self.kinds["release"]:
                raise CompileError(f"capture: the graph asks for memory: {dict(self.kinds)}")
            if self.kinds["kernel"] < len(calls):
                raise CompileError(
                    f"capture: {len(calls)} kernels and products were given, but the graph holds "
                    f"{dict(self.kinds)}"
                )
            self._graph = runtime.graphInstantiate(graph)
        finally:
            runtime.graphDestroy(graph)
        weakref.finalize(self, runtime.graphExecDestroy, self._graph).atexit = False
        self._launch = runtime.graphLaunch
        runtime.graphUpload(self._graph, stream.ptr)
        stream.synchronize()

    def launch(self) -> None:
        """Do all of it, after what the stream was given before."""
        self._launch(self._graph, self._owner.stream.ptr)


def _recorded(runtime: Any, calls: Sequence[Ready], stream: int) -> int:
    """The handle of a graph of these calls. A capture that fails is ended before it is told."""
    runtime.streamBeginCapture(stream, runtime.streamCaptureModeThreadLocal)
    try:
        for call in calls:
            call(stream)
    except BaseException:
        with suppress(RuntimeError):
            runtime.graphDestroy(runtime.streamEndCapture(stream))
        raise
    return int(runtime.streamEndCapture(stream))
