"""Rectified units that are 0 for every sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.calls import Call
from minigrad.diagnosis.check import Check, Happened
from minigrad.diagnosis.seen import Trainer

WINDOW = 10
"""Calls over which a unit must have been 0."""
SHARE = 0.8
"""So large a part of a layer must be dead."""


class Units(Check):
    """Which units of each rectifier were ever positive during the last calls in training."""

    def __init__(self, watcher: Any) -> None:
        super().__init__(watcher)
        self.layers: dict[tuple[int, int], _Layer] = {}
        self.order: dict[int, int] = {}

    def op(self, event: Happened) -> None:
        if not _rectifies(event) or not event.result.tracked:
            return
        y = event.result.array
        if y.ndim < 2:
            return
        line = event.call.line
        place = self.order[line] = self.order.get(line, 0) + 1
        axis = 1 if y.ndim >= 4 else y.ndim - 1
        alive = (y > 0).any(axis=tuple(i for i in range(y.ndim) if i != axis))
        layer = self.layers.setdefault((line, place), _Layer(event.call))
        layer.add(alive)

    def walked(self, walk: Any) -> None:
        self.order.clear()

    def step_ended(self, trainer: Trainer) -> None:
        self.order.clear()

    def end(self) -> None:
        for layer in self.layers.values():
            dead = layer.dead()
            if dead is not None and dead.size > 1 and dead.mean() >= SHARE and layer.calls >= 5:
                self.found(
                    "dead-relu",
                    layer.call,
                    f"{int(dead.sum())} of {dead.size} units of {layer.call.name} were 0 for every "
                    f"sample of the last {min(layer.calls, WINDOW)} steps",
                )


class _Layer:
    def __init__(self, call: Call) -> None:
        self.call, self.calls = call, 0
        self.masks: list[Any] = []

    def add(self, alive: Any) -> None:
        self.calls += 1
        if self.masks and self.masks[-1].shape != alive.shape:
            self.masks.clear()
        self.masks = [*self.masks[1 - WINDOW :], alive]

    def dead(self) -> Any:
        return ~np.logical_or.reduce(self.masks) if self.masks else None


def _rectifies(event: Happened) -> bool:
    if event.op == "relu":
        return True
    bound = event.operands[1] if len(event.operands) > 1 else None
    return event.op in ("clamp_min", "maximum") and bound.__class__ in (int, float) and bound == 0
