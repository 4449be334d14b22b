"""The training loop: one order of batches, and one or more learners that take turns on it."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from itertools import islice
from typing import Any

from minigrad.callbacks.callback import Callback
from minigrad.random import Generator, default_generator
from minigrad.recipes import Recipe
from minigrad.tensor import Tensor
from minigrad.training.learner import Learner
from minigrad.training.metrics import METRICS, Metric, NumpyArray
from minigrad.training.run import Run, Tally, logs_of
from minigrad.training.splits import Loader, Samples, Splits
from minigrad.utils.data import DataLoader
from minigrad.utils.data.dataset import length

TURN = 0.25
"""Seconds that a learner has before it is another's turn: short enough that a disturbance of the
machine meets all of them, long against the time that one side's idle threads go on spinning."""

LOOK = 1000
"""Samples a batch where nothing is learned."""

PAIRS = "training: expected batches of two tensors, inputs and targets; got"


class Loop(Run):
    """A run that can be stopped after any batch and go on later to the same bits.

    The position is an epoch, the number of batches of it that are done, and the generator's state
    from which this epoch's order was drawn.
    """

    def __init__(
        self,
        learners: Sequence[Learner],
        train: Loader,
        validation: Samples | Loader | None = None,
        test: Samples | Loader | None = None,
        *,
        epochs: int,
        metrics: Mapping[str, Metric] | None = None,
        every: int = 1,
        look: int = LOOK,
    ) -> None:
        """``train`` has the batches to learn from, in an order that its own generator draws. The
        samples that nothing is learned from are looked at after each ``every`` epochs, and after
        the last, ``look`` at a time."""
        watched = {"validation": validation, "test": test}
        self.watched = {part: found for part, found in watched.items() if found is not None}
        parts = ("train", *self.watched)
        super().__init__(learners, metrics or {}, parts, epochs, every, count(train))
        self.loader, self.look = train, look
        self.generator = train.generator or default_generator
        self.order = self.generator.get_state()
        self.turns = 0

    @classmethod
    def of(cls, recipe: Recipe, splits: Splits, learners: Sequence[Learner], seed: int) -> Loop:
        """The run of a recipe."""
        whole = recipe.batch is None
        loader: Loader = DataLoader(
            splits.train,
            batch_size=length(splits.train) if whole else recipe.batch,
            shuffle=not whole,
            generator=Generator().manual_seed(seed),
        )
        return cls(
            learners,
            loader,
            splits.validation,
            splits.test,
            epochs=recipe.epochs,
            metrics={name: METRICS[name] for name in recipe.metrics},
            every=recipe.every,
        )

    def skip(self, epochs: int) -> None:
        """Begin after so many epochs, with the order that the next one has in a run from the start
        on."""
        for _ in range(epochs):
            iter(self.loader)
        self.epoch, self.order = epochs, self.generator.get_state()

    def run(
        self, callbacks: Sequence[Callback] = (), stop: Callable[[], bool] = lambda: False
    ) -> bool:
        """Train to the last epoch, or to that after which a callback says that it is enough.

        Between steps ``stop()`` is asked, and False returned where the run was stopped there.
        """
        self.stop_training = False
        with ExitStack() as ends:
            for callback in callbacks:
                callback.run = self
                callback.on_train_begin()
                ends.callback(callback.on_train_end)
            while self.epoch < self.epochs and not self.stop_training:
                if not self._epoch(callbacks, stop):
                    return False
        return True

    def _epoch(self, callbacks: Sequence[Callback], stop: Callable[[], bool]) -> bool:
        if self.batch:  # the epoch has begun before: the same order again
            self.generator.set_state(self.order)
        epoch = self.epoch
        for callback in callbacks:
            callback.on_epoch_begin(epoch)
        batches = arrays(self.loader)
        next(islice(batches, self.batch, self.batch), None)  # what was done before the stop
        close = [each for each in callbacks if each.watches_batches()]
        while block := list(islice(batches, self._turn_length())):
            self._block(block)
            if close:
                logs = self.logs()
                for callback in close:
                    callback.on_train_batch_end(self.batch - 1, logs)
            if stop() or self.stop_training:
                return False
        if not self.batch:
            raise ValueError("training: an epoch without a batch; the data gave none")
        self.order = self.generator.get_state()
        self.epoch, self.batch, self.steps = self.epoch + 1, 0, self.batch
        logs = self._record()
        for callback in callbacks:
            callback.on_epoch_end(epoch, logs)
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

    def _record(self) -> dict[str, float]:
        """The epoch's numbers into the history; those of the first learner as logs."""
        for learner in self.learners:
            row = {"epoch": self.epoch, **self.tallies[learner.name].result("train")}
            if self.looked:
                for part, samples in self.watched.items():
                    row |= look(learner, samples, self.metrics, self.look).result(part)
            self.history[learner.name].append(row)
            self.tallies[learner.name] = Tally()
            if not math.isfinite(row["train_loss"]):
                raise FloatingPointError(
                    f"the training loss of {learner.name} is {row['train_loss']} in epoch "
                    f"{self.epoch}; try a smaller learning rate (lr, or --lr)"
                )
        return logs_of(self.history[self.learners[0].name][-1])

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
        self.generator.set_state(self.order)
        self.tallies = {name: Tally(**sums) for name, sums in state["tallies"].items()}
        self.history = state["history"]


def measured(
    metrics: Mapping[str, Metric], loss: float, output: NumpyArray, target: NumpyArray
) -> dict[str, float]:
    """A batch's loss and metrics."""
    return {"loss": loss, **{name: each.of(output, target) for name, each in metrics.items()}}


def look(
    learner: Learner, samples: Samples | Loader, metrics: Mapping[str, Metric], size: int = LOOK
) -> Tally:
    """The learner's loss and metrics on these samples, taken ``size`` at a time."""
    tally = Tally()
    for x, y in arrays(in_order(samples, size)):
        loss, output = learner.look(x, y)
        tally.add(len(x), measured(metrics, loss, output, y))
    return tally


def in_order(samples: Samples | Loader, size: int) -> Loader:
    """The samples in batches of this size, each time with the same draws; a loader as it is."""
    if isinstance(samples, DataLoader):
        return samples
    return DataLoader(samples, batch_size=size, generator=Generator())


def count(loader: Loader) -> int | None:
    """How many batches a loader has; None for a stream that does not say."""
    try:
        return len(loader)
    except TypeError:
        return None


def arrays(batches: Iterable[Any]) -> Iterator[tuple[NumpyArray, NumpyArray]]:
    """Batches of tensors as NumPy arrays, which either library can take.

    Errors: TypeError for batches that are no pairs of tensors, or not on the CPU.
    """
    for batch in batches:
        match batch:
            case [Tensor() as x, Tensor() as y]:
                yield x.numpy(), y.numpy()
            case [*parts]:
                raise TypeError(f"{PAIRS} [{', '.join(type(part).__name__ for part in parts)}]")
            case _:
                raise TypeError(f"{PAIRS} {type(batch).__name__}")
