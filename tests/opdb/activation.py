"""Rows of activations."""

from __future__ import annotations

from minigrad.functions import relu
from minigrad.nn.functional import activation as F
from minigrad.nn.functional.softmax import gumbel_softmax, softmin
from minigrad.ops.activation import gate
from minigrad.ops.softmax import softmax_back
from minigrad.tensor import Tensor

from .row import Draw, Row, Sample


def _one(d: Draw, **params: object) -> list[Sample]:
    """Numbers away from 0, in 2, 0 and no dimensions; the params in the first sample."""
    return [
        Sample(d.nonzero(3, 4), **params),
        Sample(d.nonzero(2, 3, 2)),
        Sample(d.nonzero()),
        Sample(d.nonzero(0, 3)),
    ]


def _grid(d: Draw) -> list[Sample]:
    """Numbers on either side of ±0.5, ±1, ±3 and 6, and not on them."""
    return [Sample(d.distinct(4, 20)), Sample(d.nonzero()), Sample(d.nonzero(0, 3))]


def _dims(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(3, 4), dim=1),
        Sample(d.normal(3, 4), dim=0),
        Sample(d.normal(2, 3, 4), dim=-2),
        Sample(d.normal(), dim=0),
        Sample(d.normal(0, 3), dim=1),
        Sample(10 * d.normal(3, 4), dim=1),
    ]


ROWS = [
    Row("relu", relu, lambda d: _one(d), ops=("relu",)),
    Row(
        "gate",
        lambda g, x: gate(g, x.detach(), slope=0.1),
        lambda d: [Sample(d.normal(3, 4), d.nonzero(3, 4)), Sample(d.normal(), d.nonzero())],
        ops=("gate",),
        torch="",
    ),
    Row(
        "nn.functional.leaky_relu",
        F.leaky_relu,
        lambda d: [
            *_one(d, negative_slope=0.2),
            Sample(d.nonzero(3), negative_slope=2.0),
            Sample(d.nonzero(3), negative_slope=0.0),
            Sample(d.nonzero(3), negative_slope=-0.3),
        ],
    ),
    Row(
        "nn.functional.prelu",
        F.prelu,
        lambda d: [
            Sample(d.nonzero(2, 3), d.positive(3)),
            Sample(d.nonzero(2, 3, 4), d.positive(3)),
            Sample(d.nonzero(2, 3), d.positive(1)),
        ],
        "y = x where x > 0, else w · x, with w for each channel",
    ),
    Row(
        "nn.functional.rrelu",
        F.rrelu,
        lambda d: _one(d, lower=0.1, upper=0.4),
        "y = x where x > 0, else x · (lower + upper) / 2 in evaluation, a random slope in training",
        ops=(),
    ),
    Row(
        "nn.functional.elu",
        F.elu,
        lambda d: [*_one(d, alpha=0.7), Sample(d.nonzero(3), alpha=-0.5)],
        "y = x where x > 0, else α (exp(x) - 1)",
        ops=("elu", "elu_slope"),
    ),
    Row(
        "nn.functional.celu",
        F.celu,
        # PyTorch rounds α and 1/α to float32: choose numbers to which that does nothing.
        lambda d: [*_one(d, alpha=0.5), Sample(d.nonzero(3), alpha=-2.0)],
        "y = x where x > 0, else α (exp(x / α) - 1)",
    ),
    Row(
        "nn.functional.selu",
        F.selu,
        lambda d: _one(d),
        "y = λ · (x where x > 0, else α (exp(x) - 1)), λ = 1.0507..., α = 1.6732...",
    ),
    Row(
        "nn.functional.gelu",
        F.gelu,
        lambda d: _one(d, approximate="tanh"),
        "y = x Φ(x), Φ the normal distribution",
        ops=("gelu_tanh",),
    ),
    Row("nn.functional.silu", F.silu, lambda d: _one(d)),
    Row("nn.functional.mish", F.mish, lambda d: _one(d), "y = x · tanh(log(1 + exp(x)))"),
    Row(
        "nn.functional.softplus",
        F.softplus,
        lambda d: [*_one(d, beta=2.0, threshold=3.0), Sample(20 * d.nonzero(5))],
    ),
    Row("nn.functional.logsigmoid", F.logsigmoid, lambda d: [*_one(d), Sample(100 * d.nonzero(5))]),
    Row("nn.functional.softsign", F.softsign, lambda d: _one(d)),
    Row(
        "nn.functional.softshrink",
        F.softshrink,
        lambda d: [*_grid(d), Sample(d.nonzero(3), lambd=0.25)],
        "y = x - λ where x > λ, x + λ where x < -λ, else 0",
    ),
    Row(
        "nn.functional.hardshrink",
        F.hardshrink,
        lambda d: [*_grid(d), Sample(d.nonzero(3), lambd=0.25)],
        "y = x where |x| > λ, else 0",
    ),
    Row("nn.functional.tanhshrink", F.tanhshrink, lambda d: _one(d)),
    Row(
        "nn.functional.hardtanh",
        F.hardtanh,
        lambda d: [*_grid(d), Sample(d.distinct(3, 4), min_val=-0.7, max_val=0.33)],
    ),
    Row("nn.functional.relu6", F.relu6, _grid, "y = min(max(x, 0), 6)"),
    Row(
        "nn.functional.hardsigmoid",
        F.hardsigmoid,
        _grid,
        "y = min(max(x + 3, 0), 6) / 6",
        tolerance=1e-7,  # PyTorch's derivative is 1/6 rounded to float32
    ),
    Row("nn.functional.hardswish", F.hardswish, _grid, "y = x · min(max(x + 3, 0), 6) / 6"),
    Row(
        "nn.functional.threshold",
        F.threshold,
        lambda d: [Sample(d.distinct(3, 4), 0.1, 20.0), Sample(d.nonzero(), 0.1, -1.0)],
        "y = x where x > t, else v",
    ),
    Row(
        "nn.functional.glu",
        F.glu,
        lambda d: [Sample(d.normal(3, 4)), Sample(d.normal(4, 3), dim=0)],
        "y = a · sigmoid(b), x = [a, b]",
    ),
    Row(
        "softmax",
        Tensor.softmax,
        _dims,
        types_differ="PyTorch refuses integers unless there is nothing to compute",
    ),
    Row(
        "softmax_back",
        softmax_back,
        lambda d: [Sample(d.normal(3, 4), d.uniform(0.1, 0.9, 3, 4), dim=1)],
        torch="",
    ),
    Row(
        "log_softmax",
        Tensor.log_softmax,
        _dims,
        types_differ="PyTorch refuses integers unless there is nothing to compute",
    ),
    Row(
        "nn.functional.softmin",
        softmin,
        _dims,
        "p = exp(-x) / Σ exp(-x)",
        types_differ="PyTorch refuses integers unless there is nothing to compute",
    ),
    Row(
        "nn.functional.gumbel_softmax",
        gumbel_softmax,
        lambda d: [Sample(d.normal(3, 4), tau=0.5), Sample(d.normal(3, 4), hard=True, dim=0)],
        "p = softmax((x + n) / τ), n random with a Gumbel distribution",
        random=True,
    ),
]
