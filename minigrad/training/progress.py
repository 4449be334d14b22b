"""What is seen while training: a bar on a terminal and in a notebook, and a line an epoch."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TextIO

from minigrad.bars import Bar, bar_for, listeners
from minigrad.callbacks.callback import Callback
from minigrad.training.run import PREFIXES, logs_of


class Progress(Callback):
    """Shows a run: a bar where ``stream`` (the standard output) is a terminal or a notebook's, and
    a line for each learner after the epochs in which everything was looked at.

    ``bar`` False leaves the bar out. ``steps`` adds a line each time that so many more of an
    epoch's steps are done.
    """

    def __init__(
        self, stream: TextIO | None = None, bar: bool = True, steps: int | None = None
    ) -> None:
        self.stream = sys.stdout if stream is None else stream
        self.steps = steps
        self._wanted = bar
        self._bar: Bar | None = None
        self._told = 0

    def on_train_begin(self) -> None:
        self._bar = bar_for(self.stream) if self._wanted else None
        if self._bar is not None:
            self._draw("")
            listeners.append(self._draw)

    def on_epoch_begin(self, epoch: int) -> None:
        self._told = self.run.batch

    def watches_batches(self) -> bool:
        return self._bar is not None or self.steps is not None

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float]) -> None:
        self._draw(self._numbers("", logs))
        if self.steps is not None and (batch + 1) // self.steps > self._told // self.steps:
            self._told = batch + 1
            self._say(f"{self._where()}   step {batch + 1}", self._numbers("", logs))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float]) -> None:
        if not self.run.looked:
            return
        for learner in self.run.learners:
            logs = logs_of(self.run.history[learner.name][-1])
            parts = [
                f"{part} {self._numbers(PREFIXES[part], logs)}"
                for part in self.run.parts
                if f"{PREFIXES[part]}loss" in logs
            ]
            several = [f"{learner.name:<9}"] if len(self.run.learners) > 1 else []
            where = f"epoch {epoch + 1}/{self.run.epochs}"
            taken = f"{self.run.taken(learner.name):.1f} s"
            self._say("   ".join([*several, where]), *parts, taken)

    def on_train_end(self) -> None:
        if self._bar is not None:
            listeners.remove(self._draw)
            self._bar.stop()
            self._bar = None

    def _draw(self, words: str) -> None:
        """The bar as it stands, with these words."""
        if self._bar is not None:
            self._bar.update(*self._done(), f"{self._where()}  {words}".rstrip())

    def _done(self) -> tuple[int, int | None]:
        """The steps that are done, and all that there are."""
        steps = self.run.steps
        done = self.run.epoch * (steps or 0) + self.run.batch
        return done, None if steps is None else self.run.epochs * steps

    def _where(self) -> str:
        return f"epoch {min(self.run.epoch + 1, self.run.epochs)}/{self.run.epochs}"

    def _numbers(self, prefix: str, logs: Mapping[str, float]) -> str:
        """The loss and the metrics of a part; the unit says that it is the accuracy."""
        told = [f"loss {logs[f'{prefix}loss']:.4f}"]
        for name, metric in self.run.metrics.items():
            value = metric.form.format(logs[f"{prefix}{name}"])
            told.append(value if name == "accuracy" else f"{name} {value}")
        return ", ".join(told)

    def _say(self, *parts: str) -> None:
        """A line that stays; on a terminal that is too narrow a shorter one, or several."""
        if self._bar is None:
            print("   ".join(parts), file=self.stream, flush=True)
            return
        lines = ["   ".join(parts)]
        if len(lines[0]) > self._bar.width:
            lines = ["  ".join(" ".join(part.split()) for part in parts).replace(" loss ", " ")]
        if len(lines[0]) > self._bar.width:
            lines = [parts[0], *(f"    {part}" for part in parts[1:])]
        for line in lines:
            self._bar.say(line)
