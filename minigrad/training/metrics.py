"""What is counted beside the loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

NumpyArray = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Metric:
    """A number for a batch, and how it is written.

    Attributes:
        of: (outputs, targets) as NumPy arrays to the mean over the batch's samples.
        form: the format of its value.
    """

    of: Callable[[NumpyArray, NumpyArray], float]
    form: str = "{:.4f}"


def accuracy(output: NumpyArray, target: NumpyArray) -> float:
    """The share of samples that are right, in percent.

    By the largest output against a class index or a one-hot row; of a single output, by which
    side of 0.5 it is on.
    """
    if target.ndim == 1 and output.ndim == 2:
        right = output.argmax(axis=1) == target
    elif target.shape[-1] == 1 or target.ndim == 1:
        right = (output >= 0.5) == (target >= 0.5)
    else:
        right = output.argmax(axis=1) == target.argmax(axis=1)
    return 100 * float(right.sum()) / len(target)


METRICS: dict[str, Metric] = {
    "accuracy": Metric(accuracy, "{:.2f} %"),
}
"""Every metric by the name that recipes and `fit` know it by."""
