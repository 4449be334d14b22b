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
    """The samples to train on, to validate with (maybe none) and to test with."""

    train: Samples
    test: Samples
    validation: Samples | None
    source: str

    def origin(self) -> str:
        """How many samples from where, for reports, which name no folder of this machine."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        counts = [f"{length(p):,} {name}" for name, p in parts.items() if p is not None]
        return f"{', '.join(counts)}; {Path(self.source).name}"
