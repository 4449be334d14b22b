"""``compare``: a recipe with minigrad and PyTorch, side by side."""

from __future__ import annotations

import argparse
from typing import Any

from minigrad.commands import options
from minigrad.commands.tables import show
from minigrad.training import curves, report
from minigrad.training.progress import Progress
from minigrad.training.stop import Stop


def add_to(verbs: Any) -> None:
    """Make the verb known."""
    verb = verbs.add_parser(
        "compare",
        help="train a recipe with minigrad and with PyTorch",
        description="Train a recipe with minigrad and PyTorch in turns, from the same weights and "
        "on the same batches, and print one table: accuracy, loss, seconds a step, peak memory, "
        "and by how much the gradients differ. Needs PyTorch (the extra 'reference').",
    )
    options.add_to(verb)
    verb.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Compare; 0, or 130 after Ctrl-C."""
    from reference.compare import compare  # the one reach upwards: this verb is the roof

    recipe = options.recipe(asked)
    out = options.folder(asked, recipe)
    with Stop() as stop:
        result = compare(
            recipe,
            root=asked.data,
            seed=asked.seed,
            device=asked.device,
            dtype=asked.dtype,
            progress=Progress(),
            stop=stop,
        )
    if result is None:
        print("stopped before the end: no comparison")
        return 130
    curves.draw(result.history, f"{recipe.name}: {recipe.title}", out / "compare.png")
    written = {**result.as_dict(), **report.surroundings()}
    for path in filter(None, (out / "compare.json", asked.json)):
        report.write_json(written, path)
    show(f"{recipe.name}: {recipe.title}", ("", "minigrad", "PyTorch", ""), result.rows())
    for line in result.verdict():
        print(line)
    return 0
