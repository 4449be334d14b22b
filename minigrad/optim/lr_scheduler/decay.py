"""Rates that fall by a factor, or follow a function."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from minigrad.optim.lr_scheduler.schedule import LRScheduler, for_groups
from minigrad.optim.optimizer import Optimizer

Function = Callable[[int], float]


class LambdaLR(LRScheduler):
    """lrₜ = lr₀ · f(t), with one function for all groups or one for each.

    Errors: ValueError for a list of another length than there are groups.

    Example:
        >>> p = minigrad.zeros(1, requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=1.0)
        >>> schedule = optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + t))
        >>> rates = []
        >>> for _ in range(6):
        ...     rates.append(round(schedule.get_last_lr()[0], 4))
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [1.0, 0.5, 0.3333, 0.25, 0.2, 0.1667]
    """

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Function | Sequence[Function], last_epoch: int = -1
    ) -> None:
        """
        Args:
            optimizer: whose rates are set.
            lr_lambda: f, a function of the epoch, or a list of one for each group.
            last_epoch: the number of steps done already, less one; -1 to begin.
        """
        self.lr_lambdas: list[Function] = for_groups("lr_lambda", lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        return [
            lr * f(self.last_epoch) for lr, f in zip(self.base_lrs, self.lr_lambdas, strict=True)
        ]


class MultiplicativeLR(LRScheduler):
    """lrₜ = lrₜ₋₁ · f(t), with one function for all groups or one for each.

    Errors: ValueError for a list of another length than there are groups.

    Example:
        >>> p = minigrad.zeros(1, requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=1.0)
        >>> schedule = optim.lr_scheduler.MultiplicativeLR(optimizer, lambda t: 0.5)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates.append(round(schedule.get_last_lr()[0], 4))
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [1.0, 0.5, 0.25, 0.125, 0.0625, 0.0312]
    """

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Function | Sequence[Function], last_epoch: int = -1
    ) -> None:
        """
        Args:
            optimizer: whose rates are set.
            lr_lambda: f, a function of the epoch, or a list of one for each group.
            last_epoch: the number of steps done already, less one; -1 to begin.
        """
        self.lr_lambdas: list[Function] = for_groups("lr_lambda", lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self._beginning:
            return self._lrs()
        return [lr * f(self.last_epoch) for lr, f in zip(self._lrs(), self.lr_lambdas, strict=True)]


class StepLR(LRScheduler):
    """lrₜ = lr₀ · γ^⌊t / step_size⌋: a tenth every so many epochs.

    Example:
        >>> p = minigrad.zeros(1, requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=1.0)
        >>> schedule = optim.lr_scheduler.StepLR(optimizer, step_size=2)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates.append(round(schedule.get_last_lr()[0], 4))
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [1.0, 1.0, 0.1, 0.1, 0.01, 0.01]
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        """
        Args:
            optimizer: whose rates are set.
            step_size: epochs between two steps down.
            gamma: γ, the factor of each.
            last_epoch: the number of steps done already, less one; -1 to begin.
        """
        if step_size < 1:
            raise ValueError(f"StepLR: step_size must be at least 1, got {step_size}")
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self.last_epoch == 0 or self.last_epoch % self.step_size:
            return self._lrs()
        return [lr * self.gamma for lr in self._lrs()]

    def at_epoch(self) -> list[float]:
        return [lr * self.gamma ** (self.last_epoch // self.step_size) for lr in self.base_lrs]


class MultiStepLR(LRScheduler):
    """lrₜ = lr₀ · γⁿ, n being the number of milestones up to t.

    Example:
        >>> p = minigrad.zeros(1, requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=1.0)
        >>> schedule = optim.lr_scheduler.MultiStepLR(optimizer, milestones=[2, 5], gamma=0.5)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates.append(round(schedule.get_last_lr()[0], 4))
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [1.0, 1.0, 0.5, 0.5, 0.5, 0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        """
        Args:
            optimizer: whose rates are set.
            milestones: the epochs of the steps down; one that is there twice counts twice.
            gamma: γ, the factor of each.
            last_epoch: the number of steps done already, less one; -1 to begin.
        """
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        n = self.milestones.count(self.last_epoch)
        return [lr * self.gamma**n for lr in self._lrs()] if n else self._lrs()

    def at_epoch(self) -> list[float]:
        n = bisect_right(self.milestones, self.last_epoch)
        return [lr * self.gamma**n for lr in self.base_lrs]


class ExponentialLR(LRScheduler):
    """lrₜ = lr₀ · γᵗ

    Example:
        >>> p = minigrad.zeros(1, requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=1.0)
        >>> schedule = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates.append(round(schedule.get_last_lr()[0], 4))
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [1.0, 0.9, 0.81, 0.729, 0.6561, 0.5905]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        """
        Args:
            optimizer: whose rates are set.
            gamma: γ, the factor of each epoch.
            last_epoch: the number of steps done already, less one; -1 to begin.
        """
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self._beginning:
            return self._lrs()
        return [lr * self.gamma for lr in self._lrs()]

    def at_epoch(self) -> list[float]:
        return [lr * self.gamma**self.last_epoch for lr in self.base_lrs]


class PolynomialLR(LRScheduler):
    """lrₜ = lr₀ · (1 - t / T)^power up to T = ``total_iters``, then 0.

    Example:
        >>> p = minigrad.zeros(1, requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=1.0)
        >>> schedule = optim.lr_scheduler.PolynomialLR(optimizer, total_iters=4)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates.append(round(schedule.get_last_lr()[0], 4))
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: int = 5,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        """
        Args:
            optimizer: whose rates are set.
            total_iters: T, the steps down to 0.
            power: 1 is a straight line; above, the rate falls faster at first.
            last_epoch: the number of steps done already, less one; -1 to begin.
        """
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        t, total = self.last_epoch, self.total_iters
        if self._beginning or t > total:
            return self._lrs()
        factor = ((1.0 - t / total) / (1.0 - (t - 1) / total)) ** self.power
        return [lr * factor for lr in self._lrs()]

    def at_epoch(self) -> list[float]:
        done = min(self.total_iters, self.last_epoch) / self.total_iters
        return [lr * (1.0 - done) ** self.power for lr in self.base_lrs]
