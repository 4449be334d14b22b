"""What is seen while training: a live bar on a terminal, else a plain line an epoch."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

from minigrad.training.metrics import Metric

if TYPE_CHECKING:
    from minigrad.training.loop import Loop


class Progress:
    """Follows a run. ``quiet`` shows nothing at all."""

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        self.stream = sys.stdout if stream is None else stream
        self.quiet = quiet
        self.live = not quiet and self.stream.isatty()
        self.epochs = 0
        self.names = False
        self.metrics: Mapping[str, Metric] = {}
        self._bar: Any = None
        self._task: Any = None

    def begin(self, steps: int, loop: Loop) -> None:
        """The run starts, with so many steps ahead."""
        self.epochs, self.metrics, self.names = loop.epochs, loop.metrics, len(loop.learners) > 1
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
            self._task = self._bar.add_task(f"epoch 1/{self.epochs}", total=steps)
            self._bar.start()

    def step(self, epoch: int, steps: int, means: Mapping[str, float]) -> None:
        """Some steps are done; the means are the epoch's so far, by "_loss" and "_accuracy"."""
        if self.live:
            self._bar.update(
                self._task,
                advance=steps,
                description=f"epoch {epoch + 1}/{self.epochs}  {self._told('', means, '  ')}",
            )

    def line(self, name: str, row: Mapping[str, float], seconds: float) -> None:
        """An epoch's numbers and the time that its steps took, on a line that stays."""
        if self.quiet:
            return
        parts = [f"epoch {int(row['epoch'])}/{self.epochs}"]
        parts += [
            f"{part} {self._told(part, row, ', ')}"
            for part in ("train", "validation", "test")
            if f"{part}_loss" in row
        ]
        parts.append(f"{seconds:.1f} s")
        text = "   ".join([f"{name:<9}", *parts] if self.names else parts)
        if self.live:
            self._bar.console.print(text, highlight=False)
        else:
            print(text, file=self.stream, flush=True)

    def _told(self, part: str, means: Mapping[str, float], comma: str) -> str:
        """The loss and the metrics of a part; a line leaves the word out that its unit says."""
        told = [f"loss {means[f'{part}_loss']:.4f}"]
        for name, metric in self.metrics.items():
            value = metric.form.format(means[f"{part}_{name}"])
            told.append(value if part and name == "accuracy" else f"{name} {value}")
        return comma.join(told)

    def end(self) -> None:
        """The run is over, or was stopped."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
