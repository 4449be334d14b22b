"""Rows of losses and distances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.device import Array
from minigrad.nn.functional import distance, loss

from .row import Draw, Row, Sample


def reduced(pair: Callable[[], tuple[Any, ...]], **params: Any) -> list[Sample]:
    """The operands with each reduction; the params in all."""
    return [Sample(*pair(), reduction=word, **params) for word in ("mean", "sum", "none")]


def _pair(d: Draw, **params: Any) -> list[Sample]:
    """Two tensors of one shape."""
    return [
        *reduced(lambda: (d.normal(3, 4), d.normal(3, 4)), **params),
        Sample(d.normal(2, 3, 2), d.normal(2, 3, 2)),
        Sample(d.normal(), d.normal()),
    ]


def _signs(d: Draw, *shape: int) -> Array:
    """Targets of 1 and -1, in an integer type: they have no derivative."""
    return d.integers(0, 2, *shape) * 2 - 1


def _triplet(d: Draw) -> list[Sample]:
    def three() -> tuple[Array, ...]:
        return d.normal(4, 3), d.normal(4, 3), d.normal(4, 3)

    return [
        *reduced(three, margin=0.7),
        Sample(*three(), p=3, swap=True),
        Sample(d.normal(3), d.normal(3), d.normal(3), eps=1e-3),
    ]


ROWS = [
    Row(
        "nn.functional.mse_loss",
        loss.mse_loss,
        lambda d: [
            *_pair(d),
            *reduced(lambda: (d.normal(3, 4), d.normal(3, 4)), weight=d.positive(3, 4)),
        ],
        "L = (x - y)²",
        types_differ="PyTorch has no kernel for integers",
    ),
    Row("nn.functional.l1_loss", loss.l1_loss, _pair, "L = |x - y|"),
    Row(
        "nn.functional.smooth_l1_loss",
        loss.smooth_l1_loss,
        lambda d: [*_pair(d, beta=0.7), Sample(d.normal(4), d.normal(4), beta=0.0)],
        "L = (x - y)² / 2β where |x - y| < β, else |x - y| - β/2",
        types_differ="PyTorch has no kernel for integers",
    ),
    Row(
        "nn.functional.huber_loss",
        loss.huber_loss,
        lambda d: _pair(d, delta=0.7),
        "L = (x - y)² / 2 where |x - y| < δ, else δ (|x - y| - δ/2)",
        types_differ="PyTorch has no kernel for integers",
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
        types_differ="PyTorch refuses integers",
    ),
    Row(
        "nn.functional.poisson_nll_loss",
        loss.poisson_nll_loss,
        lambda d: [
            *reduced(lambda: (d.normal(3, 4), d.uniform(0, 5, 3, 4))),
            Sample(d.positive(3, 4), d.uniform(0, 5, 3, 4), log_input=False, eps=1e-3),
            Sample(d.normal(3, 4), d.uniform(0, 5, 3, 4), full=True),
        ],
        "L = exp(x) - y x",
    ),
    Row(
        "nn.functional.gaussian_nll_loss",
        loss.gaussian_nll_loss,
        lambda d: [
            *reduced(lambda: (d.normal(3, 4), d.normal(3, 4), d.positive(3, 4)), full=True),
            Sample(d.normal(3, 4), d.normal(3, 4), d.positive(3)),
            Sample(d.normal(3, 4), d.normal(3, 4), d.positive(3, 1), eps=0.1),
            Sample(d.normal(3, 4), d.normal(3, 4), 0.7),
        ],
        "L = (log v + (x - y)² / v) / 2",
        types_differ="PyTorch stores fractions into integers and fails",
    ),
    Row(
        "nn.functional.soft_margin_loss",
        loss.soft_margin_loss,
        lambda d: [
            *reduced(lambda: (d.normal(3, 4), _signs(d, 3, 4))),
            Sample(d.normal(), _signs(d)),
        ],
        "L = log(1 + exp(-y x))",
        types_differ="PyTorch stores fractions into integers and fails",
    ),
    Row(
        "nn.functional.hinge_embedding_loss",
        loss.hinge_embedding_loss,
        lambda d: reduced(lambda: (d.nonzero(3, 4), _signs(d, 3, 4)), margin=0.3),
        "L = x where y = 1, max(0, m - x) where y = -1",
        types_differ="of integers PyTorch makes integers or fails, by the reduction",
    ),
    Row(
        "nn.functional.margin_ranking_loss",
        loss.margin_ranking_loss,
        lambda d: reduced(lambda: (d.normal(4), d.normal(4), _signs(d, 4)), margin=0.3),
        "L = max(0, -y (x₁ - x₂) + m)",
    ),
    Row(
        "nn.functional.cosine_embedding_loss",
        loss.cosine_embedding_loss,
        lambda d: [
            *reduced(lambda: (d.normal(4, 3), d.normal(4, 3), _signs(d, 4)), margin=0.3),
            Sample(d.normal(3), d.normal(3), _signs(d)),
        ],
        "L = 1 - cos(x₁, x₂) where y = 1, max(0, cos(x₁, x₂) - m) where y = -1",
    ),
    Row(
        "nn.functional.triplet_margin_loss",
        loss.triplet_margin_loss,
        _triplet,
        "L = max(0, ‖a - p‖ - ‖a - n‖ + m)",
    ),
    Row(
        "nn.functional.triplet_margin_with_distance_loss",
        loss.triplet_margin_with_distance_loss,
        lambda d: [Sample(d.normal(4, 3), d.normal(4, 3), d.normal(4, 3), margin=0.7, swap=True)],
        "L = max(0, d(a, p) - d(a, n) + m)",
    ),
    Row(
        "nn.functional.normalize",
        distance.normalize,
        lambda d: [Sample(d.normal(3, 4)), Sample(d.nonzero(3, 4), p=3.0, dim=0, eps=1e-6)],
        "y = x / max(‖x‖, ε)",
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
    ),
]
