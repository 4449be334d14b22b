"""Figures of a program that is run without a screen: kept as files when it shows them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from minigrad.draw.picture import FORMATS as PICTURE_FORMATS
from minigrad.draw.picture import Picture
from minigrad.serialization.whole import write_whole

FORMATS = ("png", "svg")
DPI = 144
"""Pixels of a picture in an inch of a window."""


def show(picture: Picture, label: str) -> None:
    """Show a picture of `minigrad.draw` as figures are shown, and keep it as they are kept.

    In a notebook it appears under its cell as SVG; in a window as a figure of this label; and
    `kept` writes the picture itself, as PNG, SVG and PDF in which text is text.
    """
    import matplotlib
    import matplotlib.pyplot as plt

    if "inline" in matplotlib.get_backend():
        from IPython.display import display

        display(picture)
        return
    pixels = plt.imread(io.BytesIO(picture.render("png")))
    height, width = pixels.shape[:2]
    figure = plt.figure(label, figsize=(width / DPI, height / DPI), layout="none", clear=True)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(pixels, interpolation="antialiased")
    axes.set_axis_off()
    figure.picture = picture
    plt.show()


@contextmanager
def kept(out: Path | None) -> Iterator[None]:
    """While this lasts, ``plt.show()`` writes the open figures to ``out`` and closes them.

    A figure becomes ``LABEL.png`` and ``LABEL.svg``; None writes nothing. What is still open at
    the end is shown then. Matplotlib's backend and settings are afterwards what they were;
    figures that were open before are closed.
    Errors: ValueError for a figure whose label is no plain name, or is one that was shown before.
    """
    import matplotlib
    import matplotlib.pyplot as plt

    backend, usual = matplotlib.get_backend(), plt.show
    written: set[str] = set()

    def keep(*args: Any, **kwargs: Any) -> None:
        try:
            for number in plt.get_fignums():
                figure = plt.figure(number)
                label = str(figure.get_label())
                _check(label, written)
                written.add(label)
                if out is not None:
                    _write(figure, label, out)
        finally:
            plt.close("all")

    plt.close("all")
    matplotlib.use("Agg")
    try:
        with matplotlib.rc_context():
            plt.show = keep
            yield
            keep()
    finally:
        plt.show = usual
        plt.close("all")
        matplotlib.use(backend, force=False)


def _check(label: str, written: set[str]) -> None:
    if not re.fullmatch(r"[\w-]+", label, re.ASCII):
        raise ValueError(
            "show: a figure's label becomes the name of its file; expected letters, digits and "
            f'dashes, as in plt.figure("fit"), got {label!r}'
        )
    if label in written:
        raise ValueError(f"show: two figures are called {label!r}; each needs its own label")


def _write(figure: Any, label: str, out: Path) -> None:
    """Each file is written whole or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    picture = getattr(figure, "picture", None)
    for kind in FORMATS if picture is None else PICTURE_FORMATS:
        content = _drawn(figure, kind) if picture is None else picture.render(kind)
        write_whole(out / f"{label}.{kind}", content)


def _drawn(figure: Any, kind: str) -> bytes:
    drawn = io.BytesIO()
    # Without the date, equal figures make equal files.
    figure.savefig(drawn, format=kind, metadata={"Date": None} if kind == "svg" else None)
    return drawn.getvalue()
