"""Steps that are missing, and steps before their gradients."""

from __future__ import annotations

from typing import Any

from minigrad.diagnosis.check import Check
from minigrad.diagnosis.seen import Trainer, Walk


class Steps(Check):
    """Counts, for each optimizer, the walks that brought gradients and the steps that used them."""

    def __init__(self, watcher: Any) -> None:
        super().__init__(watcher)
        self.late: dict[int, int] = {}

    def step_begins(self, trainer: Trainer) -> None:
        trainer.idle += all(seen.param.grad is None or not seen.grads for seen in trainer.params)
        if any(seen.param.grad is not None for seen in trainer.params):
            zero = not any(s.fresh for s in trainer.params) and not any(
                s.param.grad is not None and s.param.grad.array.any() for s in trainer.params
            )
            trainer.idle += zero and bool(self.watcher.walks_seen)

    def walked(self, walk: Walk) -> None:
        for trainer in self.watcher.trainers.values():
            behind = [
                s for s in trainer.params if s in walk.reached and s.changed > walk.serial > 0
            ]
            if behind and not self.watcher._stepping and trainer.at is not None:
                self.late[id(trainer)] = self.late.get(id(trainer), 0) + 1
                if self.late[id(trainer)] == 2:
                    self.found(
                        "step-before-backward",
                        trainer.at,
                        f"step() changed {len(behind)} parameters between the forward that used "
                        "them and its backward()",
                    )

    def end(self) -> None:
        for trainer in self.watcher.trainers.values():
            reached = [w for w in self.watcher.walks_seen if set(w.reached) & set(trainer.params)]
            by_hand = any(seen.by_hand for seen in trainer.params)
            if trainer.steps and trainer.idle >= 2 and trainer.idle >= 0.5 * trainer.steps:
                if reached and trainer.at is not None:
                    self.found(
                        "step-before-backward",
                        trainer.at,
                        f"in {trainer.idle} of {trainer.steps} steps no parameter had a gradient",
                    )
                continue
            if not reached or by_hand:
                continue
            wiped = max(seen.wiped for seen in trainer.params)
            if (not trainer.steps and len(reached) >= 2) or (
                wiped >= 4 and trainer.steps <= wiped / 3
            ):
                self.found(
                    "step-missing",
                    reached[-1].call,
                    f"{len(reached)} times backward() brought gradients to the parameters of "
                    f"{type(trainer.optimizer).__name__}, which did {trainer.steps} steps",
                )
