"""What a process used: processor time, its own and that of the others, and memory at its peak.

The system tells both under /proc. Where there is none, nobody else is seen and memory is unknown.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

_STATUS = Path("/proc/self/status")


class Watch:
    """Counts from its making. ``foreign`` is the share of one core that other processes used."""

    def __init__(self) -> None:
        self._busy, self._own = _busy_seconds(), time.process_time()
        self._start = time.perf_counter()

    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start

    def foreign(self) -> float:
        """The others' processor seconds for each second since the start."""
        elapsed = self.elapsed()
        others = (_busy_seconds() - self._busy) - (time.process_time() - self._own)
        # The system counts in hundredths of a second; two of them are no sign of anybody.
        return max(0.0, others - 0.02) / elapsed


def _busy_seconds() -> float:
    """Processor time of everybody on this machine; 0 where the system does not tell."""
    try:
        with open("/proc/stat") as file:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(
                int, file.readline().split()[1:9]
            )
    except (OSError, ValueError):
        return 0.0
    ticks = user + nice + system + irq + softirq + steal
    return ticks / os.sysconf("SC_CLK_TCK")


def forget_peak() -> None:
    """Let the peak of this process's memory begin anew at what it holds now."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass  # then the peak before now counts


def peak_mb() -> float | None:
    """The most memory that this process ever held, in MB (VmHWM); None where it is not told."""
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    except OSError:
        return None
    return None if found is None else int(found[1]) * 1024 / 1e6
