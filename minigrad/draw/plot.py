"""A picture made by matplotlib."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from typing import Any

from minigrad.draw.picture import Picture

SETTINGS = {"svg.fonttype": "none", "pdf.fonttype": 42, "svg.hashsalt": "minigrad"}
"""Text stays text, and equal figures make equal files."""
NO_DATE = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}


def look() -> AbstractContextManager[None]:
    """While this lasts, matplotlib draws in the look of all figures, whatever it is set to."""
    from matplotlib import style

    found: AbstractContextManager[None] = style.context(
        ["minigrad.lessons.look", SETTINGS], after_reset=True
    )
    return found


def rendered(figure: Any, kind: str, dpi: float = 150) -> bytes:
    """A figure as the content of a file."""
    stream = io.BytesIO()
    with look():
        figure.savefig(stream, format=kind, dpi=dpi, metadata=NO_DATE.get(kind))
    return stream.getvalue()


class Plot(Picture):
    """A figure as a picture.

    Attributes:
        figure: matplotlib's, to go on with.
    """

    def __init__(self, figure: Any) -> None:
        self.figure = figure

    def render(self, kind: str) -> bytes:
        return rendered(self.figure, kind)
