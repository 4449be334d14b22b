"""The options that train and compare share, and what they mean for a recipe."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from minigrad import recipes
from minigrad.recipes import Recipe


def add_to(verb: argparse.ArgumentParser) -> None:
    """NAME and the shared options."""
    verb.add_argument("name", metavar="NAME", help="a recipe; 'list' shows them")
    change = verb.add_argument_group("changes to the recipe")
    change.add_argument("--epochs", type=_positive, metavar="N")
    change.add_argument("--batch", type=_positive, metavar="N", help="samples a step")
    change.add_argument("--lr", type=float, metavar="X", help="learning rate")
    run = verb.add_argument_group("the run")
    run.add_argument("--seed", type=int, default=0, metavar="N", help="of weights and order (0)")
    run.add_argument("--device", default="cpu", metavar="D", help="cpu (the default) or cuda:0")
    run.add_argument("--dtype", default="float32", choices=["float32", "float64"])
    run.add_argument(
        "--data",
        type=_folder,
        metavar="DIR",
        help="where the data is; else MINIGRAD_DATA, the cache, a download",
    )
    run.add_argument("--out", type=Path, metavar="DIR", help="for what is written (runs/NAME)")
    run.add_argument("--json", type=Path, metavar="FILE", help="write settings and numbers as JSON")


def recipe(asked: argparse.Namespace) -> Recipe:
    """The recipe asked for, with the changes asked for. Errors: KeyError for an unknown name."""
    found = recipes.find(asked.name)
    if asked.epochs is not None:
        found = replace(found, epochs=asked.epochs, every=min(found.every, asked.epochs))
    if asked.batch is not None:
        found = replace(found, batch=asked.batch)
    if asked.lr is not None:
        found = replace(found, settings={**found.settings, "lr": asked.lr})
    return found


def folder(asked: argparse.Namespace, found: Recipe) -> Path:
    """Where the run writes to, made if need be."""
    out = Path("runs") / found.name if asked.out is None else Path(asked.out)
    out.mkdir(parents=True, exist_ok=True)
    return out


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a positive number, got {text}")
    return int(text)


def _folder(text: str) -> str:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"expected a folder, and there is none at {text}")
    return text
