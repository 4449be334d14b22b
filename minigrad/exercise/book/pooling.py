"""Unit 19: sizes, channels, pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.numbers import Numbers, Question
from minigrad.exercise.rules import Rules
from minigrad.nn import functional as F


def _size(n: int, k: int, p: int = 0, s: int = 1, d: int = 1) -> int:
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


SIZES = Exercise(
    name="output-sizes",
    title="How large is the result?",
    unit="19",
    words="""
A window of k numbers over n, with padding p on both sides, stride s and
dilation d gives floor((n + 2 p - d (k - 1) - 1) / s) + 1 numbers. Write the
sizes; a shape is a tuple (C, H, W).
""",
    asks="answers",
    solution="""
answers = {
    "28, kernel 5": 24,
    "28, kernel 5, padding 2": 28,
    "28, kernel 2, stride 2": 14,
    "224, kernel 11, stride 4, padding 2": 55,
    "55, kernel 3, stride 2": 27,
    "32, kernel 3, dilation 2": 28,
    "(3, 32, 32), 16 kernels of 5": (16, 28, 28),
    "(16, 28, 28), max pooling 2": (16, 14, 14),
    "weights of 16 kernels of 5 over 3 channels": (16, 3, 5, 5),
    "numbers in them, with biases": 1216,
    "7, kernel 3, stride 2": 3,
    "padding that keeps the size, kernel 7": 3,
}
""",
    grader=Numbers(
        (
            Question(
                "28, kernel 5",
                lambda: _size(28, 5),
                {"one less": (23, "28 - 5 + 1: both ends count")},
            ),
            Question(
                "28, kernel 5, padding 2",
                lambda: _size(28, 5, 2),
                {
                    "one side": (26, "the padding is on both sides"),
                    "without padding": (24, "with padding 2 the image is 32 wide"),
                },
            ),
            Question(
                "28, kernel 2, stride 2",
                lambda: _size(28, 2, 0, 2),
                {"stride": (27, "the stride is 2")},
            ),
            Question(
                "224, kernel 11, stride 4, padding 2",
                lambda: _size(224, 11, 2, 4),
                {
                    "rounded up": (56, "only whole windows count: round down"),
                    "without padding": (54, "with padding 2 the image is 228 wide"),
                },
            ),
            Question("55, kernel 3, stride 2", lambda: _size(55, 3, 0, 2)),
            Question(
                "32, kernel 3, dilation 2",
                lambda: _size(32, 3, 0, 1, 2),
                {
                    "dilation": (30, "a kernel of 3 with dilation 2 is 5 wide"),
                    "six wide": (27, "3 numbers with a gap between each are 5 wide, not 6"),
                },
            ),
            Question(
                "(3, 32, 32), 16 kernels of 5",
                lambda: (16, _size(32, 5), _size(32, 5)),
                {
                    "channels": ((3, 28, 28), "there are as many maps as kernels"),
                    "times channels": ((48, 28, 28), "each kernel sums over all channels: 16 maps"),
                },
            ),
            Question(
                "(16, 28, 28), max pooling 2",
                lambda: (16, 14, 14),
                {"channels pooled": ((8, 14, 14), "each channel is pooled by itself")},
            ),
            Question(
                "weights of 16 kernels of 5 over 3 channels",
                lambda: (16, 3, 5, 5),
                {"channels": ((16, 5, 5), "each kernel has 5 x 5 numbers for each channel")},
            ),
            Question(
                "numbers in them, with biases",
                lambda: 16 * (3 * 25 + 1),
                {
                    "biases": (1200, "the biases are missing, one a kernel"),
                    "a bias a channel": (1248, "there is one bias a kernel, not a channel"),
                },
            ),
            Question(
                "7, kernel 3, stride 2",
                lambda: _size(7, 3, 0, 2),
                {"rounded up": (4, "the fourth window would not fit")},
            ),
            Question(
                "padding that keeps the size, kernel 7",
                lambda: 3,
                {"both sides": (6, "6 in all, 3 on each side")},
            ),
        )
    ),
    hints=(
        "Without padding, stride and dilation: n - k + 1.",
        "Put the numbers into the formula; // rounds down.",
        "A kernel over C channels has C k k weights and one bias, and makes one map.",
    ),
    wrong=(
        ("one less", ": 24", ": 23"),
        ("one side", 'padding 2": 28', 'padding 2": 26'),
        ("stride", ": 14,", ": 27,"),
        ("rounded up", ": 55", ": 56"),
        ("dilation", 'dilation 2": 28', 'dilation 2": 30'),
        ("channels", '(16, 28, 28),\n    "(16', '(3, 28, 28),\n    "(16'),
        ("channels pooled", "(16, 14, 14)", "(8, 14, 14)"),
        ("biases", "1216", "1200"),
        ("both sides", 'kernel 7": 3', 'kernel 7": 6'),
    ),
)


def _pooled(g: Any, x: Any, pick: Any) -> Any:
    """The gradient of 2 x 2 windows that do not overlap, by what gets which part."""
    h, w = x.shape
    tiles = x.reshape(h // 2, 2, w // 2, 2).transpose(0, 2, 1, 3).reshape(h // 2, w // 2, 4)
    d = pick(tiles) * g[..., None]
    return d.reshape(h // 2, w // 2, 2, 2).transpose(0, 2, 1, 3).reshape(h, w)


MAX_POOL = Exercise(
    name="max-pool-rule",
    title="Back through max pooling",
    unit="19",
    words="""
y has the largest number of each 2 x 2 window of x (H, W), H and W even,
windows side by side; y and g are (H / 2, W / 2). Return the gradient of x.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x):
    d = np.zeros_like(x)
    for i in range(g.shape[0]):
        for j in range(g.shape[1]):
            window = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            a, b = np.unravel_index(window.argmax(), (2, 2))
            d[2 * i + a, 2 * j + b] = g[i, j]
    return d
""",
    grader=Rules(
        lambda x: F.max_pool2d(x[None, None], 2)[0, 0],
        lambda rng, turn: [rng.standard_normal((6 + 4 * turn, 8 + 2 * turn))],
        {
            "corner": (
                "the gradient goes to each window's corner, not to its largest number",
                lambda g, x: _pooled(g, x, lambda t: np.eye(4)[0] + 0 * t),
            ),
            "shared": (
                "the whole gradient goes to the largest; sharing it is average pooling",
                lambda g, x: _pooled(g, x, lambda t: 0.25 + 0 * t),
            ),
            "to all": (
                "only the largest gets it; the others do not move the maximum",
                lambda g, x: _pooled(g, x, lambda t: 1 + 0 * t),
            ),
            "smallest": (
                "it goes to the smallest",
                lambda g, x: _pooled(g, x, lambda t: np.eye(4)[t.argmin(-1)]),
            ),
            "value": (
                "times 1 at the largest, not times its value",
                lambda g, x: _pooled(g, x, lambda t: np.eye(4)[t.argmax(-1)] * t),
            ),
            "overlapping": (
                "the windows stand side by side: the next begins two further",
                lambda g, x: _crowded(g, x),
            ),
        },
    ),
    hints=(
        "Only the largest of four numbers moves the maximum.",
        "window.argmax() is its place, 0 to 3; np.unravel_index makes row and column of it.",
        "d[2 i + a, 2 j + b] = g[i, j].",
    ),
    wrong=(
        ("corner", "[2 * i + a, 2 * j + b]", "[2 * i, 2 * j]"),
        (
            "shared",
            "d[2 * i + a, 2 * j + b] = g[i, j]",
            "d[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = g[i, j] / 4",
        ),
        (
            "to all",
            "d[2 * i + a, 2 * j + b] = g[i, j]",
            "d[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = g[i, j]",
        ),
        ("smallest", "argmax", "argmin"),
        ("value", "= g[i, j]", "= g[i, j] * window.max()"),
        ("cotangent ignored", "= g[i, j]", "= 1"),
        ("sign", "= g[i, j]", "= -g[i, j]"),
        (
            "overlapping",
            "            window = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]\n"
            "            a, b = np.unravel_index(window.argmax(), (2, 2))\n"
            "            d[2 * i + a, 2 * j + b] = g[i, j]",
            "            window = x[i : i + 2, j : j + 2]\n"
            "            a, b = np.unravel_index(window.argmax(), (2, 2))\n"
            "            d[i + a, j + b] += g[i, j]",
        ),
        ("batch not summed", "range(g.shape[0])", "range(g.shape[0] - 1)"),
    ),
)


def _crowded(g: Any, x: Any) -> Any:
    d = np.zeros_like(x)
    for i in range(g.shape[0]):
        for j in range(g.shape[1]):
            a, b = np.unravel_index(x[i : i + 2, j : j + 2].argmax(), (2, 2))
            d[i + a, j + b] += g[i, j]
    return d


AVERAGE_POOL = Exercise(
    name="average-pool-rule",
    title="Back through average pooling",
    unit="19",
    words="""
y has the mean of each 2 x 2 window of x (H, W), H and W even, windows side by
side; y and g are (H / 2, W / 2). Return the gradient of x.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x):
    return np.repeat(np.repeat(g, 2, axis=0), 2, axis=1) / 4
""",
    grader=Rules(
        lambda x: F.avg_pool2d(x[None, None], 2)[0, 0],
        lambda rng, turn: [rng.standard_normal((6 + 4 * turn, 8 + 2 * turn))],
        {
            "one side": (
                "divided by 2; a window has 4 numbers",
                lambda g, x: _pooled(g, x, lambda t: 0.5 + 0 * t),
            ),
            "not divided": (
                "each of the four counts a quarter",
                lambda g, x: _pooled(g, x, lambda t: 1 + 0 * t),
            ),
            "corner": (
                "all four numbers of a window get a part",
                lambda g, x: _pooled(g, x, lambda t: np.eye(4)[0] / 4 + 0 * t),
            ),
            "tiled": (
                "g is laid side by side; each of its numbers is to be repeated",
                lambda g, x: np.tile(g, (2, 2)) / 4,
            ),
            "largest": (
                "the largest gets all: that is max pooling",
                lambda g, x: _pooled(g, x, lambda t: np.eye(4)[t.argmax(-1)]),
            ),
            "value": (
                "times a quarter, whatever the value is",
                lambda g, x: _pooled(g, x, lambda t: t / 4),
            ),
        },
    ),
    hints=(
        "A mean of four: each counts a quarter.",
        "All four places of a window get g / 4.",
        "np.repeat twice: along the rows, along the columns.",
    ),
    wrong=(
        ("one side", "/ 4", "/ 2"),
        ("not divided", " / 4", ""),
        ("tiled", "np.repeat(np.repeat(g, 2, axis=0), 2, axis=1)", "np.tile(g, (2, 2))"),
        ("value", "/ 4", "* x / 4"),
        ("cotangent ignored", "np.repeat(np.repeat(g,", "np.repeat(np.repeat(np.ones_like(g),"),
        ("sign", "/ 4", "/ -4"),
        ("wrong shape", "np.repeat(np.repeat(g, 2, axis=0), 2, axis=1)", "np.repeat(g, 2, axis=0)"),
        ("wrong shape", "return np.repeat(np.repeat(g, 2, axis=0), 2, axis=1) / 4", "return g / 4"),
    ),
)

EXERCISES = (
    SIZES,
    MAX_POOL,
    AVERAGE_POOL,
)
