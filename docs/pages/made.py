"""Writes the pages that are made of the package, before Sphinx reads them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from pages import operations, reference


def make(app: Sphinx) -> None:
    """All pages of the ops and of the reference."""
    for folder, pages in (("ops", _ops()), ("api", reference.pages())):
        place = Path(app.srcdir) / folder
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for name, text in pages.items():
            (place / f"{name}.md").write_text(text, encoding="utf-8")


def _ops() -> dict[str, str]:
    found = {name: operations.page(name, ops) for name, ops in operations.families().items()}
    listed = "\n".join(found)
    found["index"] = (
        "# Table of derivatives\n\nEvery op of the engine: what it computes, its rules, its code, "
        f"and a small example.\n\n```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n"
    )
    return found


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    app.connect("builder-inited", make)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
