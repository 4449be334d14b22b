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
    """The outcome: both sides, and how close their numbers were at the start.

    ``stands_for``: where the samples took the place of a data set, how many that one has.
    """

    recipe: Recipe
    settings: dict[str, Any]
    data: str
    sides: dict[str, Side]
    history: dict[str, list[dict[str, float]]]
    parities: dict[str, Parity]
    rounding: dict[str, Difference]
    stands_for: int | None = None

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
                "a step, median",
                f"{a.seconds * 1e3:.2f} ms",
                f"{b.seconds * 1e3:.2f} ms",
                f"{a.seconds / b.seconds:.2f} times",
            ),
            ("its quartiles", _quartiles(a), _quartiles(b), ""),
        ]
        if a.memory is not None and b.memory is not None:
            for what, key in (("peak memory", "whole"), ("of it, training alone", "training")):
                left, right = (f"{getattr(side.memory, key):.0f} MB" for side in (a, b))
                rows.append((what, left, right, ""))
        for dtype, found in self.parities.items():
            worst = found.largest("gradient", 1)
            rows.append((f"gradients, {dtype}", "", "", f"{worst.relative:.1e}"))
        mine, other = self.rounding["minigrad"], self.rounding["torch"]
        rows.append(("their own rounding", f"{mine.relative:.1e}", f"{other.relative:.1e}", ""))
        return rows

    def notes(self) -> list[str]:
        """What the table's last rows are, and where the numbers were found."""
        found = (
            f"in {dtype} {each.largest('gradient', 1).name}"
            for dtype, each in self.parities.items()
        )
        mine, other = self.rounding["minigrad"], self.rounding["torch"]
        return [
            "gradients: the largest difference in the first step, as a part of the largest entry "
            f"of its tensor, {', '.join(found)}",
            "their own rounding: how far each side's float32 gradients are from its own in "
            f"float64, in {mine.name} and in {other.name}",
        ]

    def verdict(self) -> list[str]:
        """What the numbers mean, in a few lines."""
        lines = []
        if "accuracy" in self.recipe.metrics:
            a, b = (self.sides[name].last["test_accuracy"] for name in ("minigrad", "torch"))
            if self.recipe.known is not None:
                if self.stands_for is None:
                    reached = "reached" if self.recipe.reaches_known(a) else "not reached"
                    lines.append(f"known result {self.recipe.known} %: {reached} with {a:.2f} %")
                else:
                    lines.append(
                        f"{a:.2f} % with {self.data}; the known result {self.recipe.known} % is of "
                        f"all {self.stands_for:,} images, which are not here"
                    )
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


def _quartiles(side: Side) -> str:
    low, high = side.seconds_quartiles
    return f"{low * 1e3:.2f}, {high * 1e3:.2f} ms"


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
