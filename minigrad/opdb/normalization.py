"""Rows of normalization."""

from __future__ import annotations

from minigrad.nn.functional import normalization as F
from minigrad.opdb.row import Draw, Row, Sample
from minigrad.ops.normalization import destandardize, standardize, variance
from minigrad.tensor import Tensor

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


def _standardize(x: Tensor) -> Tensor:
    m = x.mean(_AXES, True)
    return standardize(x, m, variance(x, m, axes=_AXES).rsqrt(), axes=_AXES)


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
        "standardize",
        _standardize,
        lambda d: [Sample(d.normal(3, 2, 2))],
        "y = (x - m) · r, m the mean and r the inverse deviation of x",
        rules={"x": "∂L/∂x = r · (G - mean G - y · mean(G · y))"},
        torch="",
    ),
    Row(
        "variance",
        lambda x: variance(x, x.mean(_AXES, True), axes=_AXES),
        lambda d: [Sample(d.normal(3, 2, 2))],
        "v = mean of (x - m)², m the mean of x",
        rules={"x": "∂L/∂x = 2/n · (x - m) · G"},
        torch="",
    ),
    Row(
        "destandardize",
        lambda z, y, r: destandardize(z, y, r, axes=_AXES),
        lambda d: [Sample(d.normal(3, 2, 2), d.normal(3, 2, 2), d.positive(1, 2, 1))],
        "h = r · (z - mean z - y · mean(z · y))",
        rules={
            "z": "∂L/∂z = r · (G - mean G - y · mean(G · y))",
            "y": "∂L/∂y = -r · (G · mean(z · y) + z · mean(G · y))",
            "r": "∂L/∂r = Σ G · h / r",
        },
        torch="",
    ),
]
