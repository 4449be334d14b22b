"""A quick comparison: the first step's loss and gradients, and the losses of the first steps."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.recipes import Recipe
from minigrad.training.data import read
from minigrad.training.metrics import NumpyArray
from reference.compare import first_batches, pair
from reference.parity import TOLERANCE, Difference, gradients, relative, without_dropout

STEPS = 20
"""How many losses are compared."""

CLOSE = 1e-3
"""How far apart two losses may be, relative to PyTorch's."""


@dataclass(frozen=True)
class Quick:
    """What a quick comparison found, in float32 and without dropout, whose draws differ.

    Attributes:
        losses: of each step, on each side.
        gradient: the gradient of the first step that differs most.
        rounding: how far each side's gradients of the first step are from PyTorch's in float64;
            None where the sides agree so well that nobody need ask.
        seconds: how long the comparison took.
    """

    recipe: Recipe
    losses: dict[str, list[float]]
    gradient: Difference
    rounding: dict[str, Difference] | None
    seconds: float

    @property
    def first_loss(self) -> float:
        """How far apart the losses of the first step are, relative to PyTorch's."""
        return relative(self.losses["minigrad"][0], self.losses["torch"][0])

    @property
    def apart(self) -> float:
        """The same for the step at which it is largest."""
        pairs = zip(self.losses["minigrad"], self.losses["torch"], strict=True)
        return float(np.max([relative(a, b) for a, b in pairs]))  # nan, if one is

    @property
    def exact(self) -> bool:
        """Whether the first step's gradients are equal to rounding: within 1e-5 of PyTorch's, or,
        where PyTorch's own float32 is farther than that from its float64, no farther from its
        float64 than that."""
        if self.gradient.relative <= TOLERANCE["float32"]:
            return True
        return self.rounding is not None and (
            self.rounding["minigrad"].relative
            <= max(self.rounding["torch"].relative, TOLERANCE["float32"])
        )

    @property
    def passed(self) -> bool:
        """Whether loss, gradients and losses agree; what is no number does not."""
        return self.exact and self.first_loss <= TOLERANCE["float32"] and self.apart <= CLOSE

    def __str__(self) -> str:
        told = [
            f"{self.recipe.name:<14}{'agrees' if self.passed else 'DIFFERS':<9}",
            f"first loss {self.first_loss:.0e}",
            f"gradients {self.gradient.relative:.0e} ({self.gradient.name})",
            f"{STEPS} losses {self.apart:.0e}",
            f"{self.seconds:.1f} s",
        ]
        if self.rounding is not None:
            ours, theirs = (self.rounding[name].relative for name in ("minigrad", "torch"))
            told.insert(
                3, f"float32 from PyTorch's float64 {ours:.0e} here, {theirs:.0e} in PyTorch"
            )
        return "   ".join(told)

    def as_dict(self) -> dict[str, Any]:
        """Everything, as plain data for JSON."""
        return {
            "title": self.recipe.title,
            "batch": self.recipe.batch,
            "options": dict(self.recipe.options),
            "passed": self.passed,
            "first_loss": self.first_loss,
            "gradient": self.gradient.relative,
            "gradient_where": self.gradient.name,
            "gradient_from_float64": None
            if self.rounding is None
            else {name: worst.relative for name, worst in self.rounding.items()},
            "losses_apart": self.apart,
            "losses": self.losses,
            "seconds": self.seconds,
        }


def quick(recipe: Recipe, root: str | None = None, seed: int = 0, device: str = "cpu") -> Quick:
    """Let both sides learn from the first batches of the recipe, with its `quick` settings.

    Errors: those of reading its data.
    """
    start = time.perf_counter()
    recipe = recipe.in_a_hurry()
    batches = first_batches(recipe, read(recipe, root, seed), seed, STEPS)
    sides = pair(recipe, seed, device)
    losses: dict[str, list[float]] = {}
    first: dict[str, dict[str, NumpyArray]] = {}
    for side in sides:
        with without_dropout(side.model):
            losses[side.name] = [side.step(*batches[0])[0]]
            first[side.name] = {name: g.copy() for name, g in gradients(side).items()}
            losses[side.name] += [side.step(x, y)[0] for x, y in batches[1:]]
    worst = largest(first["minigrad"], first["torch"])
    rounding = None
    if not worst.relative <= TOLERANCE["float32"]:
        _, double = pair(recipe, seed, device, "float64")
        with without_dropout(double.model):
            double.step(*batches[0])
        rounding = {name: largest(found, gradients(double)) for name, found in first.items()}
    return Quick(recipe, losses, worst, rounding, time.perf_counter() - start)


def largest(ours: dict[str, NumpyArray], theirs: dict[str, NumpyArray]) -> Difference:
    """The gradient that differs most, those among them that one side alone has."""
    found = [
        Difference(1, "gradient", name, relative(ours.get(name), theirs.get(name)))
        for name in {**ours, **theirs}
    ]
    # Written so that what is no number counts as the largest.
    return max(found, key=lambda d: (d.relative != d.relative, d.relative))
