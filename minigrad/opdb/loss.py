"""Rows of losses. PyTorch refuses a weight of classes that requires a gradient, as every operand of
a row does: `tests/nn/test_loss.py` tries the weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.nn.functional import binary, classification, ctc, distance, loss
from minigrad.opdb.row import Draw, Row, Sample
from minigrad.ops.loss import class_residual
from minigrad.ops.softmax import bounded_log


def _reduced(pair: Callable[[], tuple[Any, ...]], **params: Any) -> list[Sample]:
    """The operands with each reduction; the params in all."""
    return [Sample(*pair(), reduction=word, **params) for word in ("mean", "sum", "none")]


def _pair(d: Draw, **params: Any) -> list[Sample]:
    """Two tensors of one shape."""
    return [
        *_reduced(lambda: (d.normal(3, 4), d.normal(3, 4)), **params),
        Sample(d.normal(2, 3, 2), d.normal(2, 3, 2)),
        Sample(d.normal(), d.normal()),
    ]


def _signs(d: Draw, *shape: int) -> Array:
    """Targets of 1 and -1, in an integer type: they have no derivative."""
    return d.integers(0, 2, *shape) * 2 - 1


def _rows(d: Draw) -> list[Sample]:
    """Logits against class indices: every param, one row, images, rows that do not count."""
    n = np.array([1, 2, -100, 0])
    return [
        *_reduced(lambda: (d.normal(4, 3), d.integers(0, 3, 4))),
        *_reduced(lambda: (d.normal(4, 3), n)),
        *_reduced(lambda: (d.normal(2, 3, 2, 2), d.integers(0, 3, 2, 2, 2)), ignore_index=1),
        Sample(d.normal(3), d.integers(0, 3)),
    ]


def _smoothed(d: Draw) -> list[Sample]:
    n = np.array([1, 2, -100, 0])
    return [
        *_rows(d),
        *_reduced(lambda: (d.normal(4, 3), n), label_smoothing=0.2),
        *_reduced(lambda: (d.normal(4, 3), d.uniform(0.1, 0.9, 4, 3))),
        Sample(d.normal(4, 3), d.uniform(0.1, 0.9, 4, 3), label_smoothing=0.2),
        Sample(d.normal(3), d.uniform(0.1, 0.9, 3)),
        Sample(d.normal(3), d.integers(0, 3), label_smoothing=0.2),
    ]


def _ctc(logits: Any, *args: Any, **params: Any) -> Any:
    # PyTorch's gradient of ctc_loss is that of log_softmax and ctc_loss together.
    return ctc.ctc_loss(logits.log_softmax(-1), *args, **params)


def _sequences(d: Draw) -> list[Sample]:
    inputs, targets = np.array([6, 5]), np.array([3, 2])
    labels = np.array([[1, 2, 2], [3, 1, 0]])
    return [
        *_reduced(lambda: (d.normal(6, 2, 4), labels, inputs, targets)),
        Sample(d.normal(6, 2, 4), np.array([1, 2, 2, 3, 1]), inputs, targets, blank=0),
        Sample(d.normal(6, 2, 4), labels, inputs, np.array([3, 0]), blank=3),
        Sample(d.normal(6, 4), labels[0], np.array(6), np.array(3), reduction="sum"),
        Sample(
            d.normal(3, 2, 4), labels, np.array([3, 3]), targets, zero_infinity=True
        ),  # the first target is too long
    ]


def _triplet(d: Draw) -> list[Sample]:
    def three() -> tuple[Array, ...]:
        return d.normal(4, 3), d.normal(4, 3), d.normal(4, 3)

    return [
        *_reduced(three, margin=0.7),
        Sample(*three(), p=3, swap=True),
        Sample(d.normal(3), d.normal(3), d.normal(3), eps=1e-3),
    ]


ROWS = [
    Row(
        "nn.functional.mse_loss",
        loss.mse_loss,
        lambda d: [
            *_pair(d),
            *_reduced(lambda: (d.normal(3, 4), d.normal(3, 4)), weight=d.positive(3, 4)),
        ],
        "L = (x - y)²",
        types=False,  # PyTorch has no derivative here for what its forward accepts
    ),
    Row(
        "nn.functional.l1_loss",
        loss.l1_loss,
        _pair,
        "L = |x - y|",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.smooth_l1_loss",
        loss.smooth_l1_loss,
        lambda d: [*_pair(d, beta=0.7), Sample(d.normal(4), d.normal(4), beta=0.0)],
        "L = (x - y)² / 2β where |x - y| < β, else |x - y| - β/2",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.huber_loss",
        loss.huber_loss,
        lambda d: _pair(d, delta=0.7),
        "L = (x - y)² / 2 where |x - y| < δ, else δ (|x - y| - δ/2)",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.kl_div",
        loss.kl_div,
        lambda d: [
            # PyTorch warns of reduction="mean", which tests/nn/test_loss.py compares.
            Sample(d.normal(3, 4), d.positive(3, 4), reduction="sum"),
            Sample(d.normal(3, 4), d.positive(3, 4), reduction="none"),
            Sample(d.normal(3, 4), d.positive(3, 4), reduction="batchmean"),
            Sample(d.normal(3, 4), d.normal(3, 4), reduction="batchmean", log_target=True),
        ],
        "L = y (log y - x)",
        types=False,
    ),
    Row(
        "nn.functional.poisson_nll_loss",
        loss.poisson_nll_loss,
        lambda d: [
            *_reduced(lambda: (d.normal(3, 4), d.uniform(0, 5, 3, 4))),
            Sample(d.positive(3, 4), d.uniform(0, 5, 3, 4), log_input=False, eps=1e-3),
            Sample(d.normal(3, 4), d.uniform(0, 5, 3, 4), full=True),
        ],
        "L = exp(x) - y x",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.gaussian_nll_loss",
        loss.gaussian_nll_loss,
        lambda d: [
            *_reduced(lambda: (d.normal(3, 4), d.normal(3, 4), d.positive(3, 4)), full=True),
            Sample(d.normal(3, 4), d.normal(3, 4), d.positive(3)),
            Sample(d.normal(3, 4), d.normal(3, 4), d.positive(3, 1), eps=0.1),
            Sample(d.normal(3, 4), d.normal(3, 4), 0.7),
        ],
        "L = (log v + (x - y)² / v) / 2",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.soft_margin_loss",
        loss.soft_margin_loss,
        lambda d: [
            *_reduced(lambda: (d.normal(3, 4), _signs(d, 3, 4))),
            Sample(d.normal(), _signs(d)),
        ],
        "L = log(1 + exp(-y x))",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.hinge_embedding_loss",
        loss.hinge_embedding_loss,
        lambda d: _reduced(lambda: (d.nonzero(3, 4), _signs(d, 3, 4)), margin=0.3),
        "L = x where y = 1, max(0, m - x) where y = -1",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.margin_ranking_loss",
        loss.margin_ranking_loss,
        lambda d: _reduced(lambda: (d.normal(4), d.normal(4), _signs(d, 4)), margin=0.3),
        "L = max(0, -y (x₁ - x₂) + m)",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.cosine_embedding_loss",
        loss.cosine_embedding_loss,
        lambda d: [
            *_reduced(lambda: (d.normal(4, 3), d.normal(4, 3), _signs(d, 4)), margin=0.3),
            Sample(d.normal(3), d.normal(3), _signs(d)),
        ],
        "L = 1 - cos(x₁, x₂) where y = 1, max(0, cos(x₁, x₂) - m) where y = -1",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.triplet_margin_loss",
        loss.triplet_margin_loss,
        _triplet,
        "L = max(0, ‖a - p‖ - ‖a - n‖ + m)",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.triplet_margin_with_distance_loss",
        loss.triplet_margin_with_distance_loss,
        lambda d: [Sample(d.normal(4, 3), d.normal(4, 3), d.normal(4, 3), margin=0.7, swap=True)],
        "L = max(0, d(a, p) - d(a, n) + m)",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.cross_entropy",
        classification.cross_entropy,
        _smoothed,
        "L = log Σ exp(x) - x[y]",
        rules={"logits": "∂L/∂x = G · (softmax(x) - y)"},
        ops=("class_cross_entropy", "class_share"),
        analytic=False,
        types=False,
    ),
    Row(
        "class_residual",
        lambda x, t, **params: class_residual(x, t, ignore_index=-100, **params),
        lambda d: _reduced(lambda: (d.normal(4, 3), np.array([1, 2, -100, 0]))),
        "r = s · (softmax(x) - y), s = 1 or 1/n, and 0 for rows that do not count",
        rules={"logits": "∂L/∂x = p · (s G - Σ s G p)"},
        torch="",
        analytic=False,
    ),
    Row(
        "nn.functional.nll_loss",
        classification.nll_loss,
        _rows,
        "L = -x[y]",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.probability_cross_entropy",
        classification.probability_cross_entropy,
        lambda d: [
            *_reduced(lambda: (d.uniform(0.1, 0.9, 4, 3), d.integers(0, 3, 4))),
            *_reduced(lambda: (d.uniform(0.1, 0.9, 4, 3), d.uniform(0.1, 0.9, 4, 3))),
            Sample(d.uniform(0.1, 0.9, 3), d.integers(0, 3)),
        ],
        "L = -log p[y], through softmax ∂L/∂x = p - y",
        ops=(),
        torch="",
        analytic=False,
    ),
    Row(
        "bounded_log",
        bounded_log,
        lambda d: [Sample(d.uniform(0.1, 0.9, 3, 4)), Sample(d.uniform(0.1, 0.9))],
        "y = log max(p, ε), ε = 4e-29 in float32",
        rules={"p": "∂L/∂p = G / max(p, ε)"},
        torch="",
        analytic=False,
    ),
    Row(
        "nn.functional.binary_cross_entropy",
        binary.binary_cross_entropy,
        lambda d: [
            *_reduced(lambda: (d.uniform(0.1, 0.9, 3, 4), d.uniform(0.1, 0.9, 3, 4))),
        ],
        "L = -(y log p + (1 - y) log(1 - p))",
        rules={
            "p": "∂L/∂p = G · (p - y) / (p (1 - p))",
            "y": "∂L/∂y = G · (log(1 - p) - log p)",
        },
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.binary_cross_entropy_with_logits",
        binary.binary_cross_entropy_with_logits,
        lambda d: [
            *_reduced(lambda: (d.normal(3, 4), d.uniform(0.1, 0.9, 3, 4))),
            Sample(50 * d.normal(3, 4), d.uniform(0.1, 0.9, 3, 4)),
        ],
        "L = (1 - y) x - log sigmoid(x)",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.multilabel_soft_margin_loss",
        binary.multilabel_soft_margin_loss,
        lambda d: [
            *_reduced(lambda: (d.normal(3, 4), d.uniform(0.1, 0.9, 3, 4))),
        ],
        "L = mean over classes of (1 - y) x - log sigmoid(x)",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.multi_margin_loss",
        classification.multi_margin_loss,
        lambda d: [
            *_reduced(lambda: (d.normal(4, 3), d.integers(0, 3, 4)), p=1, margin=0.7),
            *_reduced(lambda: (d.normal(4, 3), d.integers(0, 3, 4)), p=2),
            Sample(d.normal(3), d.integers(0, 3)),
        ],
        "L = Σ max(0, m - x[y] + x[i])ᵖ / C over i ≠ y",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.multilabel_margin_loss",
        classification.multilabel_margin_loss,
        lambda d: [
            *_reduced(
                lambda: (d.normal(3, 4), np.array([[3, 0, -1, 1], [1, -1, 0, 0], [0, 1, 2, 3]]))
            ),
            Sample(d.normal(4), np.array([2, 1, -1, 3])),
        ],
        "L = Σ max(0, 1 - x[y] + x[i]) / C over the listed y and the other i",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.ctc_loss",
        _ctc,
        _sequences,
        "L = -log Σ over alignments of Π p",
        torch_call=None,
        torch="",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.normalize",
        distance.normalize,
        lambda d: [Sample(d.normal(3, 4)), Sample(d.nonzero(3, 4), p=3.0, dim=0, eps=1e-6)],
        "y = x / max(‖x‖, ε)",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.cosine_similarity",
        distance.cosine_similarity,
        lambda d: [
            Sample(d.normal(3, 4), d.normal(3, 4)),
            Sample(d.normal(3, 4), d.normal(3, 1), dim=0),
            Sample(d.normal(2, 3, 4), d.normal(4), dim=-1, eps=1e-3),
        ],
        "y = x₁·x₂ / (‖x₁‖ ‖x₂‖)",
        analytic=False,
        types=False,
    ),
    Row(
        "nn.functional.pairwise_distance",
        distance.pairwise_distance,
        lambda d: [
            Sample(d.normal(3, 4), d.normal(3, 4)),
            Sample(d.normal(3, 4), d.normal(4), p=3.0, keepdim=True),
            Sample(d.normal(4), d.normal(4), eps=0.1),
        ],
        "y = ‖x₁ - x₂ + ε‖",
        analytic=False,
        types=False,
    ),
]
