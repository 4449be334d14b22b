"""What all schedules share."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from minigrad.optim.optimizer import Optimizer
from minigrad.optim.rates import plain, set_rate
from minigrad.recording import reads


class LRScheduler:
    """Sets the learning rate of every group of an optimizer; call ``step()`` after each epoch, or
    after each batch, following the optimizer's.

    A schedule says by `get_lr` how the present rates change, so that several schedules, and
    changes by hand, compose. `at_epoch` says, where there is a formula, what they are from the
    start; it serves a schedule that begins in the middle of a training.

    Errors: TypeError for what is no optimizer, KeyError when it shall go on with an optimizer that
    has no "initial_lr".

    Example:
        >>> class Halving(optim.lr_scheduler.LRScheduler):
        ...     def get_lr(self):
        ...         factor = 0.5 if self.last_epoch > 0 else 1.0
        ...         return [group["lr"] * factor for group in self.optimizer.param_groups]
        >>> p = minigrad.zeros(1, requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=1.0)
        >>> schedule = Halving(optimizer)
        >>> rates = []
        >>> for _ in range(6):
        ...     rates.append(round(schedule.get_last_lr()[0], 4))
        ...     optimizer.step()
        ...     schedule.step()
        >>> rates
        [1.0, 0.5, 0.25, 0.125, 0.0625, 0.0312]
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        """
        Args:
            optimizer: whose rates are set.
            last_epoch: the number of steps done already, less one; -1 to begin.
        """
        self.optimizer = optimizer_of(optimizer)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", plain(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming "
                    "scheduler with last_epoch >= 0; load the optimizer's state first"
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._begin()

    def _begin(self) -> None:
        """The step that sets the first rates."""
        self._beginning = True
        self.step()
        self._beginning = False

    def _lrs(self) -> list[float]:
        return [group["lr"] for group in self.optimizer.param_groups]

    def get_lr(self) -> list[float]:
        """The rates of the epoch ``last_epoch``, from the present ones."""
        raise NotImplementedError(f"{type(self).__name__}: get_lr is missing")

    def at_epoch(self) -> list[float]:
        """The rates of the epoch ``last_epoch``, from the first ones."""
        return self.get_lr()

    def get_last_lr(self) -> list[float]:
        """The rates that were set last."""
        return self._last_lr

    def step(self) -> None:
        """Go on by one epoch."""
        self.last_epoch += 1
        self._set(self.get_lr())

    def restart(self) -> None:
        """Go to epoch 0: when another schedule hands over to this one."""
        self.last_epoch = 0
        self._set(self.at_epoch())

    def _set(self, rates: list[float]) -> None:
        reads(f"{type(self).__name__}.step()")  # it changes plain numbers: no step on the tape
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            set_rate(group, lr)
        self._last_lr: list[float] = self._lrs()

    def state_dict(self) -> dict[str, Any]:
        """Where the schedule is, as plain numbers and lists. Functions are not part of it."""
        return {k: v for k, v in self.__dict__.items() if k != "optimizer" and _plain(v)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go to where `state_dict` was called.

        Args:
            state_dict: what it gave.

        Errors: ValueError for an entry that this kind of schedule does not have.
        """
        unknown = [k for k in state_dict if k not in self.__dict__]
        if unknown:
            raise ValueError(f"{type(self).__name__}: the state has unknown entries {unknown}")
        self.__dict__.update(deepcopy(dict(state_dict)))


def _plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_plain(item) for item in value)
    return value is None or isinstance(value, (bool, int, float, str))


def optimizer_of(optimizer: Any) -> Optimizer:
    """The optimizer. Errors: TypeError for anything else."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"lr_scheduler: {type(optimizer).__name__} is not an Optimizer")
    return optimizer


def for_groups(name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """A list with one entry for each group. Errors: ValueError for a list of another length."""
    n = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * n
    if len(value) != n:
        raise ValueError(
            f"lr_scheduler: {name} must have the same length as optimizer.param_groups: expected "
            f"{n}, got {len(value)}"
        )
    return list(value)
