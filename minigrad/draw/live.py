"""Curves that grow while a network is trained: `LivePlot`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from minigrad.bars import in_notebook
from minigrad.draw.curves import draw_curves, draw_on, sides_of
from minigrad.draw.plot import look

FILE = "live.png"
"""Where the curves go when there is neither a notebook nor a window."""


class LivePlot:
    """Draws a history anew whenever it has grown: `update`, and `finish` at the end.

    In a notebook the cell's output is replaced; where matplotlib has a window, it is drawn again;
    else, and wherever ``path`` is given, a file (.png, .svg, .pdf) is written anew, whole or not at
    all, so that a viewer can stay open on it. ``pause`` is the least time between two drawings in
    seconds, so that quick epochs are not slowed down.

    Args:
        title: what stands above.
    """

    def __init__(
        self, path: str | Path | None = None, *, title: str = "", pause: float = 0.5
    ) -> None:
        self.path = None if path is None else Path(path)
        self.title, self.pause = title, pause
        self._drawn = -float("inf")
        self._waiting: Any = None  # the history that was not drawn yet
        self._cell: Any = None
        self._window: Any = None

    def update(self, history: Any) -> None:
        """Show the history as it is now, in any of `draw_curves`'s forms; nothing where it is
        empty, and not before the pause is over.

        Args:
            history: what `draw_curves` takes.
        """
        self._waiting = history
        if time.monotonic() - self._drawn >= self.pause:
            self.finish()

    def finish(self) -> None:
        """Show what waits for the end of a pause."""
        history, self._waiting = self._waiting, None
        if history is None or not any(map(len, sides_of(history).values())):
            return
        if self.path is not None:
            draw_curves(history, self.path, title=self.title)
        elif in_notebook():
            self._in_cell(history)
        else:
            self._in_window(history)
        self._drawn = time.monotonic()

    def _in_cell(self, history: Any) -> None:
        from IPython.display import display

        plot = draw_curves(history, title=self.title)
        if self._cell is None:
            self._cell = display(plot, display_id=True)
        else:
            self._cell.update(plot)

    def _in_window(self, history: Any) -> None:
        import matplotlib.pyplot as plt

        with look():
            if self._window is None:
                self._window = plt.figure(layout="constrained")
            if self._window.canvas.required_interactive_framework is None:
                plt.close(self._window)
                self.path = Path(FILE)
                print(f"no notebook and no window: the curves are in {self.path.resolve()}")
                draw_curves(history, self.path, title=self.title)
                return
            draw_on(self._window, sides_of(history), self.title)
            self._window.canvas.draw_idle()
            self._window.show()
            self._window.canvas.flush_events()
