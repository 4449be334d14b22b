"""Rows of losses whose target is a class.

PyTorch refuses a weight of classes that requires a gradient, as every operand of a row does:
`tests/nn/test_loss.py` tries the weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.nn.functional import binary, classification, ctc
from minigrad.ops.loss import class_residual
from minigrad.ops.softmax import bounded_log

from .loss import reduced
from .row import Draw, Row, Sample


def _rows(d: Draw) -> list[Sample]:
    """Logits against class indices: every param, one row, images, rows that do not count."""
    n = np.array([1, 2, -100, 0])
    return [
        *reduced(lambda: (d.normal(4, 3), d.integers(0, 3, 4))),
        *reduced(lambda: (d.normal(4, 3), n)),
        *reduced(lambda: (d.normal(2, 3, 2, 2), d.integers(0, 3, 2, 2, 2)), ignore_index=1),
        Sample(d.normal(3), d.integers(0, 3)),
    ]


def _smoothed(d: Draw) -> list[Sample]:
    n = np.array([1, 2, -100, 0])
    return [
        *_rows(d),
        *reduced(lambda: (d.normal(4, 3), n), label_smoothing=0.2),
        *reduced(lambda: (d.normal(4, 3), d.uniform(0.1, 0.9, 4, 3))),
        Sample(d.normal(4, 3), d.uniform(0.1, 0.9, 4, 3), label_smoothing=0.2),
        Sample(d.normal(3), d.uniform(0.1, 0.9, 3)),
        Sample(d.normal(3), d.integers(0, 3), label_smoothing=0.2),
    ]


def _ctc(logits: Any, *args: Any, **params: Any) -> Any:
    # PyTorch's gradient of ctc_loss is that of log_softmax and ctc_loss together.
    return ctc.ctc_loss(logits.log_softmax(-1), *args, **params)


def _sequences(d: Draw) -> list[Sample]:
    inputs, targets = np.array([5, 4]), np.array([3, 2])
    labels = np.array([[1, 2, 2], [3, 1, 0]])
    return [
        *reduced(lambda: (d.normal(4, 2, 3), labels[:, 1:] % 3, inputs - 1, targets - 1)),
        Sample(d.normal(5, 2, 4), np.array([1, 2, 2, 3, 1]), inputs, targets, blank=0),
        Sample(d.normal(5, 2, 4), labels, inputs, np.array([3, 0]), blank=3),
        Sample(d.normal(5, 4), labels[0], np.array(5), np.array(3), reduction="sum"),
        Sample(
            d.normal(3, 2, 4), labels, np.array([3, 3]), targets, zero_infinity=True
        ),  # the first target is too long
    ]


ROWS = [
    Row(
        "nn.functional.cross_entropy",
        classification.cross_entropy,
        _smoothed,
        "L = log Σ exp(x) - x[y]",
        ops=("class_cross_entropy", "class_share"),
    ),
    Row(
        "class_residual",
        lambda x, t, **params: class_residual(x, t, ignore_index=-100, **params),
        lambda d: reduced(lambda: (d.normal(4, 3), np.array([1, 2, -100, 0]))),
        torch="",
    ),
    Row("nn.functional.nll_loss", classification.nll_loss, _rows, "L = -x[y]"),
    Row(
        "nn.functional.probability_cross_entropy",
        classification.probability_cross_entropy,
        lambda d: [
            *reduced(lambda: (d.uniform(0.1, 0.9, 4, 3), d.integers(0, 3, 4))),
            *reduced(lambda: (d.uniform(0.1, 0.9, 4, 3), d.uniform(0.1, 0.9, 4, 3))),
            Sample(d.uniform(0.1, 0.9, 3), d.integers(0, 3)),
        ],
        "L = -log p[y], through softmax ∂L/∂x = p - y",
        ops=(),
        torch="",
    ),
    Row(
        "bounded_log",
        bounded_log,
        lambda d: [Sample(d.uniform(0.1, 0.9, 3, 4)), Sample(d.uniform(0.1, 0.9))],
        torch="",
    ),
    Row(
        "nn.functional.binary_cross_entropy",
        binary.binary_cross_entropy,
        lambda d: [
            *reduced(lambda: (d.uniform(0.1, 0.9, 3, 4), d.uniform(0.1, 0.9, 3, 4))),
        ],
    ),
    Row(
        "nn.functional.binary_cross_entropy_with_logits",
        binary.binary_cross_entropy_with_logits,
        lambda d: [
            *reduced(lambda: (d.normal(3, 4), d.uniform(0.1, 0.9, 3, 4))),
            Sample(50 * d.normal(3, 4), d.uniform(0.1, 0.9, 3, 4)),
        ],
        "L = (1 - y) x - log sigmoid(x)",
    ),
    Row(
        "nn.functional.multilabel_soft_margin_loss",
        binary.multilabel_soft_margin_loss,
        lambda d: [
            *reduced(lambda: (d.normal(3, 4), d.uniform(0.1, 0.9, 3, 4))),
        ],
        "L = mean over classes of (1 - y) x - log sigmoid(x)",
    ),
    Row(
        "nn.functional.multi_margin_loss",
        classification.multi_margin_loss,
        lambda d: [
            *reduced(lambda: (d.normal(4, 3), d.integers(0, 3, 4)), p=1, margin=0.7),
            *reduced(lambda: (d.normal(4, 3), d.integers(0, 3, 4)), p=2),
            Sample(d.normal(3), d.integers(0, 3)),
        ],
        "L = Σ max(0, m - x[y] + x[i])ᵖ / C over i ≠ y",
    ),
    Row(
        "nn.functional.multilabel_margin_loss",
        classification.multilabel_margin_loss,
        lambda d: [
            *reduced(
                lambda: (d.normal(3, 4), np.array([[3, 0, -1, 1], [1, -1, 0, 0], [0, 1, 2, 3]]))
            ),
            Sample(d.normal(4), np.array([2, 1, -1, 3])),
        ],
        "L = Σ max(0, 1 - x[y] + x[i]) / C over the listed y and the other i",
    ),
    Row(
        "nn.functional.ctc_loss",
        _ctc,
        _sequences,
        "L = -log Σ over alignments of Π p",
        torch_call=None,
        torch="",
    ),
]
