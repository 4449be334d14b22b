"""Units 21 and 22: what a network sees, and how large it is."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from minigrad.creation import zeros
from minigrad.exercise.exercise import Exercise
from minigrad.exercise.numbers import Numbers, Question
from minigrad.exercise.trained import Bar
from minigrad.exercise.values import Values


def _field(layers: Any) -> int:
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


RECEPTIVE = Exercise(
    name="receptive-field",
    title="How much of the image does a number see?",
    unit="21",
    words="""
layers is a list of (kernel, stride), the first layer first. Return the side
of the square of the input that one number of the last layer depends on: it
begins with 1, and each layer adds (kernel - 1) times the product of the
strides before it.
""",
    asks="receptive_field",
    solution="""
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field
""",
    grader=Values(
        _field,
        lambda rng, turn: [
            [
                [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1)],
                [(3, 1), (3, 1), (2, 2), (3, 1), (3, 1), (2, 2)],
                [(5, 1), (2, 2), (5, 1), (2, 2)],
            ][turn]
        ],
        {
            "strides forgotten": (
                "behind a stride of 2 a step is two numbers wide",
                lambda layers: 1 + sum(k - 1 for k, _ in layers),
            ),
            "sum of kernels": (
                "a kernel adds kernel - 1",
                lambda layers: sum(k for k, _ in layers),
            ),
            "own stride": (
                "a layer's own stride counts only for those behind it",
                lambda layers: (
                    1
                    + sum(
                        (k - 1) * int(np.prod([s for _, s in layers[: i + 1]]))
                        for i, (k, _) in enumerate(layers)
                    )
                ),
            ),
            "last stride only": (
                "the strides of all layers before are multiplied",
                lambda layers: (
                    1
                    + sum(
                        (k - 1) * (layers[i - 1][1] if i else 1) for i, (k, _) in enumerate(layers)
                    )
                ),
            ),
            "begins with 0": (
                "a number sees itself: begin with 1",
                lambda layers: _field(layers) - 1,
            ),
            "product": ("kernels add up", lambda layers: int(np.prod([k for k, _ in layers]))),
            "from the end": ("the first layer is the first", lambda layers: _field(layers[::-1])),
        },
        results=("the field",),
    ),
    hints=(
        "Two layers of 3 see 5, and not 9: 1 + 2 + 2.",
        "Behind a pooling of stride 2, neighbours are 2 apart in the image.",
        "field += (kernel - 1) * jump, then jump *= stride.",
    ),
    wrong=(
        ("strides forgotten", "        jump *= stride\n", ""),
        (
            "sum of kernels",
            "        field += (kernel - 1) * jump\n        jump *= stride\n    return field",
            "        field += kernel\n    return field - 1",
        ),
        (
            "own stride",
            "        field += (kernel - 1) * jump\n        jump *= stride\n",
            "        jump *= stride\n        field += (kernel - 1) * jump\n",
        ),
        ("last stride only", "jump *= stride", "jump = stride"),
        ("begins with 0", "field, jump = 1, 1", "field, jump = 0, 1"),
        ("product", "field += (kernel - 1) * jump", "field *= kernel"),
        ("from the end", "in layers", "in layers[::-1]"),
    ),
)


COUNT = Exercise(
    name="lenet-parameters",
    title="How many numbers does a LeNet have?",
    unit="22",
    words="""
LeNet on 28 x 28: 6 kernels of 5 (padding 2), pooling 2, 16 kernels of 5,
pooling 2, then dense layers of 120, 84 and 10, all with biases. Write the
numbers of parameters.
""",
    asks="answers",
    solution="""
answers = {
    "first convolution": 156,
    "second convolution": 2416,
    "inputs of the first dense layer": 400,
    "first dense layer": 48120,
    "last dense layer": 850,
    "all": 61706,
}
""",
    grader=Numbers(
        (
            Question(
                "first convolution",
                lambda: 6 * (25 + 1),
                {
                    "biases": (150, "the biases are missing"),
                    "one bias": (151, "each kernel has a bias of its own"),
                },
            ),
            Question(
                "second convolution",
                lambda: 16 * (6 * 25 + 1),
                {
                    "channels": (416, "each kernel has 25 weights for each of 6 channels"),
                    "biases": (2400, "the biases are missing"),
                    "a bias a channel": (2496, "a kernel has one bias, not one a channel"),
                },
            ),
            Question(
                "inputs of the first dense layer",
                lambda: 16 * 5 * 5,
                {
                    "not pooled": (1600, "the second pooling is missing: 10 x 10 becomes 5 x 5"),
                    "no padding": (256, "the first convolution has padding 2: 28 stays 28"),
                },
            ),
            Question(
                "first dense layer",
                lambda: 401 * 120,
                {"biases": (48000, "the biases are missing")},
            ),
            Question(
                "last dense layer", lambda: 85 * 10, {"biases": (840, "the biases are missing")}
            ),
            Question(
                "all",
                lambda: 156 + 2416 + 48120 + 121 * 84 + 850,
                {"one forgotten": (156 + 2416 + 48120 + 850, "the dense layer of 84 is missing")},
            ),
        ),
        close=0.0,
    ),
    hints=(
        "A kernel: weights for each input channel, and one bias.",
        "Sizes: 28, 14, 10, 5.",
        "A dense layer from n to m: (n + 1) m.",
    ),
    wrong=(
        ("biases", "156", "150"),
        ("one bias", "156", "151"),
        ("channels", "2416", "416"),
        ("not pooled", ": 400", ": 1600"),
        ("no padding", ": 400", ": 256"),
        ("biases", "48120", "48000"),
        ("one forgotten", "61706", "51542"),
        ("off by one", "61706", "61707"),
    ),
)


def _fits(build: Any) -> dict[str, float]:
    model = build()
    y = model(zeros(2, 3, 64, 64))
    if tuple(y.shape) != (2, 10):
        raise ValueError(f"expected results of the shape (2, 10), got {tuple(y.shape)}")
    kinds = [type(m).__name__ for m in model.modules()]
    return {
        "convolutions": float(kinds.count("Conv2d")),
        "activations": float(kinds.count("ReLU")),
        "parameters": float(sum(p.numel() for p in model.parameters())),
        "softmax layers": float(kinds.count("Softmax")),
        "activations at the end": float(kinds[-1] == "ReLU"),
        "layers with no activation between": float(_bare(kinds)),
    }


def _bare(kinds: list[str]) -> int:
    active = [k == "ReLU" for k in kinds if k in ("Conv2d", "FullConnection", "Linear", "ReLU")]
    return sum(not a and not b for a, b in pairwise(active))


ALEXNET = Exercise(
    name="alexnet-that-fits",
    title="Repair an AlexNet that does not fit together",
    unit="22",
    words="""
This small AlexNet is for images (N, 3, 64, 64) and 10 classes. Two of its
layers do not fit those before them. Repair it, without leaving any layer out:
five convolutions, 1,148,458 parameters. The loss takes scores, so no softmax.
""",
    asks="build",
    solution="""
from minigrad import nn


def build():
    return nn.Sequential(
        nn.Conv2d(3, 32, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(64, 96, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(96, 96, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(96, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.FullConnection(64 * 4 * 4, 832),
        nn.ReLU(),
        nn.FullConnection(832, 96),
        nn.ReLU(),
        nn.FullConnection(96, 10),
    )
""",
    start=(
        ("nn.Conv2d(96, 96, 3, padding=1)", "nn.Conv2d(64, 96, 3, padding=1)"),
        ("64 * 4 * 4", "64 * 6 * 6"),
    ),
    grader=Bar(
        _fits,
        {
            "convolutions": (5, 5, "convolution missing", "too many convolutions"),
            "activations": (7, 7, "activation missing", "too many activations"),
            "parameters": (1148458, 1148458, "too few parameters", "too many parameters"),
            "softmax layers": (0, 0, "", "softmax"),
            "activations at the end": (0, 0, "", "activation last"),
            "layers with no activation between": (0, 0, "", "activation misplaced"),
        },
    ),
    hints=(
        "A convolution's first number is the second of the one before it.",
        "Sizes: 64, 32 by the stride, 16, 8 and 4 by pooling.",
        "nn.Conv2d(96, 96, ...) is the fourth, and Flatten gives 64 * 4 * 4.",
    ),
    wrong=(
        ("raises", "64 * 4 * 4", "64 * 6 * 6"),
        ("raises", "nn.Conv2d(96, 96", "nn.Conv2d(64, 96"),
        ("raises", "        nn.Flatten(),\n", ""),
        (
            "convolution missing",
            "        nn.Conv2d(96, 96, 3, padding=1),\n        nn.ReLU(),\n",
            "",
        ),
        ("activation missing", "832),\n        nn.ReLU(),", "832),"),
        (
            "activation misplaced",
            "96, 3, padding=1),\n        nn.ReLU(),\n        nn.Conv2d(96, 96, 3, padding=1),",
            "96, 3, padding=1),\n        nn.Conv2d(96, 96, 3, padding=1),\n        nn.ReLU(),",
        ),
        (
            "activation last",
            "        nn.ReLU(),\n        nn.FullConnection(96, 10),\n",
            "        nn.FullConnection(96, 10),\n        nn.ReLU(),\n",
        ),
        ("too few parameters", "832", "500"),
        ("too many parameters", "832", "900"),
        (
            "softmax",
            "        nn.FullConnection(96, 10),\n",
            "        nn.FullConnection(96, 10),\n        nn.Softmax(dim=1),\n",
        ),
        ("raises", "nn.FullConnection(96, 10)", "nn.FullConnection(96, 1000)"),
    ),
)

EXERCISES = (
    RECEPTIVE,
    COUNT,
    ALEXNET,
)
