"""minigrad and PyTorch on one recipe: the same weights, the same batches, in turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import islice
from statistics import median
from typing import Any

import numpy as np
import torch

from minigrad.recipes import Recipe
from minigrad.training.data import Splits, read
from minigrad.training.learner import MinigradLearner, build
from minigrad.training.loop import Loop, arrays
from minigrad.training.progress import Progress
from reference.learner import TorchLearner
from reference.memory import Memory, peak_memory
from reference.models import TWINS
from reference.parity import Difference, Parity, parity
from reference.weights import to_torch

CHECKED = 3
"""Steps whose every number is compared."""

CLOSE = 0.3
"""Points of accuracy by which the two sides may end apart: they round otherwise, so after some
thousand steps they are two runs."""


@dataclass
class Side:
    """What came out for one side."""

    accuracy: float
    loss: float
    train_loss: float
    seconds: float
    seconds_quartiles: tuple[float, float]
    memory: Memory | None


@dataclass
class Comparison:
    """The outcome: both sides, and how close their numbers were at the start."""

    recipe: Recipe
    settings: dict[str, Any]
    data: str
    sides: dict[str, Side]
    history: dict[str, list[dict[str, float]]]
    parities: dict[str, Parity]

    def as_dict(self) -> dict[str, Any]:
        """Everything, as plain data."""
        return {
            "recipe": self.recipe.as_dict(),
            **self.settings,
            "data": self.data,
            "threads": torch.get_num_threads(),
            "sides": {
                name: {
                    "test_accuracy": side.accuracy,
                    "test_loss": side.loss,
                    "train_loss": side.train_loss,
                    "seconds_per_step": side.seconds,
                    "seconds_per_step_quartiles": list(side.seconds_quartiles),
                    "peak_memory_mb": None if side.memory is None else asdict(side.memory),
                }
                for name, side in self.sides.items()
            },
            "parity": {
                dtype: {
                    "steps": CHECKED,
                    "tolerance": found.tolerance,
                    "gradient": found.largest("gradient", 1).relative,
                    "gradient_where": found.largest("gradient", 1).name,
                    "after_steps": {
                        stage: found.largest(stage).relative
                        for stage in ("forward", "loss", "gradient", "weight")
                    },
                    "first_gradient_to_differ": _text(found.first_gradient),
                    "first_to_differ": _text(found.first),
                }
                for dtype, found in self.parities.items()
            },
            "history": self.history,
        }

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The table's rows: what, minigrad, PyTorch, their relation."""
        a, b = self.sides["minigrad"], self.sides["torch"]
        rows = [
            (
                "test accuracy",
                f"{a.accuracy:.2f} %",
                f"{b.accuracy:.2f} %",
                f"{a.accuracy - b.accuracy:+.2f} points",
            ),
            ("test loss", f"{a.loss:.4f}", f"{b.loss:.4f}", ""),
            ("training loss, last epoch", f"{a.train_loss:.4f}", f"{b.train_loss:.4f}", ""),
            (
                "a step, median (quartiles)",
                _milliseconds(a),
                _milliseconds(b),
                f"{a.seconds / b.seconds:.2f} times",
            ),
            ("peak memory (training alone)", _megabytes(a.memory), _megabytes(b.memory), ""),
        ]
        for dtype, found in self.parities.items():
            worst = found.largest("gradient", 1)
            rows.append(
                (
                    f"largest gradient difference, {dtype}",
                    f"{worst.relative:.1e}",
                    "",
                    f"in {worst.name}, of its largest entry",
                )
            )
        return rows

    def verdict(self) -> list[str]:
        """What the numbers mean, in a few lines."""
        a, b = self.sides["minigrad"], self.sides["torch"]
        lines = []
        if self.recipe.known is not None:
            reached = "reached" if self.recipe.reaches_known(a.accuracy) else "not reached"
            lines.append(f"known result {self.recipe.known} %: {reached} with {a.accuracy:.2f} %")
        gap = abs(a.accuracy - b.accuracy)
        lines.append(
            f"accuracies {gap:.2f} points apart: "
            + (f"within {CLOSE}" if gap <= CLOSE else f"more than {CLOSE}")
        )
        for dtype, found in self.parities.items():
            first = found.first_gradient
            agree = (
                f"within {found.tolerance:.0e} of PyTorch's"
                if first is None
                else f"first to differ by more than {found.tolerance:.0e}: {first}"
            )
            lines.append(
                f"{dtype}, the first step's outputs, loss and gradients: {agree}; after "
                f"{CHECKED} steps the weights are within {found.largest('weight').relative:.0e}"
            )
        return lines


def _text(difference: Difference | None) -> str | None:
    return None if difference is None else str(difference)


def _milliseconds(side: Side) -> str:
    low, high = side.seconds_quartiles
    return f"{side.seconds * 1e3:.2f} ms ({low * 1e3:.2f} to {high * 1e3:.2f})"


def _megabytes(memory: Memory | None) -> str:
    if memory is None:
        return "not told by this system"
    return f"{memory.whole:.0f} MB ({memory.training:.0f} MB)"


def pair(
    recipe: Recipe, seed: int, device: str = "cpu", dtype: str = "float32"
) -> tuple[MinigradLearner, TorchLearner]:
    """The recipe's two learners, with the same weights to the bit."""
    ours = MinigradLearner(recipe, build(recipe, seed), device, dtype)
    theirs = TorchLearner(recipe, TWINS[recipe.model](), device, dtype)
    to_torch(ours.model, theirs.model)
    return ours, theirs


def compare(
    recipe: Recipe,
    root: str | None = None,
    seed: int = 0,
    device: str = "cpu",
    dtype: str = "float32",
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Comparison | None:
    """Train both sides in one run, taking turns; None where ``stop()`` ended it.

    First, every number of the first steps is compared in float32 and float64. Peak memory is
    measured last, in a process for each side.
    """
    splits = read(recipe, root, seed)
    parities = {
        kind: _parity(recipe, splits, seed, device, kind) for kind in ("float32", "float64")
    }
    ours, theirs = pair(recipe, seed, device, dtype)
    loop = Loop(recipe, splits, [ours, theirs], seed)
    if not loop.run(progress or Progress(quiet=True), stop):
        return None
    memory = {
        name: peak_memory(name, recipe, root, seed, device, dtype) for name in ("minigrad", "torch")
    }
    return Comparison(
        recipe,
        {"seed": seed, "device": device, "dtype": dtype},
        splits.origin(),
        {name: _side(loop, name, memory[name]) for name in memory},
        loop.history,
        parities,
    )


def _parity(recipe: Recipe, splits: Splits, seed: int, device: str, dtype: str) -> Parity:
    ours, theirs = pair(recipe, seed, device, dtype)
    loop = Loop(recipe, splits, [], seed)
    batches = list(islice(arrays(loop.loader), CHECKED))
    return parity(ours, theirs, (batches * CHECKED)[:CHECKED])


def _side(loop: Loop, name: str, memory: Memory | None) -> Side:
    last = loop.history[name][-1]
    low, high = np.quantile(loop.seconds[name], [0.25, 0.75])
    return Side(
        last["test_accuracy"],
        last["test_loss"],
        last["train_loss"],
        median(loop.seconds[name]),
        (float(low), float(high)),
        memory,
    )
