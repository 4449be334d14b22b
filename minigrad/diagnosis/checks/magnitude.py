"""Gradients that vanish on the way to the first layers, or explode."""

from __future__ import annotations

import math
from statistics import median
from typing import Any

import numpy as np

from minigrad.calls import Call
from minigrad.diagnosis.check import Check
from minigrad.diagnosis.seen import Seen, Trainer, Walk
from minigrad.diagnosis.watcher import norm

FAINT = 1e-3
"""The gradient of the first layers, as a part of the greatest: less than that in the middle of all
steps vanishes. In networks that train well it is 0.01 at least, attention included."""
HUGE = 500.0
"""The norm of all gradients by the root of the loss, which does not depend on the scale of the
targets: more than that in the first steps explodes. Else it is 10, or 100 for losses that are
summed over a batch."""
FIRST = 5


class Magnitude(Check):
    """Looks at the gradients of weights as a step is going to use them, after clipping."""

    def __init__(self, watcher: Any) -> None:
        super().__init__(watcher)
        self.faint: dict[int, list[tuple[float, float, float]]] = {}
        self.huge: dict[int, list[tuple[float, float]]] = {}
        self.last: Walk | None = None

    def walked(self, walk: Walk) -> None:
        if walk.adds and walk.reached:
            self.last = walk

    def step_begins(self, trainer: Trainer) -> None:
        if self.last is None:
            return
        loss = self.last.loss
        grads = [s.param.grad.array for s in trainer.params if s.param.grad is not None]
        if not grads:
            return
        size = norm(grads)
        trainer.norms.append(size)
        if loss is not None and math.isfinite(loss):
            ratio = size / math.sqrt(max(abs(loss), 0.01))
            self.huge.setdefault(id(trainer), []).append((ratio, size))
        weights = sorted((s for s in trainer.params if _is_weight(s)), key=lambda s: s.order or 0)
        if len(weights) >= 3:
            sizes = [_rms(s.param.grad.array) for s in weights]
            few = 1 if len(sizes) < 5 else 2
            first, top = max(sizes[:few]), max(sizes[few:])
            if top > 0 and math.isfinite(top):
                told = (first / top, first, top)
                self.faint.setdefault(id(trainer), []).append(told)

    def end(self) -> None:
        if self.last is None:
            return
        for rows in self.faint.values():
            later = rows[len(rows) // 2 :]
            ratio = median(r for r, _, _ in later)
            if len(rows) >= 3 and ratio < FAINT:
                _, first, top = later[-1]
                self._tell(
                    "vanishing-gradients",
                    self.last.call,
                    f"the gradient of the first layer's weight is {first:.2g} where the greatest "
                    f"is {top:.2g} (root of the mean square), {ratio:.1g} of it in the middle of "
                    f"{len(rows)} steps",
                )
        for first_steps in self.huge.values():
            early = first_steps[:3]
            ratio, size = median(r for r, _ in early), max(s for _, s in early)
            if HUGE < ratio < math.inf:
                self._tell(
                    "exploding-gradients",
                    self.last.call,
                    f"in the first steps the norm of all gradients is {size:.2g}",
                )

        if self.watcher.overflow and self.watcher.clock and self.early():
            self._tell(
                "exploding-gradients",
                self.last.call,
                "numbers grow from op to op until they are infinite, before the first step",
            )

    def early(self) -> bool:
        """Whether the first nan or inf came before any step."""
        return self.watcher.anomaly is not None and self.watcher.anomaly[1] == 0

    def _tell(self, code: str, call: Call, told: str) -> None:
        self.found(code, call, told)


def _is_weight(seen: Seen) -> bool:
    return seen.param.ndim >= 2 and seen.op != "take" and seen.param.grad is not None


def _rms(array: Any) -> float:
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(array, dtype=np.float64))))
