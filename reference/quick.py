"""A quick comparison: the first step's loss and gradients, and the losses of the first steps."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from minigrad.recipes import Recipe
from minigrad.training.data import read
from minigrad.training.metrics import NumpyArray
from reference.compare import first_batches, pair
from reference.parity import TOLERANCE, Difference, gradients, relative, without_dropout

STEPS = 20
"""How many losses are compared."""

CLOSE = 1e-3
"""How far apart two losses may be, relative to PyTorch's."""

Gradients = dict[str, NumpyArray]


@dataclass(frozen=True)
class Quick:
    """What a quick comparison found, without dropout, whose draws differ.

    Attributes:
        dtype: float32, or where its gradients differ by more than 1e-5 float64, in which they have
            to agree to 1e-10: where a rounding turns a ReLU over, what comes after it is another
            function, on either side.
        losses: of each step, on each side.
        gradient: the gradient of the first step that differs most.
        single: where float64 decides, how far the float32 gradients of the first step are from
            PyTorch's in float64, on each side.
        steady: how many losses are compared: up to where PyTorch, started again one rounding away
            from these weights, parts from itself. A deep network that normalises small batches
            multiplies a rounding by thousands in each step.
        seconds: how long the comparison took.
    """

    recipe: Recipe
    dtype: str
    losses: dict[str, list[float]]
    gradient: Difference
    single: dict[str, float] | None
    steady: int
    seconds: float

    @property
    def first_loss(self) -> float:
        """How far apart the losses of the first step are, relative to PyTorch's."""
        return relative(self.losses["minigrad"][0], self.losses["torch"][0])

    @property
    def apart(self) -> float:
        """The same for the step at which it is largest, of those that are compared."""
        return float(np.max(_apart(self.losses["minigrad"], self.losses["torch"])[: self.steady]))

    @property
    def passed(self) -> bool:
        """Whether loss, gradients and losses agree; what is no number does not."""
        allowed = TOLERANCE[self.dtype]
        return (
            self.gradient.relative <= allowed and self.first_loss <= allowed and self.apart <= CLOSE
        )

    def __str__(self) -> str:
        told = [
            f"{self.recipe.name:<14}{'agrees' if self.passed else 'DIFFERS':<9}",
            f"gradients {self.gradient.relative:.0e} ({self.gradient.name})",
            f"{self.steady} losses {self.apart:.0e}",
            f"{self.seconds:.1f} s",
        ]
        if self.single is not None:
            told.append(
                "in float64: float32 is {minigrad:.0e} from it here, {torch:.0e} in PyTorch".format(
                    **self.single
                )
            )
        return "   ".join(told)

    def as_dict(self) -> dict[str, Any]:
        """Everything, as plain data for JSON."""
        return {
            "title": self.recipe.title,
            "batch": self.recipe.batch,
            "options": dict(self.recipe.options),
            "passed": self.passed,
            "dtype": self.dtype,
            "first_loss": self.first_loss,
            "gradient": self.gradient.relative,
            "gradient_where": self.gradient.name,
            "float32_gradient_from_float64": self.single,
            "losses_compared": self.steady,
            "losses_apart": self.apart,
            "losses": self.losses,
            "seconds": self.seconds,
        }


def quick(
    recipe: Recipe,
    root: str | None = None,
    seed: int = 0,
    device: str = "cpu",
    compiled: bool = True,
) -> Quick:
    """Let both sides learn from the first batches of the recipe; minigrad's steps are replayed
    where they are ``compiled``.

    Errors: those of reading its data.
    """
    start = time.perf_counter()
    batches = first_batches(recipe, read(recipe, root, seed), seed, STEPS)

    def compared(dtype: str) -> tuple[dict[str, list[float]], dict[str, Gradients]]:
        losses: dict[str, list[float]] = {}
        first: dict[str, Gradients] = {}
        for side in pair(recipe, seed, device, dtype, compiled):
            with without_dropout(side.model):
                losses[side.name] = [side.step(*batches[0])[0]]
                first[side.name] = {name: g.copy() for name, g in gradients(side).items()}
                losses[side.name] += [side.step(x, y)[0] for x, y in batches[1:]]
        return losses, first

    dtype, single = "float32", None
    losses, first = compared(dtype)
    worst = largest(first["minigrad"], first["torch"])
    if not worst.relative <= TOLERANCE[dtype]:
        dtype = "float64"
        losses, double = compared(dtype)
        single = {name: largest(found, double["torch"]).relative for name, found in first.items()}
        worst = largest(double["minigrad"], double["torch"])
    steady = STEPS
    if not np.max(_apart(losses["minigrad"], losses["torch"])) <= CLOSE:
        _, again = pair(recipe, seed, device, dtype)
        with torch.no_grad():
            for p in again.model.parameters():
                p.copy_(torch.nextafter(p, torch.full_like(p, torch.inf)))
        with without_dropout(again.model):
            moved = [again.step(x, y)[0] for x, y in batches]
        parted = [gap > CLOSE for gap in _apart(moved, losses["torch"])]
        steady = max(1, parted.index(True)) if True in parted else STEPS
    return Quick(recipe, dtype, losses, worst, single, steady, time.perf_counter() - start)


def _apart(ours: list[float], theirs: list[float]) -> list[float]:
    """How far apart the losses of each step are; nan stays nan."""
    return [relative(a, b) for a, b in zip(ours, theirs, strict=True)]


def largest(ours: Gradients, theirs: Gradients) -> Difference:
    """The gradient that differs most, those among them that one side alone has."""
    found = [
        Difference(1, "gradient", name, relative(ours.get(name), theirs.get(name)))
        for name in {**ours, **theirs}
    ]
    # Written so that what is no number counts as the largest.
    return max(found, key=lambda d: (d.relative != d.relative, d.relative))
