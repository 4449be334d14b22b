"""Stopping when there is no progress any more."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from minigrad.callbacks.monitor import Monitor


class EarlyStopping(Monitor):
    """Ends a training after ``patience`` epochs in a row in which ``monitor`` did not improve by
    more than ``min_delta``; with a patience of 0 or 1, after the first such epoch, as in Keras.

    With ``restore_best_weights`` the model has in the end, however the training ended, the weights
    and buffers of its best epoch.
    Errors: those of a monitored name and mode.

    Attributes:
        best, best_epoch: the best value, and its epoch, which counts from 0.
        stopped_epoch: the epoch after which the training was ended; None where it was not.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        mode: str = "auto",
        restore_best_weights: bool = False,
    ) -> None:
        """
        Args:
            monitor: the name of the number that is looked at.
            min_delta: what an improvement has to exceed.
            patience: epochs without improvement that are borne.
            mode: "min" where less is better, "max" where more is; "auto" knows it of losses and of
                minigrad's own metrics.
            restore_best_weights: end with the weights of the best epoch.
        """
        super().__init__(monitor, mode, min_delta)
        if patience < 0:
            raise ValueError(f"EarlyStopping: expected patience of at least 0, got {patience}")
        self.patience, self.restore_best_weights = patience, restore_best_weights

    def on_train_begin(self) -> None:
        super().on_train_begin()
        self.best_epoch, self._waited = -1, 0
        self.stopped_epoch: int | None = None
        self._weights: dict[str, Any] | None = None

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float]) -> None:
        if self.improved(logs):
            self.best_epoch, self._waited = epoch, 0
            if self.restore_best_weights:
                self._weights = deepcopy(self.model.state_dict())
            return
        self._waited += 1
        if self._waited >= self.patience:
            self.stopped_epoch = epoch
            self.run.stop_training = True

    def on_train_end(self) -> None:
        if self._weights is not None:
            self.model.load_state_dict(self._weights)
