"""The samples of a run, in parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minigrad.utils.data import DataLoader, Dataset, Subset
from minigrad.utils.data.dataset import length

Samples = Dataset[Any]
Loader = DataLoader[Any]


def hold_out(samples: Samples, share: float) -> tuple[Samples, Samples]:
    """The samples without the last ones, whose number is this share of all, rounded; and these."""
    order = np.arange(length(samples))
    kept = len(order) - round(len(order) * share)
    return Subset(samples, order[:kept].tolist()), Subset(samples, order[kept:].tolist())


@dataclass(frozen=True)
class Splits:
    """The samples to train on, to validate with (maybe none) and to test with.

    ``stands_for``: where they take the place of a data set that is not to be had, how many it has
    to train on and to validate with.
    """

    train: Samples
    test: Samples
    validation: Samples | None
    source: str
    stands_for: int | None = None

    @property
    def times(self) -> int:
        """How often they have to be gone through where the data set itself is once: for as many
        steps."""
        if self.stands_for is None:
            return 1
        own = length(self.train) + (0 if self.validation is None else length(self.validation))
        return max(1, round(self.stands_for / own))

    def origin(self) -> str:
        """How many samples from where, for reports, which name no folder of this machine."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        counts = [f"{length(p):,} {name}" for name, p in parts.items() if p is not None]
        return f"{', '.join(counts)}; {Path(self.source).name}"
