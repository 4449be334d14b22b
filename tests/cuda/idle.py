"""A simulated GPU that computes nothing, and the work that steps ask of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import minigrad
from minigrad.compiler.targets.cuda.device.simulation import Simulated
from minigrad.compiler.targets.cuda.launch import Kernel, Work


class Idle(Simulated):
    """Of a step only its structure is of interest here."""

    def load(self, kernels: Sequence[Kernel]) -> None:
        """There is nothing to build."""

    def launch(self, work: Work) -> None:
        """Only note it down."""
        if self._recording is not None:
            self._recording.append(work)

    def call(self, body: Callable[[], object]) -> None:
        """There is nothing to compute."""

    def replay(self, work: Sequence[Work]) -> None:
        """There is nothing to do."""


def asked(step: Callable[..., Any], *arguments: Any) -> tuple[Any, list[Work]]:
    """The step compiled, and all work of it. It holds the memory that the work is on."""
    with minigrad.cuda.simulated(Idle()):
        twin: Any = minigrad.compile(step)
        for _ in range(4):
            twin(*arguments)
    return twin, twin.replays[-1].lowered.work
