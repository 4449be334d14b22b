"""What is known of a run while it goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from minigrad.training.learner import Learner
from minigrad.training.metrics import Metric

PREFIXES = {"train": "", "validation": "val_", "test": "test_"}
"""What stands before "loss" and the metrics of each part of the samples, in Keras's names."""


def logs_of(row: Mapping[str, float]) -> dict[str, float]:
    """A row of a history in Keras's names: train_loss is "loss", validation_loss "val_loss"."""
    logs = {}
    for key, value in row.items():
        part, _, name = key.partition("_")
        if part in PREFIXES:
            logs[PREFIXES[part] + name] = value
    return logs


@dataclass
class Tally:
    """The running sums of an epoch: the loss and the metrics, each weighed by its batch's size."""

    sums: dict[str, float] = field(default_factory=dict)
    seen: int = 0

    def add(self, size: int, means: Mapping[str, float]) -> None:
        """Count a batch of this size with these means."""
        for name, mean in means.items():
            self.sums[name] = self.sums.get(name, 0.0) + mean * size
        self.seen += size

    def result(self, prefix: str) -> dict[str, float]:
        """The means so far."""
        return {f"{prefix}_{name}": total / self.seen for name, total in self.sums.items()}


class Run:
    """Where a run is, for those who follow it.

    Attributes:
        learners: those that take turns; the first is the one that callbacks follow.
        metrics: what is counted beside the loss.
        parts: the samples that are looked at, of "train", "validation" and "test".
        epochs: the number after which the run is over.
        every: after how many epochs the samples are looked at that nothing is learned from.
        steps: batches an epoch; None as long as nobody knows.
        epoch, batch: how many epochs, and how many batches of the next one, are done.
        tallies: for each learner by name, the sums of the epoch so far.
        history: for each learner by name, a row of numbers for each finished epoch.
        seconds: for each learner by name, how long each step took.
        stop_training: set by a callback to end the run after the step that is under way.
    """

    def __init__(
        self,
        learners: Sequence[Learner],
        metrics: Mapping[str, Metric],
        parts: Sequence[str],
        epochs: int,
        every: int,
        steps: int | None,
    ) -> None:
        self.learners, self.metrics, self.parts = learners, metrics, parts
        self.epochs, self.every, self.steps = epochs, every, steps
        self.epoch = self.batch = 0
        self.tallies = {learner.name: Tally() for learner in learners}
        self.history: dict[str, list[dict[str, float]]] = {side.name: [] for side in learners}
        self.seconds: dict[str, list[float]] = {side.name: [] for side in learners}
        self.stop_training = False

    @property
    def looked(self) -> bool:
        """Whether, after the epoch that has just ended, all samples are looked at."""
        return self.epoch % self.every == 0 or self.epoch == self.epochs

    def taken(self, name: str) -> float:
        """The seconds that the steps of a learner's last epoch took."""
        return sum(self.seconds[name][-(self.steps or 0) :])

    def names(self) -> list[str]:
        """What an epoch's numbers are called: "loss", "accuracy", "val_loss" and so on."""
        return [
            f"{PREFIXES[part]}{name}" for part in self.parts for name in ("loss", *self.metrics)
        ]

    def logs(self) -> dict[str, float]:
        """The first learner's numbers of the epoch under way, so far."""
        return logs_of(self.tallies[self.learners[0].name].result("train"))
