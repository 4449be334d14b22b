"""What is done beside the steps of a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minigrad.training.learner import Learner
from minigrad.training.run import Run


class Callback:
    """Is told how a training goes: subclass it, and give it the methods that are needed.

    ``epoch`` and ``batch`` count from 0, as in Keras; where an epoch is shown or written, it counts
    from 1. ``logs`` are the first learner's numbers by name: "loss", "accuracy" and, at the end of
    an epoch, "val_loss", "val_accuracy". ``self.run.stop_training = True`` ends the training after
    the step that is under way.

    Attributes:
        run: the training; known from `on_train_begin` on.
    """

    run: Run

    @property
    def learner(self) -> Learner:
        """What learns: the model with its loss and its optimizers."""
        return self.run.learners[0]

    @property
    def model(self) -> Any:
        """The model that is trained."""
        return self.learner.model

    def on_train_begin(self) -> None:
        """Before the first epoch."""

    def on_epoch_begin(self, epoch: int) -> None:
        """Before the first batch of an epoch.

        Args:
            epoch: its number, from 0.
        """

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float]) -> None:
        """After a step, with the epoch's means so far; after some, where learners take turns.

        Args:
            batch: its number within the epoch, from 0.
            logs: the means so far, by name.
        """

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float]) -> None:
        """After an epoch, with all its numbers.

        Args:
            epoch: its number, from 0.
            logs: the numbers, by name.
        """

    def on_train_end(self) -> None:
        """After the last epoch, after a stop, and after an error."""

    def watches_batches(self) -> bool:
        """Whether it has an `on_train_batch_end` of its own; the others cost nothing there."""
        return type(self).on_train_batch_end is not Callback.on_train_batch_end
