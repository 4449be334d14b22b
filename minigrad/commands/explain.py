"""``explain``: the first step of a recipe, a lesson or a script as a page."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import minigrad
from minigrad.commands import options
from minigrad.commands.systems import find
from minigrad.explainer.explanation import Explanation, explain
from minigrad.explainer.scripts import explain_script
from minigrad.lessons import Lesson
from minigrad.recipes import Recipe
from minigrad.training import data
from minigrad.training.start import build, learner_of
from minigrad.utils.data import DataLoader

BATCH = 8


def add_to(verbs: Any) -> None:
    """Make the verb known."""
    verb = verbs.add_parser(
        "explain",
        help="show the backpropagation of a step, with every number",
        description="Write a page, one file that needs no network, on which the first step of a "
        "recipe, a lesson or a script can be gone through number by number: forward, backward, "
        "update, and why each number is what it is.",
    )
    verb.add_argument("name", metavar="ID|FILE.py", help="a recipe, a lesson, or a script")
    verb.add_argument("--out", type=Path, metavar="FILE.html", help="the page (NAME.html)")
    verb.add_argument(
        "--batch", type=options.positive, metavar="N", help=f"samples of a recipe's step ({BATCH})"
    )
    verb.add_argument("--text", action="store_true", help="print it instead of writing a page")
    verb.add_argument("--data", metavar="DIR", help="where a recipe's data is")
    verb.add_argument("--seed", type=int, default=0, metavar="N", help="of a recipe's weights (0)")
    verb.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Write the page, or print the text; 0."""
    made, name = _explained(asked)
    if asked.text:
        print(made.text())
        return 0
    out = asked.out or Path(f"{name}.html")
    made.save(out)
    print(f"{out}: {made.data['title']}, {len(made.html) / 1e6:.2f} MB; open it in a browser")
    return 0


def _explained(asked: argparse.Namespace) -> tuple[Explanation, str]:
    path = Path(asked.name)
    if path.suffix == ".py":
        if not path.is_file():
            raise FileNotFoundError(f"there is no file {path}")
        return explain_script(path), path.stem
    system = find(asked.name)
    if isinstance(system, Lesson):
        return explain_script(system.path, f"{system.name}: {system.title}"), system.name
    batch = asked.batch or min(system.batch or BATCH, BATCH)
    made = explain_recipe(replace(system, batch=batch), asked.data, asked.seed)
    return made, system.name


def explain_recipe(recipe: Recipe, folder: str | None = None, seed: int = 0) -> Explanation:
    """The first step of a recipe, on a batch as large as it says."""
    learner = learner_of(recipe, minigrad, build(recipe, seed), seed)
    samples = data.read(recipe, folder, seed).train
    x, y = (np.asarray(part) for part in next(iter(DataLoader(samples, batch_size=recipe.batch))))
    title = f"{recipe.name}: {recipe.title}"
    return explain(learner.learn, *learner.given(x, y), title=title)
