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
        best: whether its least or its largest value is the best, "min" or "max"; None where that
            is not known.
    """

    of: Callable[[NumpyArray, NumpyArray], float]
    form: str = "{:.4f}"
    best: str | None = None


def accuracy(output: NumpyArray, target: NumpyArray, threshold: float = 0.5) -> float:
    """The share of samples that are right, in percent.

    By the largest output (dimension 1) against a class index or a one-hot row; of a single output,
    by which side of the threshold it is on, 1 being above.
    Errors: ValueError for shapes that do not fit.
    """
    if output.ndim > 1 and output.shape[1] > 1 and target.ndim == output.ndim - 1:
        right = output.argmax(axis=1) == target
    elif _alike("accuracy", output, target).ndim == 1 or target.shape[1] == 1:
        right = (output >= threshold) == (target >= 0.5)
    else:
        right = output.argmax(axis=1) == target.argmax(axis=1)
    return 100 * float(right.sum()) / int(right.size)


def mean_squared_error(output: NumpyArray, target: NumpyArray) -> float:
    """(x - y)², the mean over all numbers"""
    return float(np.square(output - _alike("mse", output, target)).mean())


def mean_absolute_error(output: NumpyArray, target: NumpyArray) -> float:
    """|x - y|, the mean over all numbers"""
    return float(np.abs(output - _alike("mae", output, target)).mean())


def judged_real(output: NumpyArray, target: NumpyArray) -> float:
    """D(x), how real real samples seem to a GAN's discriminator, whose outputs are the columns
    D(x) and D(G(z))"""
    return float(output[:, 0].mean())


def judged_made(output: NumpyArray, target: NumpyArray) -> float:
    """D(G(z)), how real made samples seem to it"""
    return float(output[:, 1].mean())


def generator_loss(output: NumpyArray, target: NumpyArray) -> float:
    """-log D(G(z)), what its generator descends; the logarithm not below -100, as in BCELoss"""
    with np.errstate(divide="ignore"):
        return -float(np.maximum(np.log(output[:, 1]), -100).mean())


def _alike(name: str, output: NumpyArray, target: NumpyArray) -> NumpyArray:
    """The targets. Errors: ValueError unless they have the outputs' shape."""
    if target.shape != output.shape:
        raise ValueError(
            f"{name}: the shapes of outputs and targets do not fit: {output.shape} and "
            f"{target.shape}"
        )
    return target


METRICS: dict[str, Metric] = {
    "D_fake": Metric(judged_made, "{:.3f}"),
    "D_real": Metric(judged_real, "{:.3f}"),
    "G_loss": Metric(generator_loss),
    "accuracy": Metric(accuracy, "{:.2f} %", "max"),
    "mae": Metric(mean_absolute_error, best="min"),
    "mse": Metric(mean_squared_error, best="min"),
}
"""Every metric by the name that recipes and `fit` know it by."""
