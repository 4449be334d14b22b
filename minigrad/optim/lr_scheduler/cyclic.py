"""Rates that rise and fall, and the momentum against them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from minigrad.optim.lr_scheduler.schedule import LRScheduler, for_groups, optimizer_of
from minigrad.optim.optimizer import Group, Optimizer
from minigrad.optim.rates import set_rate

Numbers = float | Sequence[float]


def _check_momentum(optimizer: Optimizer) -> None:
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise ValueError(
            "lr_scheduler: optimizer must support momentum or beta1 with `cycle_momentum` option "
            f"enabled, which {type(optimizer).__name__} has not; pass cycle_momentum=False"
        )


def _set_momentum(group: Group, momentum: float) -> None:
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


class CyclicLR(LRScheduler):
    """lr = base + (max - base) · height · scale: the height rises from 0 to 1 in ``step_size_up``
    steps and falls back in ``step_size_down``; momentum falls and rises meanwhile.

    Call ``step()`` after each batch.

    Source: Smith, Cyclical Learning Rates for Training Neural Networks, 2017.
    Errors: ValueError for an unknown mode, and for an optimizer without momentum.

    Example:
        >>> p = minigrad.zeros(1, requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=1.0, momentum=0.9)
        >>> schedule = optim.lr_scheduler.CyclicLR(optimizer, 0.1, 0.3, step_size_up=2)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates.append(round(schedule.get_last_lr()[0], 4))
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [0.1, 0.2, 0.3, 0.2, 0.1, 0.2]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: Numbers,
        max_lr: Numbers,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: Numbers = 0.8,
        max_momentum: Numbers = 0.9,
        last_epoch: int = -1,
    ) -> None:
        """
        Args:
            optimizer: whose rates are set.
            base_lr: the rate at the bottom, or a list of one for each group.
            max_lr: the rate at the top (of the first cycle, where the scale falls).
            step_size_up: steps from bottom to top.
            step_size_down: steps back; None is as many.
            mode: the scale: "triangular" is 1, "triangular2" 1 / 2^(cycle - 1), "exp_range" γᵗ.
            gamma: γ of "exp_range".
            scale_fn: a function in the place of the mode's.
            scale_mode: what it is a function of: "cycle", counted from 1, or "iterations".
            cycle_momentum: move momentum (or Adam's β₁) against the rate.
            base_momentum: momentum where the rate is highest.
            max_momentum: momentum where the rate is lowest.
            last_epoch: the number of steps done already, less one; -1 to begin.
        """
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError(
                "CyclicLR: mode is invalid and scale_fn is None; expected mode to be 'triangular', "
                f"'triangular2' or 'exp_range', got {mode!r}"
            )
        optimizer_of(optimizer)
        bases: list[float] = for_groups("base_lr", base_lr, optimizer)
        self.max_lrs = for_groups("max_lr", max_lr, optimizer)
        self.total_size = step_size_up + (
            step_size_up if step_size_down is None else step_size_down
        )
        self.step_ratio = step_size_up / self.total_size
        self.mode, self.gamma, self.scale_mode = mode, gamma, scale_mode
        self.scale_fn = scale_fn
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            _check_momentum(optimizer)
            self.base_momentums = for_groups("base_momentum", base_momentum, optimizer)
            self.max_momentums = for_groups("max_momentum", max_momentum, optimizer)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, bases, strict=True):
                set_rate(group, lr)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = bases

    def _scale(self, cycle: int) -> float:
        if self.scale_fn is not None:
            return self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "triangular":
            return 1.0
        if self.mode == "triangular2":
            return 1 / (2.0 ** (cycle - 1))
        return self.gamma**self.last_epoch

    def get_lr(self) -> list[float]:
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        scale = self._scale(cycle)
        if self.cycle_momentum:
            for group, low, high in zip(
                self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True
            ):
                _set_momentum(group, high - (high - low) * height * scale)
        return [
            low + (high - low) * height * scale
            for low, high in zip(self.base_lrs, self.max_lrs, strict=True)
        ]


class OneCycleLR(LRScheduler):
    """From lr = max / ``div_factor`` up to max within the fraction ``pct_start`` of all steps, then
    down to that first rate / ``final_div_factor``; momentum against it.

    Call ``step()`` after each batch. Give ``total_steps``, or ``epochs`` and ``steps_per_epoch``.

    Source: Smith and Topin, Super-Convergence, 2018. Errors: ValueError for bad numbers, for an
    optimizer without momentum, and for more steps than were announced.

    Example:
        >>> p = minigrad.zeros(1, requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=1.0, momentum=0.9)
        >>> schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=7)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates.append(round(schedule.get_last_lr()[0], 4))
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [0.04, 0.9806, 0.919, 0.6727, 0.3577, 0.0993]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: Numbers,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: Numbers = 0.85,
        max_momentum: Numbers = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        """
        Args:
            optimizer: whose rates are set.
            max_lr: the highest rate, or a list of one for each group.
            total_steps: the steps of the whole training.
            epochs, steps_per_epoch: their product, where total_steps is None.
            pct_start: the fraction of the steps in which the rate rises.
            anneal_strategy: "cos" or "linear", the form of the way.
            cycle_momentum: move momentum (or Adam's β₁) against the rate.
            base_momentum: momentum where the rate is highest.
            max_momentum: momentum where the rate is lowest.
            div_factor: by what max_lr is divided for the first rate.
            final_div_factor: by what the first rate is divided for the last.
            three_phase: come down to the first rate as fast as it went up, and then to the last.
            last_epoch: the number of steps done already, less one; -1 to begin.
        """
        optimizer_of(optimizer)
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError(
                    "OneCycleLR: You must define either total_steps OR (epochs AND "
                    f"steps_per_epoch), got epochs={epochs} and steps_per_epoch={steps_per_epoch}"
                )
            total_steps = _positive("epochs", epochs) * _positive(
                "steps_per_epoch", steps_per_epoch
            )
        self.total_steps = _positive("total_steps", total_steps)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(
                f"OneCycleLR: Expected float between 0 and 1 pct_start, but got {pct_start}"
            )
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                "OneCycleLR: anneal_strategy must be one of 'cos' or 'linear', instead got "
                f"{anneal_strategy}"
            )
        self.anneal_strategy = anneal_strategy
        # Where each phase ends, with the rate and the momentum that it leads to.
        end = float(pct_start * total_steps) - 1
        self.phases: list[tuple[float, str, str]] = [(end, "max_lr", "base_momentum")]
        if three_phase:
            end = float(2 * pct_start * total_steps) - 2
            self.phases.append((end, "initial_lr", "max_momentum"))
        self.phases.append((total_steps - 1, "min_lr", "max_momentum"))
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            _check_momentum(optimizer)
        if last_epoch == -1:
            highest = for_groups("max_lr", max_lr, optimizer)
            for i, group in enumerate(optimizer.param_groups):
                group["initial_lr"] = highest[i] / div_factor
                group["max_lr"] = highest[i]
                group["min_lr"] = group["initial_lr"] / final_div_factor
                if cycle_momentum:
                    group["max_momentum"] = for_groups("max_momentum", max_momentum, optimizer)[i]
                    group["base_momentum"] = for_groups("base_momentum", base_momentum, optimizer)[
                        i
                    ]
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(
                f"OneCycleLR: Tried to step {t} times. The specified number of total steps is "
                f"{self.total_steps}"
            )
        start, rate, momentum = 0.0, "initial_lr", "max_momentum"
        for end, next_rate, next_momentum in self.phases:
            if t <= end or end == self.phases[-1][0]:
                break
            start, rate, momentum = end, next_rate, next_momentum
        part = (t - start) / (end - start)
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                _set_momentum(group, self._between(group[momentum], group[next_momentum], part))
        return [
            self._between(group[rate], group[next_rate], part)
            for group in self.optimizer.param_groups
        ]

    def _between(self, start: float, end: float, part: float) -> float:
        if self.anneal_strategy == "linear":
            return (end - start) * part + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * part) + 1)


def _positive(name: str, value: Any) -> int:
    if not isinstance(value, int) or value <= 0:
        raise ValueError(f"OneCycleLR: Expected positive integer {name}, but got {value}")
    return value
