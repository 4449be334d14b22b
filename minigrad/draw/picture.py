"""A picture: shown by notebooks as SVG, saved as what the file's ending says."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path

from minigrad.serialization.whole import write_whole

FORMATS = ("png", "svg", "pdf")


class Picture(ABC):
    """What every function of `minigrad.draw` returns."""

    @abstractmethod
    def render(self, kind: str) -> bytes:
        """The file's content in one of the `FORMATS`."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture, whole or not at all; the ending .png, .svg or .pdf says in which form.

        Errors: ValueError for another ending, OSError for a place that cannot be written to.
        """
        kind = Path(path).suffix.lower().removeprefix(".")
        if kind not in FORMATS:
            raise ValueError(
                f"save: expected a file name that ends in .png, .svg or .pdf, got {str(path)!r}"
            )
        write_whole(path, self.render(kind))

    def _repr_svg_(self) -> str:
        return self.render("svg").decode()
