"""``list``: what there is to run."""

from __future__ import annotations

import argparse
from typing import Any

from minigrad.commands.measured import last
from minigrad.commands.systems import SYSTEMS
from minigrad.commands.tables import show
from minigrad.recipes import Recipe


def add_to(verbs: Any) -> None:
    """Make the verb known."""
    verb = verbs.add_parser(
        "list",
        help="what there is to run",
        description="List the recipes and lessons: what each is, the result that its source "
        "reports, and the last one measured, in this folder's runs or else for the README.",
    )
    verb.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Print a row for each system."""
    rows = [
        (
            name,
            system.title,
            system.describe() if isinstance(system, Recipe) else "",
            "" if system.known is None else f"{system.known} %",
            last(name),
        )
        for name, system in SYSTEMS.items()
    ]
    columns = ("NAME", "what", "settings", "known result", "last measured")
    show("Systems: lessons, step by step, and networks with their settings", columns, rows, head=2)
    return 0
