"""Learning rates that are too high or too low."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np

from minigrad.diagnosis.check import Check
from minigrad.diagnosis.seen import Trainer, Walk
from minigrad.diagnosis.watcher import norm

BIG = 3_000_000
"""Parameters with more numbers than that are measured in a few steps only."""
SLOW = 2e-5
"""A step that moves all parameters by less than this part of their size, and the loss by less than
`LITTLE` of itself, leads nowhere."""
LITTLE = 3e-5


class Rate(Check):
    """Compares the size of each step with that of the parameters, and with what the loss does."""

    def __init__(self, watcher: Any) -> None:
        super().__init__(watcher)
        self.loss: float | None = None
        self.before: dict[int, tuple[list[Any], float, float]] = {}

    def walked(self, walk: Walk) -> None:
        if walk.adds and walk.reached and walk.loss is not None:
            self.loss = walk.loss
            for trainer in self.watcher.trainers.values():
                if any(s in trainer.params for s in walk.reached[:3]):
                    trainer.losses.append(walk.loss)

    def step_begins(self, trainer: Trainer) -> None:
        moving = [s for s in trainer.params if s.param.grad is not None]
        size = sum(s.param.array.size for s in moving)
        trainer.rates.append(max(_rates(trainer), default=0.0))
        if not moving or (size > BIG and trainer.steps > 4):
            return
        arrays = [s.param.array for s in moving]
        self.before[id(trainer)] = ([a.copy() for a in arrays], norm(arrays), self.loss or 0.0)

    def step_ended(self, trainer: Trainer) -> None:
        before = self.before.pop(id(trainer), None)
        if before is None:
            return
        old, size, loss = before
        moving = [s for s in trainer.params if s.param.grad is not None]
        if len(moving) != len(old):
            return
        with np.errstate(all="ignore"):
            moves = [s.param.array - a for s, a in zip(moving, old, strict=True)]
            gain = -sum(
                float((m * s.param.grad.array).sum()) for m, s in zip(moves, moving, strict=True)
            )
        trainer.updates.append(norm(moves) / max(size, 1e-30))
        trainer.gains.append(gain / max(abs(loss), 1e-12))

    def end(self) -> None:
        for trainer in self.watcher.trainers.values():
            if trainer.steps >= 2 and len(trainer.updates) >= 2 and trainer.losses:
                self._high(trainer)
                self._low(trainer)

    def _high(self, trainer: Trainer) -> None:
        losses, updates = trainer.losses, trainer.updates
        first = median(losses[:3]) if losses[0] != 0 else losses[0]
        first = min(first, losses[0]) if math.isfinite(losses[0]) else first
        last = losses[-5:] if len(losses) >= 8 else losses[-2:]
        finite = all(map(math.isfinite, losses))
        end = median(last) if finite else math.inf
        early, late = max(updates[:6]), median(updates[len(updates) // 2 :])
        scale = max(abs(first), 1e-3)
        blown = not finite and _grew(losses)
        up = end > first + scale and (late > 0.03 or early > 0.3)
        stuck = early > 1.0 and len(losses) >= 6 and end >= first - 0.05 * scale
        if blown or up or stuck:
            self.found(
                "learning-rate-too-high",
                trainer.made,
                f"with lr={trainer.rates[0]:g} the loss went from {losses[0]:.3g} to "
                f"{losses[-1]:.3g} in {trainer.steps} steps, and a step changes the parameters by "
                f"up to {100 * max(updates):.3g} % of their size",
            )

    def _low(self, trainer: Trainer) -> None:
        rates, losses = trainer.rates, trainer.losses
        if max(rates) == 0 or any(b > a * (1 + 1e-9) for a, b in pairwise(rates)):
            return  # it is being warmed up
        steps = trainer.updates
        moved, gain = median(steps), median(trainer.gains)
        if not any(trainer.norms) or not all(map(math.isfinite, losses)):
            return
        change = abs(losses[-1] - losses[0]) / max(abs(losses[0]), 1e-12)
        half = max(1, len(losses) // 3)
        drift = abs(sum(losses[-half:]) - sum(losses[:half])) / half / max(abs(losses[0]), 1e-12)
        if moved < SLOW and abs(gain) < LITTLE and (drift < 0.3 or change < 0.01):
            self.found(
                "learning-rate-too-low",
                trainer.made,
                f"with lr={rates[0]:g} a step changes the parameters by {100 * moved:.2g} % of "
                f"their size and the loss by about {100 * abs(gain):.2g} %; it went from "
                f"{losses[0]:.4g} to {losses[-1]:.4g} in {trainer.steps} steps",
            )


def _grew(losses: list[float]) -> bool:
    """Whether the losses grew before they were no numbers any more."""
    finite = [x for x in losses if math.isfinite(x)]
    return len(finite) >= 1 and len(losses) > 1 and abs(max(finite, key=abs)) > 10 * abs(finite[0])


def _rates(trainer: Trainer) -> list[float]:
    return [float(group["lr"]) for group in trainer.optimizer.param_groups if "lr" in group]
