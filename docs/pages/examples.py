"""The examples of docstrings, run: each by itself, with the names that the reference says."""

from __future__ import annotations

import doctest
import inspect
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import minigrad
from minigrad import nn, optim
from pages.complete import members, public

SETUP = """\
import minigrad
from minigrad import nn, optim
import minigrad.nn.functional as F
"""
"""What stands before every example. ``folder`` is a folder with a few small files."""


def documented(module: str) -> Iterator[tuple[str, str]]:
    """The docstrings of a module's classes, functions and methods that have an example."""
    for name, x in public(module):
        told = [(name, x.__doc__)]
        if inspect.isclass(x) and x.__module__.startswith("minigrad"):
            told += [(f"{name}.{member}", getattr(x, member).__doc__) for member in members(x)]
        yield from ((name, text) for name, text in told if text and ">>> " in text)


def failures(module: str, folder: Path) -> list[str]:
    """What examples of a module print otherwise than they say."""
    found: list[str] = []
    parser = doctest.DocTestParser()
    for name, text in documented(module):
        minigrad.manual_seed(0)
        names = {"minigrad": minigrad, "nn": nn, "F": nn.functional, "optim": optim}
        space: dict[str, Any] = {**names, "folder": str(folder)}
        test = parser.get_doctest(inspect.cleandoc(text), space, name, None, 0)
        runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
        runner.run(test, out=found.append)
    return found


def small_files() -> tempfile.TemporaryDirectory[str]:
    """A folder with three images in the place of each of MNIST's files, a table and pictures."""
    from PIL import Image

    made = tempfile.TemporaryDirectory()
    folder = Path(made.name)
    for name, labels in {"mnist": [5, 0, 4], "fashion-mnist": [9, 0, 0]}.items():
        (folder / name).mkdir()
        for part in ("train", "t10k"):
            _write_idx(folder / name / f"{part}-images-idx3-ubyte", np.zeros((3, 28, 28), np.uint8))
            _write_idx(folder / name / f"{part}-labels-idx1-ubyte", np.array(labels, np.uint8))
    for kind in ("cat", "dog"):
        (folder / "pets" / kind).mkdir(parents=True)
        Image.new("RGB", (6, 4)).save(folder / "pets" / kind / "0.png")
    (folder / "diabetes").mkdir()
    rows = [[*"ABCDEFGH", "Outcome"], [6, 148, 72, 35, 0, 33.6, 0.627, 50, 1]]
    text = "\n".join(",".join(map(str, row)) for row in rows)
    (folder / "diabetes" / "Data.csv").write_text(text)
    return made


def _write_idx(path: Path, array: np.ndarray[Any, Any]) -> None:
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(head + array.tobytes())
