"""Tables and lines on the terminal, as wide as it is; elsewhere as wide as they need to be."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from itertools import chain
from typing import TextIO

READABLE = 32
"""Columns in which a sentence can be read: with less for the last column, rows are spread."""


def width(stream: TextIO | None = None) -> int | None:
    """The columns of the terminal; None where the output goes elsewhere."""
    stream = sys.stdout if stream is None else stream
    return shutil.get_terminal_size().columns if stream.isatty() else None


def tell(words: object, stream: TextIO | None = None) -> None:
    """Print lines, broken between their words where the terminal ends."""
    text, there = str(words), width(stream)
    if there is not None:
        lines = (_wrapped(line, there) or [""] for line in text.split("\n"))
        text = "\n".join(chain.from_iterable(lines))
    print(text, file=sys.stdout if stream is None else stream, flush=True)


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], head: int = 1) -> None:
    """Print a table. Where the terminal is too narrow the last column is broken between words; if
    that leaves too little of it, each row is spread over lines: its first cells, ``head`` of them,
    and below them what stands in the other columns."""
    there = width()
    needed = [max(map(len, (name, *cells))) for name, *cells in zip(columns, *rows, strict=True)]
    last = needed[-1] if there is None else there - sum(needed[:-1]) - 3 * len(columns) - 1
    if there is None or last >= min(needed[-1], READABLE):
        _table(title, columns, rows, min(last, needed[-1]))
    else:
        _spread(title, columns, rows, head, there)


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], last: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for column in columns[:-1]:
        table.add_column(column, no_wrap=True)
    table.add_column(columns[-1], overflow="fold", min_width=last, max_width=last)
    for row in rows:
        table.add_row(*row)
    tell(title)
    Console(width=1000, highlight=False, markup=False).print(table)  # it is as wide as it is


def _spread(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], head: int, there: int
) -> None:
    tell(title)
    wide = max(len(row[0]) for row in rows) + 2
    for row in rows:
        first = row[0] if head == 1 else f"{row[0]:<{wide}}{'  '.join(row[1:head])}"
        rest = zip(columns[head:], row[head:], strict=True)
        told = "; ".join(f"{name} {cell}" for name, cell in rest if cell)
        indent = wide if head > 1 else 2
        for line, further in ((first, indent), (" " * indent + told, indent)):
            if line.strip():
                print("\n".join(_wrapped(line, there, further)))


def _wrapped(line: str, there: int, further: int = 2) -> list[str]:
    """The line in several, words whole, the later ones so much further in."""
    start = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line.lstrip(),
        there,
        initial_indent=start,
        subsequent_indent=" " * further,
        break_long_words=False,
        break_on_hyphens=False,
    )
