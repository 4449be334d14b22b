"""Losses given what they cannot take: each error says which loss, what it expected, what came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.nn import functional as F

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((4, 3)), RNG.standard_normal((4, 3))
P = RNG.uniform(0.1, 0.9, (4, 3))
LABELS = np.array([1, 2, -100, 0])
IMAGES, PIXELS = RNG.standard_normal((2, 3, 2, 2)), RNG.integers(0, 3, (2, 2, 2))


def tensor(*data: Any) -> Any:
    return minigrad.tensor(*data)


BAD: list[tuple[Any, type[Exception], str]] = [
    (
        lambda: F.cross_entropy(tensor(X), tensor([0, 1, 3, 2])),
        IndexError,
        r"cross_entropy: Target 3 is out of bounds: .* 3 classes; it stands at target\[2\]",
    ),
    (
        lambda: F.nll_loss(tensor(IMAGES), tensor(PIXELS - 1)),
        IndexError,
        r"nll_loss: Target -1 is out of bounds: expected labels from 0 to 2",
    ),
    (
        lambda: nn.CrossEntropy()(tensor(P), tensor([0, 5, 1, 2])),
        IndexError,
        "Target 5 is out of bounds",
    ),
    (
        lambda: F.multilabel_soft_margin_loss(tensor(X), tensor(Y[:, 0])),
        RuntimeError,
        "multilabel_soft_margin_loss: expected input and target of one shape",
    ),
    (
        lambda: F.cross_entropy(tensor(X), tensor([0.0, 1.0, 2.0, 0.0])),
        RuntimeError,
        "cross_entropy: expected class indices in int64",
    ),
    (
        lambda: F.cross_entropy(tensor(X), tensor([0, 1])),
        ValueError,
        "expected class indices of shape .4,. for an input .4, 3., got a target of .2,.",
    ),
    (
        lambda: F.cross_entropy(tensor(X), tensor(np.eye(3, dtype=int)[[0, 1, 2, 0]])),
        RuntimeError,
        "Expected floating point type for target with class probabilities, got int64",
    ),
    (
        lambda: F.cross_entropy(tensor(X), tensor(LABELS), tensor([1.0, 2.0])),
        RuntimeError,
        "all 3 classes or no classes",
    ),
    (
        lambda: F.cross_entropy(tensor(X), tensor(LABELS), label_smoothing=1.5),
        RuntimeError,
        "label_smoothing must be between",
    ),
    (
        lambda: F.cross_entropy(tensor(X), tensor(LABELS), reduction="average"),
        ValueError,
        "average is not a valid value for reduction",
    ),
    (
        lambda: F.cross_entropy(tensor(X).long(), tensor(LABELS)),
        RuntimeError,
        "cross_entropy: expected a floating point input, got int64",
    ),
    (
        lambda: F.cross_entropy(tensor(X), tensor(np.full((4, 3), np.nan))),
        ValueError,
        r"cross_entropy: target holds NaN, 12 of 12 numbers, the first at \(0, 0\)",
    ),
    (
        lambda: F.mse_loss(tensor([1.0, 2.0]), tensor([1.0, np.nan])),
        ValueError,
        r"mse_loss: target holds NaN, 1 of 2 numbers, the first at \(1,\)",
    ),
    (
        lambda: F.mse_loss(minigrad.ones(4, 1), minigrad.ones(4)),
        RuntimeError,
        r"mse_loss: expected input and target of one shape, got input \(4, 1\) and target \(4,\)",
    ),
    (
        lambda: F.l1_loss(minigrad.ones(4), minigrad.ones(3)),
        RuntimeError,
        "l1_loss: expected input and target of one shape",
    ),
    (
        lambda: F.binary_cross_entropy(minigrad.ones(4, 1), minigrad.ones(4)),
        ValueError,
        "binary_cross_entropy: expected input and target of one shape",
    ),
    (
        lambda: F.binary_cross_entropy(tensor([1.5]), tensor([1.0])),
        RuntimeError,
        "all elements of input should be between 0 and 1, found 1.5",
    ),
    (
        lambda: F.binary_cross_entropy(tensor([0.5]), tensor([2.0])),
        RuntimeError,
        "all elements of target should be between 0 and 1",
    ),
    (
        lambda: F.binary_cross_entropy(tensor([0.5]), tensor([1])),
        RuntimeError,
        "one floating point type, got float32 and int64",
    ),
    (
        lambda: nn.CrossEntropy()(tensor([[3.0, -1.0]]), tensor([0])),
        RuntimeError,
        "probability_cross_entropy: all elements of input should be between 0 and 1",
    ),
    (lambda: F.huber_loss(tensor(X), tensor(Y), delta=0), RuntimeError, "non-positive values"),
    (lambda: F.smooth_l1_loss(tensor(X), tensor(Y), beta=-1), RuntimeError, "negative values"),
    (
        lambda: F.gaussian_nll_loss(tensor(X), tensor(Y), tensor(-P)),
        ValueError,
        "var has negative",
    ),
    (
        lambda: F.gaussian_nll_loss(tensor(X), tensor(Y), minigrad.ones(2)),
        ValueError,
        "var is of incorrect size",
    ),
    (
        lambda: F.multi_margin_loss(tensor(X), tensor([0, 1, 2, 0]), p=3),
        ValueError,
        "only p == 1 and p == 2",
    ),
    (
        lambda: F.multilabel_margin_loss(tensor(X), tensor([0, 1])),
        RuntimeError,
        "multilabel_margin_loss: expected input and target of one shape",
    ),
    (
        lambda: F.margin_ranking_loss(tensor(X), tensor(Y), tensor([1])),
        RuntimeError,
        "same dimension",
    ),
    (
        lambda: F.cosine_embedding_loss(tensor(X), tensor(Y), tensor([1])),
        RuntimeError,
        "cosine_embedding_loss: expected inputs of one shape",
    ),
    (lambda: nn.TripletMarginLoss(margin=0), ValueError, "margin to be greater than 0"),
    (
        lambda: F.ctc_loss(minigrad.zeros(2, 1, 3), tensor([[1, 2]]), [3], [2]),
        RuntimeError,
        "Expected input_lengths to have value at most 2, but got 3",
    ),
    (
        lambda: F.ctc_loss(minigrad.zeros(2, 1, 3), tensor([[1, 2]]), [2, 2], [2]),
        RuntimeError,
        "expected input_lengths to be 1 lengths",
    ),
    (
        lambda: F.ctc_loss(minigrad.zeros(2, 1, 3), tensor([[1, 7]]), [2], [2]),
        IndexError,
        "ctc_loss: Target 7 is out of bounds",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD)
def test_bad_input(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


def test_nan_targets_pass_where_losses_stay_apart() -> None:
    losses = F.mse_loss(tensor([1.0, 2.0]), tensor([2.0, np.nan]), reduction="none")
    np.testing.assert_array_equal(losses.numpy(), [1, np.nan])
