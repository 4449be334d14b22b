"""The model in a file, as the training goes on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from minigrad.callbacks.monitor import Monitor, known_name
from minigrad.serialization import save


class Checkpoint(Monitor):
    """Saves the model after each epoch, or with ``save_best_only`` after those in which ``monitor``
    was the best so far: Keras's ModelCheckpoint.

    ``path`` may name the epoch, from 1, and its numbers: "weights-{epoch:02d}-{val_loss:.3f}".
    ``save_weights_only`` saves the state_dict, which loads into a model that is there; else it is
    the whole model. The file is whole or the one before; `minigrad.load` reads it.
    Errors: those of a monitored name and mode, ValueError for another name in the path, both
    before the first epoch; those of `minigrad.save`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        monitor: str = "val_loss",
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
    ) -> None:
        """
        Args:
            path: the file; it may name the epoch and its numbers.
            monitor: the name of the number that is looked at.
            save_best_only: save only where it was the best so far.
            save_weights_only: save the state_dict, not the whole model.
            mode: "min" where less is better, "max" where more is; "auto" knows it of losses and of
                minigrad's own metrics.
        """
        super().__init__(monitor, mode, 0.0)
        self.path = os.fspath(path)
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only

    def on_train_begin(self) -> None:
        if self.save_best_only:
            super().on_train_begin()
        named = dict.fromkeys(self.run.names(), 0.0)
        try:
            self._path(0, named)
        except KeyError as error:
            known_name(self, error.args[0], ["epoch", *named])

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float]) -> None:
        if self.save_best_only and not self.improved(logs):
            return
        path = self._path(epoch, logs)
        path.parent.mkdir(parents=True, exist_ok=True)
        save(self.model.state_dict() if self.save_weights_only else self.model, path)

    def _path(self, epoch: int, logs: Mapping[str, float]) -> Path:
        return Path(self.path.format(epoch=epoch + 1, **logs))
