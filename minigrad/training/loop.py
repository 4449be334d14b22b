"""The training loop: one order of batches, and one or more learners that take turns on it."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from minigrad.random import Generator
from minigrad.recipes import Recipe
from minigrad.training.learner import Learner
from minigrad.training.metrics import METRICS, Metric, NumpyArray
from minigrad.training.progress import Progress
from minigrad.training.splits import Samples, Splits
from minigrad.utils.data import DataLoader
from minigrad.utils.data.dataset import length

TURN = 0.25
"""Seconds that a learner has before it is another's turn: short enough that a disturbance of the
machine meets all of them, long against the time that one side's idle threads go on spinning."""

LOOK = 1000
"""Samples a batch where nothing is learned."""


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


class Loop:
    """A run that can be stopped after any batch and go on later to the same bits.

    The position is an epoch, the number of batches of it that are done, and the generator's state
    from which this epoch's order was drawn.

    Attributes:
        history: for each learner by name, a dict of numbers for each finished epoch.
        seconds: for each learner by name, how long each step took.
    """

    def __init__(
        self,
        learners: Sequence[Learner],
        train: Samples,
        validation: Samples | None = None,
        test: Samples | None = None,
        *,
        epochs: int,
        batch: int | None,
        shuffle: bool = True,
        seed: int = 0,
        metrics: Mapping[str, Metric] | None = None,
        every: int = 1,
    ) -> None:
        """``batch`` None takes all samples at once. The samples that nothing is learned from are
        looked at after each ``every`` epochs, and after the last."""
        self.learners = learners
        self.watched = {"validation": validation, "test": test}
        self.epochs, self.every, self.metrics = epochs, every, metrics or {}
        self.generator = Generator().manual_seed(seed)
        self.loader: DataLoader[Any] = DataLoader(
            train,
            batch_size=length(train) if batch is None else batch,
            shuffle=shuffle and batch is not None,
            generator=self.generator,
        )
        self.epoch = self.batch = self.turns = 0
        self.order = self.generator.get_state()
        self.tallies = {learner.name: Tally() for learner in learners}
        self.history: dict[str, list[dict[str, float]]] = {side.name: [] for side in learners}
        self.seconds: dict[str, list[float]] = {side.name: [] for side in learners}

    @classmethod
    def of(cls, recipe: Recipe, splits: Splits, learners: Sequence[Learner], seed: int) -> Loop:
        """The run of a recipe."""
        return cls(
            learners,
            splits.train,
            splits.validation,
            splits.test,
            epochs=recipe.epochs,
            batch=recipe.batch,
            seed=seed,
            metrics={name: METRICS[name] for name in recipe.metrics},
            every=recipe.every,
        )

    def run(
        self,
        progress: Progress,
        stop: Callable[[], bool] = lambda: False,
        after_epoch: Callable[[], None] = lambda: None,
    ) -> bool:
        """Train to the last epoch; False where ``stop()``, asked between steps, said so first."""
        progress.begin((self.epochs - self.epoch) * len(self.loader) - self.batch, self)
        try:
            while self.epoch < self.epochs:
                if not self._epoch(progress, stop):
                    return False
                after_epoch()
        finally:
            progress.end()
        return True

    def _epoch(self, progress: Progress, stop: Callable[[], bool]) -> bool:
        self.generator.set_state(self.order)
        batches = arrays(self.loader)
        next(islice(batches, self.batch, self.batch), None)  # what was done before the stop
        while block := list(islice(batches, self._turn_length())):
            self._block(block)
            progress.step(self.epoch, len(block), self.tallies[self.learners[0].name].result(""))
            if stop():
                return False
        self.order = self.generator.get_state()
        self.epoch, self.batch = self.epoch + 1, 0
        self._record(progress)
        return True

    def _turn_length(self) -> int:
        """How many batches make a turn; one where nobody waits for it."""
        known = self.seconds[self.learners[0].name][-100:]
        if len(self.learners) == 1 or not known:
            return 1
        return max(1, math.ceil(TURN / statistics.median(known)))

    def _block(self, block: list[tuple[NumpyArray, NumpyArray]]) -> None:
        """A few batches for every learner, each time another one first."""
        self.turns += 1
        first = self.turns % len(self.learners)
        for learner in (*self.learners[first:], *self.learners[:first]):
            tally, seconds = self.tallies[learner.name], self.seconds[learner.name]
            for x, y in block:
                start = time.perf_counter()
                loss, output = learner.step(x, y)
                seconds.append(time.perf_counter() - start)
                tally.add(len(x), measured(self.metrics, loss, output, y))
        self.batch += len(block)

    def _record(self, progress: Progress) -> None:
        """The epoch's numbers into the history, and a line about them."""
        looked = self.epoch % self.every == 0 or self.epoch == self.epochs
        for learner in self.learners:
            row = {"epoch": self.epoch, **self.tallies[learner.name].result("train")}
            if looked:
                for part, samples in self.watched.items():
                    if samples is not None:
                        row |= look(learner, samples, self.metrics).result(part)
            self.history[learner.name].append(row)
            self.tallies[learner.name] = Tally()
            if not math.isfinite(row["train_loss"]):
                raise FloatingPointError(
                    f"the training loss of {learner.name} is {row['train_loss']} in epoch "
                    f"{self.epoch}; try a smaller learning rate (--lr)"
                )
            if looked:
                seconds = sum(self.seconds[learner.name][-len(self.loader) :])
                progress.line(learner.name, row, seconds)

    # -- stopping and going on ------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Where the run is; the learners' own states are not in it."""
        return {
            "epoch": self.epoch,
            "batch": self.batch,
            "order": self.order,
            "tallies": {name: asdict(tally) for name, tally in self.tallies.items()},
            "history": self.history,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go to where `state_dict` was called."""
        self.epoch, self.batch, self.order = state["epoch"], state["batch"], state["order"]
        self.tallies = {name: Tally(**sums) for name, sums in state["tallies"].items()}
        self.history = state["history"]


def measured(
    metrics: Mapping[str, Metric], loss: float, output: NumpyArray, target: NumpyArray
) -> dict[str, float]:
    """A batch's loss and metrics."""
    return {"loss": loss, **{name: each.of(output, target) for name, each in metrics.items()}}


def look(learner: Learner, samples: Samples, metrics: Mapping[str, Metric]) -> Tally:
    """The learner's loss and metrics on these samples."""
    tally = Tally()
    for x, y in arrays(DataLoader(samples, batch_size=LOOK, generator=Generator())):
        loss, output = learner.look(x, y)
        tally.add(len(x), measured(metrics, loss, output, y))
    return tally


def arrays(batches: Iterable[Any]) -> Iterator[tuple[NumpyArray, NumpyArray]]:
    """Batches of tensors as NumPy arrays, which either library can take."""
    for x, y in batches:
        yield np.asarray(x.array), np.asarray(y.array)
