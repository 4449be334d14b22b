"""A picture made by matplotlib."""

from __future__ import annotations

import io
from typing import Any

from minigrad.draw.picture import Picture

LOOK = "minigrad.lessons.look"
"""The style sheet of every figure."""

SETTINGS = {"svg.fonttype": "none", "pdf.fonttype": 42, "svg.hashsalt": "minigrad"}
"""Text stays text, and equal figures make equal files."""


class Plot(Picture):
    """A figure as a picture.

    Attributes:
        figure: matplotlib's, to go on with.
    """

    def __init__(self, figure: Any) -> None:
        self.figure = figure

    def render(self, kind: str) -> bytes:
        from matplotlib import rc_context

        stream = io.BytesIO()
        dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
        with rc_context(SETTINGS):
            self.figure.savefig(stream, format=kind, dpi=150, metadata=dates.get(kind))
        return stream.getvalue()
