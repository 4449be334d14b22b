"""One number of each epoch, and whether it is the best so far."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Any

from minigrad.callbacks.callback import Callback
from minigrad.training.run import Run

MODES = ("auto", "max", "min")


class Monitor(Callback):
    """A callback that looks at one number.

    ``monitor`` is its name. ``mode`` says whether the least ("min") or the largest ("max") is the
    best; "auto" knows it of losses and of minigrad's own metrics. An improvement of ``min_delta``
    or less counts for nothing.
    Errors: ValueError for another mode, and before the first epoch for a name that the training
    does not have, or whose mode nobody knows.
    """

    def __init__(self, monitor: str, mode: str, min_delta: float) -> None:
        if mode not in MODES:
            raise ValueError(
                f"{type(self).__name__}: expected mode to be one of {', '.join(MODES)}, "
                f"got {mode!r}"
            )
        self.monitor, self.mode, self.min_delta = monitor, mode, abs(min_delta)
        self.best = math.nan
        self._sign = 1.0

    def on_train_begin(self) -> None:
        known = known_name(self, self.monitor, self.run.names())
        mode = best_is(self.run, known) if self.mode == "auto" else self.mode
        if mode is None:
            raise ValueError(
                f"{type(self).__name__}: whether {known!r} is best at its least or at its "
                'largest is not known; say mode="min" or mode="max"'
            )
        self._sign = 1.0 if mode == "min" else -1.0
        self.best = math.inf * self._sign

    def improved(self, logs: Mapping[str, float]) -> bool:
        """Whether this epoch's number is the best so far, which is remembered."""
        value = logs[self.monitor]
        better = self._sign * value < self._sign * self.best - self.min_delta
        if better:
            self.best = value
        return better


def best_is(run: Run, name: str) -> str | None:
    """ "min" or "max", for a loss and for metrics of which it is known."""
    metric = name.removeprefix("val_").removeprefix("test_")
    return "min" if metric == "loss" else run.metrics[metric].best


def known_name(owner: Any, name: str, names: Iterable[str]) -> str:
    """The name, if it is one of the names. Errors: ValueError with the close ones."""
    names = list(names)
    if name in names:
        return name
    close = difflib.get_close_matches(name, names, n=2)
    meant = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
    need = "; 'val_' numbers need validation data" if name.startswith("val_") else ""
    raise ValueError(
        f"{type(owner).__name__}: this training has no {name!r}; {meant}"
        f"there are {', '.join(names)}{need}"
    )
