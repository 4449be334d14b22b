"""The minutes that a run has, and who may use them."""

from __future__ import annotations

import time


class Budget:
    """Counts down from its making."""

    def __init__(self, minutes: float) -> None:
        self.seconds = 60 * minutes
        self._end = time.monotonic() + self.seconds

    def left(self) -> float:
        """Seconds that are left; less than 0 where there are none."""
        return self._end - time.monotonic()

    def share(self, part: float, keep: float = 0.0) -> float:
        """Seconds for something that may take this part of the whole, so that another part of it
        is still there afterwards."""
        return min(part * self.seconds, self.left() - keep * self.seconds)
