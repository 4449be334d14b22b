"""What the queue is at: a small table on a terminal, else a line a part."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.gpu.part import Part
from benchmarks.gpu.record import BROKEN, DRY, Record


class Progress:
    """A row for each kind of part: how many are done, which are at work, what went wrong."""

    def __init__(self, plan: Sequence[Part], record: Record, dry: bool) -> None:
        self._plan, self._record, self._dry = plan, record, dry
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._live: Any = None

    def __call__(self, part: Part, state: str) -> None:
        """A part's state has changed."""
        with self._lock:
            if self._live is not None:
                self._live.update(self.table())
            elif state != "running":
                print(self._line(part, state), file=sys.stderr, flush=True)

    def _line(self, part: Part, state: str) -> str:
        mark = f"{DRY[:7]}: " if self._dry else ""
        if state == "left":
            return f"{mark}{part.name}: left, it may take {part.seconds:.0f} s"
        entry = self._record.parts[part.name]
        why = f": {entry['why']}" if state in BROKEN else ""
        count = len(entry["findings"])
        return f"{mark}{part.name}: {state} in {entry['seconds']:.1f} s, {count} findings{why}"

    def table(self) -> Any:
        """As it is now."""
        from rich.box import SIMPLE
        from rich.table import Table

        title = f"gpu-check, {time.monotonic() - self._begun:.0f} s"
        shown = Table("part", "done", "at work", "wrong", title=title, box=SIMPLE)
        for kind in dict.fromkeys(part.kind for part in self._plan):
            names = [part.name for part in self._plan if part.kind == kind]
            states = {name: self._record.state(name) for name in names}
            count = Counter(states.values())
            running = [
                name.partition(":")[2] or name for name in names if states[name] == "running"
            ]
            broken = sum(count[state] for state in BROKEN)
            shown.add_row(
                kind, f"{count['done']} of {len(names)}", ", ".join(running), str(broken or "")
            )
        return shown

    @contextmanager
    def shown(self) -> Iterator[None]:
        """While the queue is at work."""
        if not sys.stderr.isatty():
            yield
            return
        from rich.console import Console
        from rich.live import Live

        with Live(self.table(), console=Console(stderr=True), refresh_per_second=4) as self._live:
            yield
            self._live.update(self.table())
