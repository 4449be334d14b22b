"""What a comparison came to: its table, its verdict, its JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np
import torch

from minigrad.recipes import Recipe
from minigrad.training.loop import Loop
from minigrad.training.metrics import METRICS
from reference.memory import Memory
from reference.parity import Difference, Parity

CHECKED = 3
"""Steps whose every number is compared."""

CLOSE = 0.3
"""Points of accuracy by which the two sides may end apart: they round otherwise, so after some
thousand steps they are two runs."""


@dataclass
class Side:
    """What came out for one side.

    Attributes:
        last: the last epoch's numbers: train_loss, test_accuracy and the like.
        seconds: the median time of a step.
    """

    last: dict[str, float]
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
    rounding: dict[str, Difference]

    def as_dict(self) -> dict[str, Any]:
        """Everything, as plain data."""
        return {
            "recipe": self.recipe.as_dict(),
            **self.settings,
            "data": self.data,
            "threads": torch.get_num_threads(),
            "sides": {
                name: {
                    **side.last,
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
            "float32_gradient_from_float64": {
                name: {"relative": worst.relative, "where": worst.name}
                for name, worst in self.rounding.items()
            },
            "history": self.history,
        }

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The table's rows: what, minigrad, PyTorch, their relation."""
        a, b = self.sides["minigrad"], self.sides["torch"]
        rows = []
        for name in self.recipe.metrics:
            form = METRICS[name].form
            ours, theirs = a.last[f"test_{name}"], b.last[f"test_{name}"]
            gap = f"{ours - theirs:+.2f} points" if name == "accuracy" else ""
            rows.append((f"test {name}", form.format(ours), form.format(theirs), gap))
        for key, title in (("test_loss", "test loss"), ("train_loss", "training loss, last epoch")):
            rows.append((title, f"{a.last[key]:.4f}", f"{b.last[key]:.4f}", ""))
        rows += [
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
        mine, other = self.rounding["minigrad"], self.rounding["torch"]
        rows.append(
            (
                "its own rounding: float32 from float64",
                f"{mine.relative:.1e}",
                f"{other.relative:.1e}",
                f"in {mine.name} and {other.name}",
            )
        )
        return rows

    def verdict(self) -> list[str]:
        """What the numbers mean, in a few lines."""
        lines = []
        if "accuracy" in self.recipe.metrics:
            a, b = (self.sides[name].last["test_accuracy"] for name in ("minigrad", "torch"))
            if self.recipe.known is not None:
                reached = "reached" if self.recipe.reaches_known(a) else "not reached"
                lines.append(f"known result {self.recipe.known} %: {reached} with {a:.2f} %")
            gap = abs(a - b)
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


def side_of(loop: Loop, name: str, memory: Memory | None) -> Side:
    """What came out for the learner of this name."""
    last = {key: value for key, value in loop.history[name][-1].items() if key != "epoch"}
    low, high = np.quantile(loop.seconds[name], [0.25, 0.75])
    return Side(
        last,
        median(loop.seconds[name]),
        (float(low), float(high)),
        memory,
    )
