"""What is seen while training: a live bar on a terminal, else a plain line an epoch."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, TextIO

from minigrad.callbacks.callback import Callback
from minigrad.training.run import PREFIXES, logs_of


class Progress(Callback):
    """Shows a run: a bar where ``stream`` (the standard output) is a terminal, and a line for each
    learner after the epochs in which everything was looked at.

    ``bar`` False leaves the bar out. ``steps`` adds a line each time that so many more of an
    epoch's steps are done.
    """

    def __init__(
        self, stream: TextIO | None = None, bar: bool = True, steps: int | None = None
    ) -> None:
        self.stream = sys.stdout if stream is None else stream
        self.steps = steps
        self.live = bar and self.stream.isatty()
        self._bar: Any = None
        self._task: Any = None
        self._told = 0

    def on_train_begin(self) -> None:
        if self.live:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                TextColumn,
                TimeRemainingColumn,
            )
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=Console(file=self.stream),
            )
            done, total = self._done()
            self._task = self._bar.add_task(self._where(), completed=done, total=total)
            self._bar.start()

    def on_epoch_begin(self, epoch: int) -> None:
        self._told = self.run.batch

    def watches_batches(self) -> bool:
        return self.live or self.steps is not None

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float]) -> None:
        if self.live:
            done, total = self._done()
            words = f"{self._where()}  {self._numbers('', logs, short=False)}"
            self._bar.update(self._task, completed=done, total=total, description=words)
        if self.steps is not None and (batch + 1) // self.steps > self._told // self.steps:
            self._told = batch + 1
            self._say(f"{self._where()}   step {batch + 1}   {self._numbers('', logs)}")

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
            self._say("   ".join([*several, where, *parts, taken]))

    def on_train_end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _done(self) -> tuple[int, int | None]:
        """The steps that are done, and all that there are."""
        steps = self.run.steps
        done = self.run.epoch * (steps or 0) + self.run.batch
        return done, None if steps is None else self.run.epochs * steps

    def _where(self) -> str:
        return f"epoch {min(self.run.epoch + 1, self.run.epochs)}/{self.run.epochs}"

    def _numbers(self, prefix: str, logs: Mapping[str, float], short: bool = True) -> str:
        """The loss and the metrics of a part; short leaves the word out that a unit says."""
        told = [f"loss {logs[f'{prefix}loss']:.4f}"]
        for name, metric in self.run.metrics.items():
            value = metric.form.format(logs[f"{prefix}{name}"])
            told.append(value if short and name == "accuracy" else f"{name} {value}")
        return (", " if short else "  ").join(told)

    def _say(self, line: str) -> None:
        """A line that stays."""
        if self.live:
            self._bar.console.print(line, highlight=False, markup=False)
        else:
            print(line, file=self.stream, flush=True)
