"""Rows of linear layers, dropout and embedding, and of the ops that make parameter updates."""

from __future__ import annotations

import numpy as np

import minigrad.nn.functional as F
from minigrad.ops.descent import descend, descend_scaled, mix, mix_square

from .row import Draw, Row, Sample


def _linears(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(5, 3), d.normal(4, 3), d.normal(4)),
        Sample(d.normal(2, 1, 5, 3), d.normal(4, 3), d.normal(4)),
        Sample(d.normal(3), d.normal(4, 3), d.normal(4)),
        Sample(d.normal(5, 3), d.normal(4, 3)),
        Sample(d.normal(5, 3), d.normal(3)),
        Sample(d.normal(0, 3), d.normal(4, 3), d.normal(4)),
    ]


def _dropouts(*shapes: tuple[int, ...]) -> object:
    """All stays (p = 0, or evaluation) or nothing does (p = 1): what chance cannot change."""

    def draw(d: Draw) -> list[Sample]:
        return [
            Sample(d.normal(*shape), p=p, training=training)
            for shape in shapes
            for p, training in ((0.0, True), (0.5, False), (1.0, True))
        ]

    return draw


def _attended(d: Draw) -> list[Sample]:
    q, k, v = d.normal(2, 2, 3, 4), d.normal(2, 2, 5, 4), d.normal(2, 2, 5, 2)
    seen = d.bools(3, 5) | np.eye(3, 5, dtype=bool)  # every query looks somewhere
    return [
        Sample(q, k, v),
        Sample(q, k, v, seen),
        Sample(q, k, v, attn_mask=d.normal(2, 1, 3, 5)),
        Sample(d.normal(3, 4), d.normal(3, 4), d.normal(3, 2), is_causal=True),
        Sample(q, k, v, None, 0.0, False, scale=0.3),
        Sample(d.normal(4, 3, 2), d.normal(2, 5, 2), d.normal(2, 5, 2), enable_gqa=True),
    ]


ROWS = [
    Row(
        "nn.functional.linear",
        F.linear,
        _linears,
        "y = x Wᵀ + b",
        ops=(),  # its op has a row of its own, in linalg
        types_differ="PyTorch refuses bools, but not in an empty product",
    ),
    Row(
        "nn.functional.scaled_dot_product_attention",
        F.scaled_dot_product_attention,
        _attended,
        "y = softmax(Q Kᵀ / √E + mask) V",
    ),
    Row(
        "nn.functional.bilinear",
        F.bilinear,
        lambda d: [
            Sample(d.normal(5, 3), d.normal(5, 2), d.normal(4, 3, 2), d.normal(4)),
            Sample(d.normal(2, 5, 3), d.normal(2, 5, 2), d.normal(4, 3, 2)),
        ],
        "yₒ = x₁ᵀ Wₒ x₂ + bₒ",
    ),
    *(
        Row(
            f"nn.functional.{function.__name__}",
            function,
            _dropouts(*shapes),  # type: ignore[arg-type]
            "y = x · m / (1 - p), m = 0 with probability p, else 1",
        )
        for function, shapes in (
            (F.dropout, ((3, 4), (), (0, 2))),
            (F.dropout1d, ((2, 3, 4), (3, 4))),
            (F.dropout2d, ((2, 3, 4, 5),)),
            (F.dropout3d, ((2, 3, 2, 2, 2), (3, 2, 2, 2))),
            (F.alpha_dropout, ((3, 4), ())),
            (F.feature_alpha_dropout, ((2, 3, 4),)),
        )
    ),
    Row(
        "nn.functional.embedding",
        F.embedding,
        lambda d: [
            Sample(d.integers(0, 5, 3, 4), d.normal(5, 2)),
            Sample(np.asarray(3), d.normal(5, 2)),
            Sample(d.integers(0, 5, 0), d.normal(5, 2)),
        ],
        "y = W[x]",
    ),
    Row(
        "mix",
        mix,
        lambda d: [
            Sample(d.normal(3, 4), d.normal(3, 4), a=0.9, b=0.1),
            Sample(d.normal(3, 1), d.normal(4), a=1, b=-0.5),
            Sample(d.normal(), d.normal(), a=0.3, b=1),
        ],
        torch="",
        numpy=lambda x, y, a, b: a * x + b * y,
    ),
    Row(
        "mix_square",
        mix_square,
        lambda d: [
            Sample(d.normal(3, 4), d.normal(3, 4), a=0.9, b=0.1),
            Sample(d.normal(3, 1), d.normal(4), a=1, b=1),
            Sample(d.normal(), d.normal(), a=0.3, b=2.0),
        ],
        torch="",
        numpy=lambda x, y, a, b: a * x + b * y * y,
    ),
    Row(
        "descend",
        descend,
        lambda d: [
            Sample(d.normal(3, 4), d.normal(3, 4), d.normal()),
            Sample(d.normal(3, 1), d.normal(4), 0.1),
            Sample(d.normal(), d.normal(), d.normal()),
        ],
        torch="",
        numpy=lambda x, y, rate: x - rate * y,
    ),
    Row(
        "descend_scaled",
        descend_scaled,
        lambda d: [
            Sample(d.normal(3, 4), d.normal(3, 4), d.positive(3, 4), d.normal(), d.positive()),
            Sample(d.normal(3, 1), d.normal(2, 1, 4), d.positive(4), 0.1, 0.01),
            Sample(d.normal(), d.normal(), d.positive(), d.normal(), d.positive()),
        ],
        torch="",
        numpy=lambda x, y, v, rate, eps: x - rate * y / (np.sqrt(v) + eps),
    ),
]
