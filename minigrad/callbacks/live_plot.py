"""Curves that grow while a network is trained."""

from __future__ import annotations

import os
from collections.abc import Mapping

from minigrad import draw
from minigrad.callbacks.callback import Callback


class LivePlot(Callback):
    """Draws the loss and the metrics anew as epochs end: in the cell of a notebook, in a window, or
    in a file, "live.png" if there is neither, or ``path`` (.png, .svg, .pdf).

    ``pause`` is the least time between two drawings in seconds; the last one always comes.
    Errors: ValueError for another ending of the path, OSError.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None = None, *, title: str = "", pause: float = 0.5
    ) -> None:
        """
        Args:
            path: the file; None draws in the notebook or in a window.
            title: what stands above.
            pause: the least seconds between two drawings.
        """
        self.plot = draw.LivePlot(
            None if path is None else os.fspath(path), title=title, pause=pause
        )

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float]) -> None:
        self.plot.update(self.run.history)

    def on_train_end(self) -> None:
        self.plot.finish()
