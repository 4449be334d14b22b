"""Ctrl-C and SIGTERM as a wish, granted between two steps."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

WISHES = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Inside ``with Stop() as stop``, the first Ctrl-C or SIGTERM makes ``stop()`` true and nothing
    else, so that a step is never cut in half; a second signal does what it does as usual.

    A signal that is ignored, as Ctrl-C by programs in the background, stays ignored; so do those
    that another program's code waits for outside of Python.
    """

    def __init__(self) -> None:
        self.asked: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stop:
        if threading.current_thread() is threading.main_thread():
            for number in WISHES:
                before = signal.getsignal(number)
                if before not in (signal.SIG_IGN, None):
                    self._before[number] = before
                    signal.signal(number, self._ask)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def __call__(self) -> bool:
        return self.asked is not None

    @property
    def status(self) -> int:
        """The exit status of a program that was asked to stop: 130 or 143."""
        return 128 + (self.asked or 0)

    def pass_on(self) -> None:
        """After the block: do what SIGTERM would have done, if it was that. Ctrl-C was meant for
        what has stopped."""
        if self.asked == signal.SIGTERM:
            signal.raise_signal(signal.SIGTERM)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked is None:
            self.asked = number
            return
        signal.signal(number, self._before[number])
        signal.raise_signal(number)
