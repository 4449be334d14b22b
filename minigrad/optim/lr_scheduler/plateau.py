"""Rates that fall when the training stands still."""

from __future__ import annotations

import math
from typing import SupportsFloat

from minigrad.optim.lr_scheduler.schedule import LRScheduler, for_groups, optimizer_of
from minigrad.optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """lr ← max(lr · factor, min_lr) when a measure has not improved for more than ``patience``
    steps; then it waits for ``cooldown`` steps.

    To improve is to be below ("min") or above ("max") the best by ``threshold``, a part of the best
    ("rel") or an amount ("abs"). A change below ``eps`` is not made.
    Errors: ValueError for a factor of 1 or more or an unknown mode.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau: Factor should be < 1.0, got {factor}")
        if mode not in ("min", "max"):
            raise ValueError(f"ReduceLROnPlateau: mode {mode} is unknown!; expected min or max")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"ReduceLROnPlateau: threshold mode {threshold_mode} is unknown!; expected rel or "
                "abs"
            )
        self.optimizer = optimizer_of(optimizer)
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.factor, self.patience, self.cooldown, self.eps = factor, patience, cooldown, eps
        self.min_lrs: list[float] = for_groups("min_lrs", min_lr, optimizer)
        self.best = math.inf if mode == "min" else -math.inf
        self.last_epoch = self.num_bad_epochs = self.cooldown_counter = 0
        self._last_lr = self._lrs()

    def step(self, metrics: SupportsFloat) -> None:  # type: ignore[override]
        """Look at the measure of an epoch, such as the loss on the validation set."""
        value = float(metrics)
        self.last_epoch += 1
        if self.is_better(value, self.best):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0  # what happens while it waits does not count
        rates = self._lrs()
        if self.num_bad_epochs > self.patience:
            for i, (lr, least) in enumerate(zip(rates, self.min_lrs, strict=True)):
                lower = max(lr * self.factor, least)
                if lr - lower > self.eps:
                    rates[i] = lower
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._set(rates)

    def is_better(self, value: float, best: float) -> bool:
        """Whether the value improves on the best."""
        sign = -1.0 if self.mode == "min" else 1.0
        if self.threshold_mode == "rel":
            bar = best * (1.0 + sign * self.threshold)
        else:
            bar = best + sign * self.threshold
        return value < bar if self.mode == "min" else value > bar
