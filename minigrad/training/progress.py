"""What is seen while training: a live bar on a terminal, else a plain line an epoch."""

from __future__ import annotations

import sys
from typing import Any, TextIO


class Progress:
    """Follows a run. ``quiet`` shows nothing at all."""

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        self.stream = sys.stdout if stream is None else stream
        self.quiet = quiet
        self.live = not quiet and self.stream.isatty()
        self.epochs = 0
        self._bar: Any = None
        self._task: Any = None

    def begin(self, steps: int, epochs: int) -> None:
        """The run starts, with so many steps ahead."""
        self.epochs = epochs
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
            self._task = self._bar.add_task(f"epoch 1/{epochs}", total=steps)
            self._bar.start()

    def step(self, epoch: int, steps: int, loss: float, accuracy: float) -> None:
        """Some steps are done; loss and accuracy are the epoch's so far."""
        if self.live:
            self._bar.update(
                self._task,
                advance=steps,
                description=f"epoch {epoch + 1}/{self.epochs}  loss {loss:.4f}  "
                f"accuracy {accuracy:5.2f} %",
            )

    def line(self, name: str, row: dict[str, float], epochs: int, seconds: float) -> None:
        """An epoch's numbers and the time that its steps took, on a line that stays."""
        if self.quiet:
            return
        parts = [f"epoch {int(row['epoch'])}/{epochs}"]
        for part in ("train", "validation", "test"):
            if f"{part}_loss" in row:
                parts.append(
                    f"{part} loss {row[f'{part}_loss']:.4f}, {row[f'{part}_accuracy']:.2f} %"
                )
        parts.append(f"{seconds:.1f} s")
        text = "   ".join([f"{name:<9}", *parts] if name else parts)
        if self.live:
            self._bar.console.print(text, highlight=False)
        else:
            print(text, file=self.stream, flush=True)

    def end(self) -> None:
        """The run is over, or was stopped."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
