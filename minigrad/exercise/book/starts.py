"""Unit 14: start and depth."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.creation import tensor
from minigrad.exercise.exercise import Exercise
from minigrad.exercise.trained import Bar
from minigrad.exercise.values import Values
from minigrad.tensor import Tensor

XAVIER = Exercise(
    name="initial-values",
    title="How large may the first weights be?",
    unit="14",
    words="""
Return the standard deviations of the first weights of a layer with fan_in
inputs and fan_out outputs as Xavier Glorot and as He give them: Xavier's
keeps signals and gradients the same size on average, 2 / (fan_in + fan_out)
being the variance; He's makes up for the half that ReLU cuts off, 2 / fan_in.
""",
    asks="deviations",
    solution="""
import math


def deviations(fan_in, fan_out):
    return math.sqrt(2 / (fan_in + fan_out)), math.sqrt(2 / fan_in)
""",
    grader=Values(
        lambda i, o: (np.sqrt(2 / (i + o)), np.sqrt(2 / i)),
        lambda rng, turn: [100 + 31 * turn, 300 + 7 * turn],
        {
            "variance": ("those are variances: take the root", lambda i, o: (2 / (i + o), 2 / i)),
            "uniform": (
                "those are the bounds of a uniform distribution, √3 deviations away",
                lambda i, o: (np.sqrt(6 / (i + o)), np.sqrt(6 / i)),
            ),
            "fan out": (
                "He's goes by the inputs of a neuron, not by the outputs",
                lambda i, o: (np.sqrt(2 / (i + o)), np.sqrt(2 / o)),
            ),
            "without the two": (
                "He's has a 2 for the half that ReLU cuts off",
                lambda i, o: (np.sqrt(2 / (i + o)), np.sqrt(1 / i)),
            ),
            "one": (
                "Xavier's is twice 1 / (the sum of both)",
                lambda i, o: (np.sqrt(1 / (i + o)), np.sqrt(2 / i)),
            ),
        },
        results=("Xavier's", "He's"),
    ),
    hints=(
        "A deviation is the root of a variance.",
        "Xavier: variance 2 / (fan_in + fan_out).",
        "He: variance 2 / fan_in.",
    ),
    wrong=(
        (
            "variance",
            "math.sqrt(2 / (fan_in + fan_out)), math.sqrt(2 / fan_in)",
            "2 / (fan_in + fan_out), 2 / fan_in",
        ),
        ("uniform", "(2 /", "(6 /"),
        ("fan out", "2 / fan_in)", "2 / fan_out)"),
        ("without the two", "2 / fan_in)", "1 / fan_in)"),
        ("one", "2 / (fan", "1 / (fan"),
        (
            "operands exchanged",
            "math.sqrt(2 / (fan_in + fan_out)), math.sqrt(2 / fan_in)",
            "math.sqrt(2 / fan_in), math.sqrt(2 / (fan_in + fan_out))",
        ),
        ("count", ", math.sqrt(2 / fan_in)", ""),
    ),
)


def _depth(build: Any) -> dict[str, float]:
    model = build(10, 100)
    weights = [p for p in model.parameters() if p.dim() == 2]
    if len(weights) < 10:
        raise ValueError(f"expected 10 layers with weights of two dimensions, got {len(weights)}")
    x = tensor(np.random.default_rng(0).standard_normal((50, 100)), dtype="float32")
    y = model(x)
    (y**2).mean().backward()
    norms = [float(p.grad.norm()) if p.grad is not None else 0.0 for p in (weights[0], weights[-1])]
    ratio = norms[0] / norms[1] if norms[1] else 0.0
    return {
        "linear layers": float(_is_linear(model, x)),
        "results that are none of tanh's or ReLU's": float(_is_free(model, weights[-1], x)),
        "|gradient of the first layer| / |of the last|": ratio,
    }


def _is_free(model: Any, last: Tensor, x: Tensor) -> bool:
    """Whether neither tanh nor ReLU comes last: with large weights there it would show."""
    last.detach().mul_(1e4)
    y = model(x).detach().numpy()
    return bool(np.any(y < 0) and np.any(np.abs(y) > 1))


def _is_linear(model: Any, x: Tensor) -> bool:
    a, b, c = model(x), model(2 * x), model(0 * x)
    if np.allclose(a.detach().numpy(), c.detach().numpy()):
        return False
    return bool(
        np.allclose((b - a).detach().numpy(), (a - c).detach().numpy(), rtol=1e-2, atol=1e-30)
    )


DEPTH = Exercise(
    name="depth",
    title="Ten layers, and a gradient that reaches the first",
    unit="14",
    words="""
build(layers, width) returns a Sequential of `layers` FullConnection layers of
`width` inputs and outputs, each followed by tanh or ReLU. Set the first
weights so that the norm of the gradient of the first layer's weights is
between 0.1 and 10 times that of the last one's.
""",
    asks="build",
    solution="""
from minigrad import nn


def build(layers, width):
    parts = []
    for _ in range(layers):
        layer = nn.FullConnection(width, width)
        nn.init.xavier_normal_(layer.weight)
        parts += [layer, nn.Tanh()]
    return nn.Sequential(*parts)
""",
    grader=Bar(
        _depth,
        {
            "linear layers": (0.0, 0.0, "", "no activation"),
            "results that are none of tanh's or ReLU's": (0.0, 0.0, "", "activation before"),
            "|gradient of the first layer| / |of the last|": (0.1, 10.0, "vanishes", "explodes"),
        },
    ),
    hints=(
        "With weights that are too small each layer makes the gradient smaller, too large larger.",
        "For tanh: nn.init.xavier_normal_; for ReLU: nn.init.kaiming_normal_.",
        "nn.init.xavier_normal_(layer.weight), then nn.Tanh().",
    ),
    wrong=(
        ("vanishes", "nn.Tanh()", "nn.Sigmoid()"),
        (
            "vanishes",
            "nn.init.xavier_normal_(layer.weight)",
            "nn.init.normal_(layer.weight, 0, 0.01)",
        ),
        ("explodes", "nn.init.xavier_normal_(layer.weight)", "nn.init.normal_(layer.weight, 0, 1)"),
        ("vanishes", "        nn.init.xavier_normal_(layer.weight)\n", ""),
        ("vanishes", "nn.init.xavier_normal_(layer.weight)", "nn.init.zeros_(layer.weight)"),
        ("no activation", "[layer, nn.Tanh()]", "[layer]"),
        ("activation before", "[layer, nn.Tanh()]", "[nn.Tanh(), layer]"),
        ("raises", "range(layers)", "range(2)"),
        ("raises", "return nn.Sequential(*parts)", "nn.Sequential(*parts)"),
    ),
)

EXERCISES = (
    XAVIER,
    DEPTH,
)
