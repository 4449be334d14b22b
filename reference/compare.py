"""minigrad and PyTorch on one recipe: the same weights, the same batches, in turns."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import torch

import minigrad
from minigrad.recipes import Recipe
from minigrad.training.data import read
from minigrad.training.learner import Learner
from minigrad.training.loop import Loop, arrays
from minigrad.training.metrics import NumpyArray
from minigrad.training.progress import Progress
from minigrad.training.splits import Splits
from minigrad.training.start import build, learner_of
from reference.memory import peak_memory
from reference.models import TWINS
from reference.outcome import CHECKED, Comparison, side_of
from reference.parity import Parity, parity, rounding_error
from reference.weights import to_torch


def pair(
    recipe: Recipe,
    seed: int,
    device: str = "cpu",
    dtype: str = "float32",
    compiled: bool = False,
) -> tuple[Learner, Learner]:
    """The recipe's two learners, with the same weights to the bit. ``compiled``: minigrad's steps
    are replayed."""
    model, twin = build(recipe, seed), TWINS[recipe.model]()
    to_torch(model, twin)
    ours = learner_of(recipe, minigrad, model, seed, device, dtype, compiled)
    return ours, learner_of(recipe, torch, twin, seed, device, dtype)


def compare(
    recipe: Recipe,
    root: str | None = None,
    seed: int = 0,
    device: str = "cpu",
    dtype: str = "float32",
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
    compiled: bool = True,
    splits: Splits | None = None,
) -> Comparison | None:
    """Train both sides in one run, taking turns; None where ``stop()`` ended it.

    First, every number of the first steps is compared in float32 and float64, op by op. In the
    run, minigrad's steps are replayed where they are ``compiled``. Peak memory is measured last, in
    a process for each side. ``splits`` are the recipe's samples, if they have been read.
    """
    splits = read(recipe, root, seed) if splits is None else splits
    kinds = ("float32", "float64")
    parities = {kind: _parity(recipe, splits, seed, device, kind) for kind in kinds}
    copies = [pair(recipe, seed, device, kind) for kind in kinds]
    x, y = first_batches(recipe, splits, seed, 1)[0]
    rounding = {
        single.name: rounding_error(single, double, x, y)
        for single, double in zip(*copies, strict=True)
    }
    ours, theirs = pair(recipe, seed, device, dtype, compiled)
    loop = Loop.of(recipe, splits, [ours, theirs], seed)
    if not loop.run([] if progress is None else [progress], stop):
        return None
    memory = {
        name: peak_memory(name, recipe, root, seed, device, dtype, compiled)
        for name in ("minigrad", "torch")
    }
    return Comparison(
        recipe,
        {"seed": seed, "device": device, "dtype": dtype, "compiled": compiled},
        splits.origin(),
        {name: side_of(loop, name, memory[name]) for name in memory},
        loop.history,
        parities,
        rounding,
        splits.stands_for,
    )


def _parity(recipe: Recipe, splits: Splits, seed: int, device: str, dtype: str) -> Parity:
    ours, theirs = pair(recipe, seed, device, dtype)
    return parity(ours, theirs, first_batches(recipe, splits, seed, CHECKED))


def first_batches(
    recipe: Recipe, splits: Splits, seed: int, count: int
) -> list[tuple[NumpyArray, NumpyArray]]:
    """The batches that the run will begin with; the first ones again where an epoch has fewer."""
    batches = list(islice(arrays(Loop.of(recipe, splits, [], seed).loader), count))
    return (batches * count)[:count]
