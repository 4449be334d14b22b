"""Changing the learning rate as the training goes on."""

from __future__ import annotations

from collections.abc import Mapping

from minigrad.callbacks.callback import Callback
from minigrad.callbacks.monitor import known_name
from minigrad.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau


class LearningRate(Callback):
    """Steps a schedule of `optim.lr_scheduler`: after each epoch, or with ``every="batch"`` after
    each step, for OneCycleLR and CyclicLR. A ReduceLROnPlateau is shown ``monitor``.

    Errors: TypeError for what is no schedule; ValueError for a ReduceLROnPlateau with "batch", and
    before the first epoch for a schedule of another optimizer or an unknown ``monitor``.
    """

    def __init__(
        self, scheduler: LRScheduler, monitor: str = "val_loss", every: str = "epoch"
    ) -> None:
        """
        Args:
            scheduler: the schedule, of the optimizer that trains.
            monitor: the number that a ReduceLROnPlateau is shown.
            every: "epoch" or "batch".
        """
        if not isinstance(scheduler, LRScheduler):
            raise TypeError(
                "LearningRate: expected a schedule of optim.lr_scheduler, such as "
                f"StepLR(optimizer, 10), got {scheduler!r}"
            )
        if every not in ("batch", "epoch"):
            raise ValueError(f'LearningRate: expected every="epoch" or "batch", got {every!r}')
        if isinstance(scheduler, ReduceLROnPlateau) and every == "batch":
            raise ValueError('LearningRate: ReduceLROnPlateau looks at epochs, got every="batch"')
        self.scheduler, self.monitor, self.every = scheduler, monitor, every

    def on_train_begin(self) -> None:
        if self.scheduler.optimizer not in self.learner.optimizers.values():
            raise ValueError(
                "LearningRate: the schedule is of another optimizer than the training's; give "
                "both the same one"
            )
        if isinstance(self.scheduler, ReduceLROnPlateau):
            known_name(self, self.monitor, self.run.names())

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float]) -> None:
        if self.every == "batch":
            self.scheduler.step()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float]) -> None:
        if isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step(logs[self.monitor])
        elif self.every == "epoch":
            self.scheduler.step()
