"""``list``: the recipes."""

from __future__ import annotations

import argparse
from typing import Any

from minigrad.commands.tables import show
from minigrad.recipes import RECIPES


def add_to(verbs: Any) -> None:
    """Make the verb known."""
    verb = verbs.add_parser("list", help="what there is to train", description="List the recipes.")
    verb.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Print a row for each recipe."""
    rows = [
        (r.name, r.title, r.describe(), "" if r.known is None else f"{r.known} %")
        for r in RECIPES.values()
    ]
    show("Recipes", ("NAME", "what", "settings", "known result"), rows)
    return 0
