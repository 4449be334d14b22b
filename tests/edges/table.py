"""The table itself: every row, every type, every order, with its bound."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from .measure import ORDERS, ROWS, Worst, measured
from .points import TYPES
from .row import Row


def ulps(x: float) -> str:
    return "∞" if x > 1e6 else f"{x:.2f}" if x < 100 else f"{x:.0f}"


def cells(row: Row, dtype: str, found: list[Worst]) -> list[str]:
    """The error of each order; with its bound where that is not the common one."""
    shown = []
    for order, error in enumerate(found):
        bound = row.bound(dtype, order)
        text = ulps(error.ulps)
        if (dtype, order) in row.bounds:
            text += f" of {bound:g}"
        shown.append(f"[bold red]{text}[/]" if error.ulps > bound else text)
    return shown + [""] * (len(ORDERS) - len(shown))


def table(rows: Iterable[Row] = ROWS) -> tuple[Table, list[str]]:
    """The table, and what in it is above its bound."""
    made = Table(title="Largest errors in ulps: value, first and second derivative")
    made.add_column("function")
    for dtype in TYPES:
        for order in ORDERS:
            made.add_column(f"{dtype} {order}", justify="right", max_width=9)
    made.add_column("measured otherwise, because")
    above = []
    for row in rows:
        shown = []
        for dtype in TYPES:
            found = measured(row, dtype)
            shown += cells(row, dtype, found)
            above += [
                f"{row.name} {dtype} {ORDERS[order]}: {error}"
                for order, error in enumerate(found)
                if error.ulps > row.bound(dtype, order)
            ]
        made.add_row(row.name, *shown, row.why)
    return made, above


def show(names: list[str]) -> int:
    """Print the table, or the rows of these names; how many errors are above their bounds."""
    made, above = table([row for row in ROWS if not names or row.name in names])
    console = Console(width=200)
    console.print(made)
    console.print(*(above or ["All errors are within their bounds."]), sep="\n", highlight=False)
    return len(above)
