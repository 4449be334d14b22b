"""Figures of a program that is run without a screen: kept as files when it shows them."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FORMATS = ("png", "svg")


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

    def show(*args: Any, **kwargs: Any) -> None:
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
            plt.show = show
            yield
            show()
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
    for kind in FORMATS:
        drawn = io.BytesIO()
        # Without the date, equal figures make equal files.
        figure.savefig(drawn, format=kind, metadata={"Date": None} if kind == "svg" else None)
        draft = out / f".{label}.{kind}.{os.urandom(6).hex()}.tmp"
        try:
            draft.write_bytes(drawn.getvalue())
            os.replace(draft, out / f"{label}.{kind}")
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
