"""The training loop: one order of batches, and one or more learners that take turns on it."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import numpy as np

from minigrad.random import Generator
from minigrad.recipes import Recipe
from minigrad.training.data import Samples, Splits
from minigrad.training.learner import Learner, NumpyArray
from minigrad.training.progress import Progress
from minigrad.utils.data import DataLoader
from minigrad.utils.data.dataset import length

TURN = 0.25
"""Seconds that a learner has before it is another's turn: short enough that a disturbance of the
machine meets all of them, long against the time that one side's idle threads go on spinning."""

LOOK = 1000
"""Samples a batch where nothing is learned."""


@dataclass
class Tally:
    """The running sums of an epoch."""

    loss: float = 0.0
    correct: int = 0
    seen: int = 0

    def add(self, loss: float, output: NumpyArray, target: NumpyArray) -> None:
        """Count a batch."""
        self.loss += loss * len(target)
        self.correct += count_correct(output, target)
        self.seen += len(target)

    def result(self, prefix: str) -> dict[str, float]:
        """Mean loss, and the accuracy in percent."""
        seen = max(self.seen, 1)
        return {
            f"{prefix}_loss": self.loss / seen,
            f"{prefix}_accuracy": 100 * self.correct / seen,
        }


def count_correct(output: NumpyArray, target: NumpyArray) -> int:
    """How many samples are right: by the largest output against a class index or a one-hot row;
    of a single output, by which side of 0.5 it is on."""
    if target.ndim == 1:
        return int((output.argmax(axis=1) == target).sum())
    if target.shape[1] == 1:
        return int(((output >= 0.5) == (target >= 0.5)).sum())
    return int((output.argmax(axis=1) == target.argmax(axis=1)).sum())


class Loop:
    """A run of a recipe, that can be stopped after any batch and go on later to the same bits.

    The position is an epoch, the number of batches of it that are done, and the generator's state
    from which this epoch's order was drawn.

    Attributes:
        history: for each learner by name, a dict of numbers for each finished epoch.
        seconds: for each learner by name, how long each step took.
    """

    def __init__(
        self, recipe: Recipe, splits: Splits, learners: Sequence[Learner], seed: int
    ) -> None:
        self.recipe, self.splits, self.learners = recipe, splits, learners
        self.generator = Generator().manual_seed(seed)
        self.loader: DataLoader[Any] = DataLoader(
            splits.train,
            batch_size=length(splits.train) if recipe.batch is None else recipe.batch,
            shuffle=recipe.batch is not None,
            generator=self.generator,
        )
        self.epoch = self.batch = self.turns = 0
        self.order = self.generator.get_state()
        self.tallies = {learner.name: Tally() for learner in learners}
        self.history: dict[str, list[dict[str, float]]] = {side.name: [] for side in learners}
        self.seconds: dict[str, list[float]] = {side.name: [] for side in learners}

    def run(
        self,
        progress: Progress,
        stop: Callable[[], bool] = lambda: False,
        after_epoch: Callable[[], None] = lambda: None,
    ) -> bool:
        """Train to the last epoch; False where ``stop()``, asked between steps, said so first."""
        progress.begin(
            (self.recipe.epochs - self.epoch) * len(self.loader) - self.batch, self.recipe.epochs
        )
        try:
            while self.epoch < self.recipe.epochs:
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
            first = self.tallies[self.learners[0].name].result("train")
            progress.step(self.epoch, len(block), first["train_loss"], first["train_accuracy"])
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
                tally.add(loss, output, y)
        self.batch += len(block)

    def _record(self, progress: Progress) -> None:
        """The epoch's numbers into the history, and a line about them."""
        looked = self.epoch % self.recipe.every == 0 or self.epoch == self.recipe.epochs
        for learner in self.learners:
            row = {"epoch": self.epoch, **self.tallies[learner.name].result("train")}
            if looked:
                if self.splits.validation is not None:
                    row |= look(learner, self.splits.validation).result("validation")
                row |= look(learner, self.splits.test).result("test")
            self.history[learner.name].append(row)
            self.tallies[learner.name] = Tally()
            if not math.isfinite(row["train_loss"]):
                raise FloatingPointError(
                    f"{self.recipe.name}: the training loss of {learner.name} is "
                    f"{row['train_loss']} in epoch {self.epoch}; try a smaller --lr"
                )
            if looked:
                name = learner.name if len(self.learners) > 1 else ""
                seconds = sum(self.seconds[learner.name][-len(self.loader) :])
                progress.line(name, row, self.recipe.epochs, seconds)

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


def look(learner: Learner, samples: Samples) -> Tally:
    """The learner's loss and accuracy on these samples."""
    tally = Tally()
    for x, y in arrays(DataLoader(samples, batch_size=LOOK, generator=Generator())):
        loss, output = learner.look(x, y)
        tally.add(loss, output, y)
    return tally


def arrays(batches: Iterable[Any]) -> Iterator[tuple[NumpyArray, NumpyArray]]:
    """Batches of tensors as NumPy arrays, which either library can take."""
    for x, y in batches:
        yield np.asarray(x.array), np.asarray(y.array)
