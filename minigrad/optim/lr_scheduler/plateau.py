"""Rates that fall when the training stands still."""

from __future__ import annotations

import math
from typing import SupportsFloat

from minigrad.optim.lr_scheduler.schedule import LRScheduler, for_groups, optimizer_of
from minigrad.optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """lr ← max(lr · factor, min_lr) when a measure has not improved for more than ``patience``
    steps; then it waits for ``cooldown`` steps. ``step`` takes the measure.

    Errors: ValueError for a factor of 1 or more or an unknown mode.

    Example:
        >>> p = minigrad.zeros(1, requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=1.0)
        >>> schedule = optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
        >>> for loss in [3.0, 2.0, 2.0, 2.0, 2.0]:
        ...     schedule.step(loss)
        ...     print(optimizer.param_groups[0]["lr"])
        1.0
        1.0
        1.0
        0.5
        0.5
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
        """
        Args:
            optimizer: whose rates are set.
            mode: "min" where less is better (a loss), "max" where more is (an accuracy).
            factor: by what the rate is multiplied, below 1.
            patience: steps without improvement that are borne.
            threshold: by how much a measure has to beat the best to count.
            threshold_mode: "rel" takes the threshold as a part of the best, "abs" as an amount.
            cooldown: steps after a change in which nothing is counted.
            min_lr: the least rate, or a list of one for each group.
            eps: a change of the rate that is smaller is not made.
        """
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
        """Look at the measure of an epoch.

        Args:
            metrics: a number, such as the loss on the validation set.
        """
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
        """Whether the value improves on the best.

        Args:
            value, best: the two.
        """
        sign = -1.0 if self.mode == "min" else 1.0
        if self.threshold_mode == "rel":
            bar = best * (1.0 + sign * self.threshold)
        else:
            bar = best + sign * self.threshold
        return value < bar if self.mode == "min" else value > bar
