"""The options that train and compare share, and what they mean for a recipe or a lesson."""

from __future__ import annotations

import argparse
import ast
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from minigrad.commands.tables import tell
from minigrad.lessons import Lesson, parameters
from minigrad.recipes import Recipe
from minigrad.training.splits import Splits
from minigrad.utils.data.dataset import length


def add_to(verb: argparse.ArgumentParser) -> None:
    """NAME and the shared options."""
    verb.add_argument("name", metavar="NAME", help="a recipe or a lesson; 'list' shows them")
    change = verb.add_argument_group("changes to the recipe")
    change.add_argument("--epochs", type=positive, metavar="N")
    change.add_argument("--batch", type=positive, metavar="N", help="samples a step")
    change.add_argument("--lr", type=float, metavar="X", help="learning rate")
    change.add_argument(
        "--set",
        type=_pair,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="another value of one of its options, such as photograph=me.jpg; may come again",
    )
    run = verb.add_argument_group("the run")
    run.add_argument("--seed", type=int, default=0, metavar="N", help="of weights and order (0)")
    run.add_argument("--device", default="cpu", metavar="D", help="cpu (the default) or cuda:0")
    run.add_argument(
        "--dtype",
        default="float32",
        choices=["float32", "float64"],
        metavar="T",
        help="float32 (the default) or float64",
    )
    run.add_argument(
        "--eager",
        action="store_true",
        help="do steps op by op; else they are recorded and replayed (minigrad.compile)",
    )
    run.add_argument(
        "--data",
        type=_folder,
        metavar="DIR",
        help="where the data is; else MINIGRAD_DATA, the cache, a download",
    )
    run.add_argument("--out", type=Path, metavar="DIR", help="for what is written (runs/NAME)")
    run.add_argument("--json", type=Path, metavar="FILE", help="write settings and numbers as JSON")


def changed(asked: argparse.Namespace, recipe: Recipe) -> Recipe:
    """The recipe with the changes asked for."""
    if asked.epochs is not None:
        recipe = replace(recipe, epochs=asked.epochs)
    if asked.batch is not None:
        recipe = replace(recipe, batch=asked.batch)
    if asked.lr is not None:
        recipe = replace(recipe, settings={**recipe.settings, "lr": asked.lr})
    given = {key: _value(recipe, key, text) for key, text in asked.set}
    return replace(recipe, options={**recipe.options, **given})


def stretched(asked: argparse.Namespace, recipe: Recipe, splits: Splits) -> Recipe:
    """The recipe for what there is to train on: where a few samples take the place of the data set,
    they are gone through more often, for as many steps; not where ``--epochs`` says how often. Says
    so."""
    times = 1 if asked.epochs is not None else splits.times
    if times > 1:
        tell(
            f"{length(splits.train):,} images take the place of {recipe.data}'s "
            f"{splits.stands_for:,}: {recipe.epochs * times} epochs instead of "
            f"{recipe.epochs}, for as many steps"
        )
    return recipe.longer(times)


def _value(recipe: Recipe, key: str, text: str) -> Any:
    """What the text says, of the type that the recipe's option has. Errors: ValueError."""
    if key not in recipe.options:
        there = ", ".join(recipe.options) or "none"
        raise ValueError(f"{recipe.name} has no option {key!r}; it has {there}")
    old = recipe.options[key]
    if isinstance(old, str):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(old, float) and type(value) is int:
        return float(value)
    if isinstance(old, tuple) and isinstance(value, list):
        return tuple(value)
    if type(value) is not type(old):
        raise ValueError(
            f"{recipe.name}: expected for {key} a value like {json.dumps(old)}, got {text}"
        )
    return value


def parameters_of(asked: argparse.Namespace, lesson: Lesson) -> dict[str, Any]:
    """The lesson's parameters that are asked to be others. Errors: ValueError for an option that
    the lesson has no parameter for."""
    there = parameters(lesson.path)
    wanted = {"EPOCHS": asked.epochs, "BATCH": asked.batch, "RATE": asked.lr}
    changes = {name: value for name, value in wanted.items() if value is not None}
    changes |= {name: _literal(text) for name, text in asked.set}
    strange = [name for name in changes if name not in there]
    if strange:
        raise ValueError(
            f"lesson {lesson.name} has no {' and no '.join(strange)}; it has {', '.join(there)}"
        )
    # Every system may be given a seed and a data folder; where there is no use for them, no harm.
    at_hand = {"SEED": asked.seed, "DATA": asked.data}
    return changes | {name: value for name, value in at_hand.items() if name in there}


def _literal(text: str) -> Any:
    """The number, the tuple or the like that the text writes; else the text itself."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


def folder(asked: argparse.Namespace, name: str) -> Path:
    """Where the run of the system of this name writes to, made if need be."""
    out = Path("runs") / name if asked.out is None else Path(asked.out)
    if asked.out is not None and asked.name == "all":
        out /= name
    out.mkdir(parents=True, exist_ok=True)
    return out


def positive(text: str) -> int:
    """A number of at least 1. Errors: ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a positive number, got {text}")
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE, got {text}")
    return key, value


def _folder(text: str) -> str:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"expected a folder, and there is none at {text}")
    return text
