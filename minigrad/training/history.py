"""What `fit` returns: the numbers of every epoch."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence

from minigrad.draw import draw_curves
from minigrad.draw.picture import Picture
from minigrad.serialization.whole import write_whole
from minigrad.training.run import logs_of


class History:
    """The numbers of a training, epoch by epoch.

    Attributes:
        history: lists by name, as in Keras: "loss", "accuracy", "val_loss", "val_accuracy".
            Accuracy is in percent.
        epochs: the numbers of the epochs, from 1.
    """

    def __init__(self, rows: Sequence[dict[str, float]]) -> None:
        self._rows = rows
        self.epochs = [int(row["epoch"]) for row in rows]
        logs = [logs_of(row) for row in rows]
        self.history = {name: [log[name] for log in logs] for name in (logs[0] if logs else ())}

    def plot(self, path: str | os.PathLike[str] | None = None, *, title: str = "") -> Picture:
        """The curves as a picture, which a notebook shows, written to ``path`` if one is given.
        Errors: as `minigrad.draw.draw_curves`."""
        return draw_curves(self, path, title=title)

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """A line an epoch, in a file that is whole or the one before. Errors: OSError."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(["epoch", *self.history])
        writer.writerows(zip(self.epochs, *self.history.values(), strict=True))
        write_whole(path, text.getvalue().encode(), "to_csv")

    def _repr_svg_(self) -> str | None:
        return self.plot()._repr_svg_() if self.epochs else None

    def __repr__(self) -> str:
        count = f"{len(self.epochs)} epoch{'' if len(self.epochs) == 1 else 's'}"
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.history.items())
        return f"History({count}{': ' if last else ''}{last})"
