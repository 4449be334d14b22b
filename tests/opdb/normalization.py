"""Rows of normalization."""

from __future__ import annotations

from minigrad.nn.functional import normalization as F
from minigrad.ops.normalization import center, mean_square

from .row import Draw, Row, Sample

_AXES = (0, 2)


# With running statistics both are affine functions, which the layers' tests try: those statistics
# take no gradient, as every operand of a row does.


def _batch(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(3, 2, 3), None, None, d.normal(2), d.normal(2), training=True),
        Sample(d.normal(5, 2), None, None, training=True, eps=0.1),
    ]


def _instance(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 2, 3), None, None, d.normal(2), d.normal(2)),
        Sample(d.normal(1, 2, 2, 3), eps=0.1),
    ]


ROWS = [
    Row(
        "nn.functional.batch_norm",
        F.batch_norm,
        _batch,
        "y = (x - mean) / √(var + ε) · w + b for each channel",
    ),
    Row(
        "nn.functional.instance_norm",
        F.instance_norm,
        _instance,
        "y = (x - mean) / √(var + ε) · w + b for each channel of each sample",
    ),
    Row(
        "nn.functional.layer_norm",
        F.layer_norm,
        lambda d: [
            Sample(d.normal(2, 2, 3), (3,), d.normal(3), d.normal(3)),
            Sample(d.normal(2, 2, 3), [2, 3], eps=0.1),
            Sample(d.normal(3), (3,), d.normal(3)),
        ],
        "y = (x - mean) / √(var + ε) · w + b over the last dimensions",
    ),
    Row(
        "nn.functional.rms_norm",
        F.rms_norm,
        lambda d: [
            Sample(d.normal(2, 2, 3), (3,), d.normal(3)),
            Sample(d.normal(2, 3), [2, 3], eps=0.1),
        ],
        "y = x / √(mean x² + ε) · w over the last dimensions",
    ),
    Row(
        "nn.functional.group_norm",
        F.group_norm,
        lambda d: [
            Sample(d.normal(2, 4, 2), 2, d.normal(4), d.normal(4)),
            Sample(d.normal(2, 2, 1, 3), 1, eps=0.1),
            Sample(d.normal(2, 6), 2),
        ],
        "y = (x - mean) / √(var + ε) · w + b over a group of channels of each sample",
    ),
    Row(
        "nn.functional.local_response_norm",
        F.local_response_norm,
        lambda d: [
            Sample(d.normal(2, 4, 2), 3),
            Sample(d.normal(1, 5, 2, 1), 2, alpha=0.5, beta=0.5, k=2.0),
        ],
        "y = x / (k + α/n · Σ x²)^β over n neighbouring channels",
        types_differ="PyTorch takes int64, but no other integers",
    ),
    Row(
        "center",
        lambda x: center(x, x.mean(_AXES, True), axes=_AXES),
        lambda d: [Sample(d.normal(3, 2, 2))],
        torch="",
    ),
    Row(
        "mean_square",
        lambda x: mean_square(x, axes=_AXES),
        lambda d: [Sample(d.normal(3, 2, 2))],
        torch="",
    ),
]
