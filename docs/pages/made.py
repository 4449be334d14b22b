"""Writes the pages that are made of the package, before Sphinx reads them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from minigrad.lessons import LESSONS
from pages import complete, course, examples, explained, operations, reference

ROOT = Path(__file__).parent.parent.parent


HEADER = """# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python, pygments_lexer: ipython3}
# ---

"""
"""What Jupyter has to know of a script."""


def make(app: Sphinx) -> None:
    """All pages of the ops and of the reference.

    Errors: ExtensionError, which ends the build, for docstrings that lack something and for
    examples that print something else.
    """
    with examples.small_files() as folder:
        faults = [
            fault
            for module in complete.MODULES
            for fault in (*complete.missing(module), *examples.failures(module, Path(folder)))
        ]
    if faults:
        raise ExtensionError("\n".join(["docstrings:", *faults]))
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = {"contributing.md": re.sub(r"\[(`[^`\]]+`)\]\([^)]+\)", r"\1", contributing)}
    stand_alone = Path(app.srcdir) / "alone"  # copied to the site as it is
    shutil.rmtree(stand_alone, ignore_errors=True)
    made = {
        "ops": _ops(),
        "api": reference.pages(),
        "lessons": _lessons(),
        "course": course.pages(),
        "explained": {"index.md": explained.write(stand_alone / "explained")},
    }
    for folder, pages in made.items():
        place = Path(app.srcdir) / folder
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        shown |= {f"{folder}/{name}": text for name, text in pages.items()}
    for name, text in shown.items():
        (Path(app.srcdir) / name).write_text(text, encoding="utf-8")


def _ops() -> dict[str, str]:
    families = operations.families()
    found = {f"{name}.md": operations.page(name, ops) for name, ops in families.items()}
    listed = "\n".join(families)
    found["index.md"] = (
        "# Table of derivatives\n\nEvery op of the engine: what it computes, its rules, its code, "
        f"and a small example.\n\n```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n"
    )
    return found


def _lessons() -> dict[str, str]:
    """Each lesson as it stands, with its title in front: a notebook that is run."""
    found = {}
    for lesson in LESSONS.values():
        text = lesson.path.read_text(encoding="utf-8")
        title = f"# %% [markdown]\n# # {lesson.name}. {lesson.title}\n"
        stops = [stop for stop in explained.COURSE if lesson.name in stop.lessons]
        seen = [f'<a href="../explained/{each.file}.html">{each.title}</a>' for each in stops]
        title += f"#\n# Number by number: {', '.join(seen)}.\n\n" if seen else "\n"
        found[lesson.path.name] = HEADER + title + text
    listed = "\n".join(name.removesuffix(".py") for name in found)
    found["index.md"] = (
        "# Lessons\n\nPrograms that show every number, with the mathematics beside the code. "
        "`python -m minigrad train C1` runs one and keeps its figures, `compare C1` its twin in "
        "PyTorch.\n\n```{toctree}\n:maxdepth: 1\n\n" + listed + "\n```\n"
    )
    return found


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    (Path(app.srcdir) / "alone").mkdir(exist_ok=True)  # it is looked for before anything is made
    app.connect("builder-inited", make)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
