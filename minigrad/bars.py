"""Bars of progress: on a terminal, in a notebook, and nowhere else.

What takes long further down, such as building kernels, tells it by `working`: in the bar that is
shown, or else on stderr.
"""

from __future__ import annotations

import html
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

AT_ONCE = 1.0
"""Seconds after which a terminal or a notebook is told what is waited for."""
AT_LAST = 60.0
"""The same for a file or a pipe: who reads it later has not waited."""

EVERY = 0.5
"""Seconds between two words to a terminal on how long it has taken."""


class Bar(Protocol):
    """A bar with words before it. ``say`` leaves a line above it."""

    @property
    def width(self) -> int: ...

    def update(self, done: int, total: int | None, words: str) -> None: ...

    def say(self, line: str) -> None: ...

    def stop(self) -> None: ...


class TerminalBar:
    """A bar by rich, which draws itself anew ten times a second."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Rich
        from rich.table import Column

        self._rich = Rich(
            TextColumn(
                "{task.description}",
                markup=False,
                table_column=Column(no_wrap=True, overflow="ellipsis"),
            ),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(file=stream),
        )
        self._task = self._rich.add_task("", total=None)
        self._rich.start()

    @property
    def width(self) -> int:
        """The terminal's columns."""
        return self._rich.console.width

    def update(self, done: int, total: int | None, words: str) -> None:
        """Draw it with so much done."""
        self._rich.update(self._task, completed=done, total=total, description=words)

    def say(self, line: str) -> None:
        """Print a line above it."""
        self._rich.console.print(line, highlight=False, markup=False, soft_wrap=True)

    def stop(self) -> None:
        """Leave it as it is."""
        self._rich.stop()


class NotebookBar:
    """A bar in the output of a cell, of plain HTML: it needs no widgets."""

    EVERY = 0.2
    """Seconds between two pictures of it: a notebook keeps up with no more."""

    def __init__(self) -> None:
        from IPython.display import HTML, display

        self._html, self._last = HTML, 0.0
        self._state: tuple[int, int | None, str] = (0, None, "")
        self._cell = display(self._drawn(), display_id=True)

    @property
    def width(self) -> int:
        """The characters of a line in a cell's output."""
        return 100

    def update(self, done: int, total: int | None, words: str) -> None:
        """Draw it with so much done, if it is time."""
        self._state = done, total, words
        if time.monotonic() - self._last >= self.EVERY:
            self._last = time.monotonic()
            self._cell.update(self._drawn())

    def say(self, line: str) -> None:
        """Print a line below it."""
        print(line, flush=True)

    def stop(self) -> None:
        """Leave it as it is."""
        self._cell.update(self._drawn())

    def _drawn(self) -> Any:
        done, total, words = self._state
        value = "" if total is None else f" value='{done}' max='{total}'"
        count = f"{done}" if total is None else f"{done}/{total}"
        return self._html(f"<progress{value}></progress> {count} &nbsp; {html.escape(words)}")


def bar_for(stream: TextIO) -> Bar | None:
    """A bar where somebody sees it: ``stream`` is a terminal, or this is a notebook."""
    if stream.isatty():
        return TerminalBar(stream)
    return NotebookBar() if in_notebook() and stream is sys.stdout else None


def track(numbers: range, words: Callable[[], str]) -> Iterator[int]:
    """The numbers, with a bar while they are gone through; ``words`` says how it stands."""
    shown = bar_for(sys.stdout)
    try:
        for done, each in enumerate(numbers, 1):
            yield each
            if shown is not None:
                shown.update(done, len(numbers), words())
    finally:
        if shown is not None:
            shown.stop()


def in_notebook() -> bool:
    """Whether this runs in a Jupyter kernel. IPython is not imported to find out."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


# -- what is waited for further down ---------------------------------------------------------------

listeners: list[Callable[[str], None]] = []
"""Who shows what is waited for in the place of stderr: the last is told, "" at the end."""


@contextmanager
def working(what: str) -> Iterator[None]:
    """While this block lasts for long, say what is being done."""
    over = threading.Event()
    teller = threading.Thread(target=_tell, args=(what, over), daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def _tell(what: str, over: threading.Event) -> None:
    started = time.monotonic()
    stream = sys.stderr
    live = stream is not None and stream.isatty()
    if over.wait(AT_ONCE if live or listeners or in_notebook() else AT_LAST) or stream is None:
        return
    if listeners:
        listeners[-1](what)
        over.wait()
        if listeners:
            listeners[-1]("")
    elif live:
        while not over.wait(EVERY):
            told = f"{what}: {time.monotonic() - started:.0f} s"
            stream.write("\r" + told[: shutil.get_terminal_size().columns - 1])
            stream.flush()
        stream.write("\r\x1b[K")
        stream.flush()
    else:
        print(f"{what} ...", file=stream, flush=True)
