"""``train``: a recipe with minigrad."""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from typing import Any

import minigrad
from minigrad import callbacks
from minigrad.commands import lesson, options
from minigrad.commands.systems import find
from minigrad.commands.tables import tell
from minigrad.draw import draw_curves
from minigrad.lessons import Lesson
from minigrad.models import MODELS
from minigrad.recipes import Recipe
from minigrad.serialization import save
from minigrad.training import checkpoint, data, report
from minigrad.training.learner import Learner
from minigrad.training.loop import Loop
from minigrad.training.pictures import Pictures
from minigrad.training.progress import Progress
from minigrad.training.splits import Splits
from minigrad.training.start import build, learner_of
from minigrad.training.stop import Stop
from minigrad.training.summary import summary
from minigrad.utils.data.dataset import length


def add_to(verbs: Any) -> None:
    """Make the verb known."""
    verb = verbs.add_parser(
        "train",
        help="train a recipe, or run a lesson",
        description="Train a recipe, or run a lesson, whose figures are kept. Ctrl-C or "
        "SIGTERM stops after the step that is under way and leaves a "
        "checkpoint; --resume goes on from there, to the same bits as without the stop. "
        "Written to --out: checkpoint.safetensors, model.safetensors (PyTorch reads it), "
        "curves.png, report.json, and pictures of networks that make any.",
    )
    options.add_to(verb)
    verb.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    verb.add_argument(
        "--live", action="store_true", help="draw curves.svg in --out anew as epochs end"
    )
    verb.add_argument("--csv", type=Path, metavar="FILE", help="write a line of numbers an epoch")
    verb.add_argument(
        "--steps", type=options.positive, metavar="N", help="print a line every N steps as well"
    )
    verb.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Train a recipe or run a lesson; 0, 130 after Ctrl-C, 143 after SIGTERM."""
    system = find(asked.name)
    if isinstance(system, Lesson):
        return lesson.train(asked, system)
    recipe = options.changed(asked, system)
    splits = data.read(recipe, asked.data, asked.seed)
    recipe = options.stretched(asked, recipe, splits)
    out = options.folder(asked, recipe.name)
    saved = out / "checkpoint.safetensors"
    settings = {"seed": asked.seed, "device": asked.device, "dtype": asked.dtype}
    state = checkpoint.read(saved, recipe, settings) if asked.resume else None

    model = build(recipe, asked.seed)
    how = (asked.seed, asked.device, asked.dtype, not asked.eager)
    learner = learner_of(recipe, minigrad, model, *how)
    loop = Loop.of(recipe, splits, [learner], asked.seed)
    _introduce(recipe, splits, learner)
    if state is not None:
        checkpoint.restore(saved, state, loop, learner)
        tell(_where(saved, loop))

    def keep() -> None:
        checkpoint.write(saved, recipe, loop, learner, settings)

    pictures = Pictures(out / "pictures")
    followers = [
        Progress(steps=asked.steps or recipe.options.get("progress")),
        pictures,
        checkpoint.Keeper(keep),
        *([callbacks.CSVLogger(asked.csv)] if asked.csv else []),
        *([callbacks.LivePlot(out / "curves.svg", title=recipe.name)] if asked.live else []),
    ]
    with Stop() as stop:
        over = loop.epoch >= loop.epochs
        finished = loop.run(followers, stop)
        if not over:
            keep()
    if loop.history["minigrad"]:
        title = f"{recipe.name}: {recipe.title}"
        draw_curves(loop.history, out / "curves.png", title=title)
    for path in filter(None, (out / "report.json", asked.json)):
        report.write_json(_report(recipe, splits, loop, settings), Path(path))
    if not finished:
        tell(f"stopped; --resume goes on from {saved}")
        return stop.status
    save(learner.model, out / "model.safetensors")
    last = loop.history["minigrad"][-1]
    if (step := _seconds(loop)) is not None:
        size = min(loop.loader.batch_size or 1, length(splits.train))
        tell(f"{size / step:,.0f} examples a second")
    if pictures.written:
        tell(f"{pictures.written} pictures in {pictures.folder}")
    told = [f"test loss {last['test_loss']:.4f}"]
    for name, metric in loop.metrics.items():
        told.append(f"test {name} {metric.form.format(last[f'test_{name}'])}")
    tell(f"{', '.join(told)}{_known(recipe, splits)}; written to {out}")
    return 0


def _where(saved: Path, loop: Loop) -> str:
    """Where a run goes on, in words."""
    if loop.epoch < loop.epochs:
        return f"continuing in epoch {loop.epoch + 1} after {loop.batch} batches"
    return (
        f"finished: {saved} has {loop.epoch} of {loop.epochs} epochs; nothing is left to train, "
        "--epochs N goes further"
    )


def _introduce(recipe: Recipe, splits: Splits, learner: Learner) -> None:
    tell(f"{recipe.name}: {recipe.title}\n")
    summary(learner.model, MODELS[recipe.model].input)
    tell(f"\n{recipe.describe()}\ndata: {splits.source}")
    if (recipe.batch or 0) > (there := length(splits.train)):
        tell(f"batch {recipe.batch:,} is more than the {there:,} samples: each step takes all")


def _known(recipe: Recipe, splits: Splits) -> str:
    """The result to compare with, and whether it is one of these samples."""
    if recipe.known is None:
        return ""
    of = (
        ""
        if splits.stands_for is None
        else f", of all {splits.stands_for:,} images of {recipe.data}"
    )
    return f" (known result {recipe.known} %{of})"


def _seconds(loop: Loop) -> float | None:
    """The median time of a step; None where the run had none (it was complete before)."""
    taken = loop.seconds["minigrad"]
    return median(taken) if taken else None


def _report(recipe: Recipe, splits: Splits, loop: Loop, settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "recipe": recipe.as_dict(),
        **settings,
        "data": splits.origin(),
        **report.surroundings(),
        "seconds_per_step": _seconds(loop),
        "history": loop.history,
    }
