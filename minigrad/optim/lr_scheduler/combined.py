"""Several schedules for one optimizer."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from minigrad.optim.lr_scheduler.plateau import ReduceLROnPlateau
from minigrad.optim.lr_scheduler.schedule import LRScheduler, optimizer_of
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.rates import set_rate


class _Combined(LRScheduler):
    """Schedules that are asked in turn or together."""

    def _take(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler]) -> None:
        name = type(self).__name__
        for i, scheduler in enumerate(schedulers):
            if not isinstance(scheduler, LRScheduler):
                raise TypeError(f"{name} at index {i} should be a scheduler, got {scheduler!r}")
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(
                    f"{name} does not support `ReduceLROnPlateau`, whose `step` needs a measure, "
                    f"but got one at index {i}"
                )
            if scheduler.optimizer is not optimizer:
                raise ValueError(
                    f"{name} expects all schedulers to belong to the same optimizer, but the one "
                    f"at index {i} has another"
                )
        self.optimizer = optimizer_of(optimizer)
        self._schedulers = list(schedulers)

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "_schedulers": [s.state_dict() for s in self._schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        super().load_state_dict({k: v for k, v in state_dict.items() if k != "_schedulers"})
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(state)


class ChainedScheduler(_Combined):
    """All schedules at every step, each changing what the one before has set.

    Errors: ValueError for none, or for schedules of several optimizers.

    Example:
        >>> p = minigrad.zeros(1, requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=1.0)
        >>> warmup = optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
        >>> decay = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
        >>> schedule = optim.lr_scheduler.ChainedScheduler([warmup, decay])
        >>> rates = []
        >>> for _ in range(6):
        ...     rates.append(round(schedule.get_last_lr()[0], 4))
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [0.5, 0.45, 0.81, 0.729, 0.6561, 0.5905]
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        """
        Args:
            schedulers: the schedules, all of one optimizer.
            optimizer: that optimizer; None takes the schedules'.
        """
        if not schedulers:
            raise ValueError("ChainedScheduler expects at least one scheduler, but got none")
        self._take(optimizer or schedulers[0].optimizer, schedulers)
        self._last_lr = self._lrs()

    def step(self) -> None:
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = self._lrs()


class SequentialLR(_Combined):
    """One schedule after the other, changing over at the milestones.

    Errors: ValueError unless there is one schedule more than there are milestones.

    Example:
        >>> p = minigrad.zeros(1, requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=1.0)
        >>> schedule = optim.lr_scheduler.SequentialLR(
        ...     optimizer,
        ...     [
        ...         optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=2),
        ...         optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5),
        ...     ],
        ...     milestones=[2],
        ... )
        >>> rates = []
        >>> for _ in range(6):
        ...     rates.append(round(schedule.get_last_lr()[0], 4))
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [0.5, 0.75, 1.0, 0.5, 0.25, 0.125]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: list[int],
        last_epoch: int = -1,
    ) -> None:
        """
        Args:
            optimizer: whose rates are set.
            schedulers: the schedules in their order.
            milestones: the epochs at which the next one begins, counting from 0 for itself.
            last_epoch: the number of steps done already, less one; -1 to begin.
        """
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "SequentialLR expects number of schedulers provided to be one more than the number "
                f"of milestone points, but got {len(schedulers)} schedulers and {len(milestones)} "
                "milestones"
            )
        self._take(optimizer, schedulers)
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        # Every schedule has set its first rate when it was made: take that back, then let the
        # first one begin.
        for group in optimizer.param_groups:
            set_rate(group, group["initial_lr"])
        _back(self)
        self._schedulers[bisect_right(self._milestones, 0)]._begin()
        self._last_lr = self._lrs()

    def step(self) -> None:
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            self._schedulers[i].restart()
        else:
            self._schedulers[i].step()
        self._last_lr = self._lrs()


def _back(scheduler: LRScheduler) -> None:
    if isinstance(scheduler, _Combined):
        for inner in scheduler._schedulers:
            _back(inner)
    else:
        scheduler.last_epoch -= 1
