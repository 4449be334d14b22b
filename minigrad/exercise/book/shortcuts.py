"""Unit 24: deeper."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal
from minigrad.exercise.numbers import Numbers, Question
from minigrad.exercise.rules import Rules

RESIDUAL = Exercise(
    name="residual-rule",
    title="A gradient with a way around",
    unit="24",
    words="""
y = x + tanh(x w), with x (N, D) and w (D, D). Return the gradients of x and
w.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x, w):
    h = np.tanh(x @ w)
    da = g * (1 - h**2)
    return g + da @ w.T, x.T @ da
""",
    grader=Rules(
        lambda x, w: x + (x @ w).tanh(),
        normal((5, 3), (3, 3)),
        {
            "shortcut forgotten": (
                "dx: the way around, g itself, is missing",
                lambda g, x, w: _residual(g, x, w, 0.0),
            ),
            "block forgotten": (
                "dx: only the way around is there, and not the one through the block",
                lambda g, x, w: (g, _residual(g, x, w)[1]),
            ),
            "ones": (
                "dx: the way around carries g, not ones",
                lambda g, x, w: (_residual(g, x, w, 0.0)[0] + 1, _residual(g, x, w)[1]),
            ),
            "tanh forgotten": (
                "tanh's derivative is missing",
                lambda g, x, w: (g + g @ w.T, x.T @ g),
            ),
            "x for y": (
                "1 - tanh², and not 1 - (x w)²",
                lambda g, x, w: (
                    g + (g * (1 - (x @ w) ** 2)) @ w.T,
                    x.T @ (g * (1 - (x @ w) ** 2)),
                ),
            ),
            "square w": (
                "dx: w has to be transposed; a square w hides that",
                lambda g, x, w: (g + (g * (1 - np.tanh(x @ w) ** 2)) @ w, _residual(g, x, w)[1]),
            ),
        },
    ),
    hints=(
        "x is used twice, so its gradient has two parts.",
        "One is g itself; the other goes through tanh and w.",
        "da = g (1 - tanh²); g + da w', and x' da.",
    ),
    wrong=(
        ("shortcut forgotten", "g + da", "da"),
        ("block forgotten", "g + da @ w.T", "g"),
        ("ones", "g + da", "1 + da"),
        ("tanh forgotten", "da = g * (1 - h**2)", "da = g"),
        ("x for y", "h = np.tanh(x @ w)", "h = x @ w"),
        ("square w", "w.T", "w"),
        ("transposed", "x.T @ da", "da.T @ x"),
        ("count", ", x.T @ da", ""),
    ),
)


def _residual(g: Any, x: Any, w: Any, way: float = 1.0) -> Any:
    da = g * (1 - np.tanh(x @ w) ** 2)
    return way * g + da @ w.T, x.T @ da


SAVING = Exercise(
    name="one-by-one-saving",
    title="What a convolution of 1 x 1 saves",
    unit="24",
    words="""
192 maps of 28 x 28 become 32 maps by 5 x 5 kernels, padding 2: directly, or
through 16 maps of a 1 x 1 convolution first. Count multiplications (one for
each weight at each place of the result), and weights without biases.
""",
    asks="answers",
    solution="""
answers = {
    "weights, directly": 153600,
    "multiplications, directly": 120422400,
    "weights of the 1 x 1": 3072,
    "weights of the 5 x 5 behind it": 12800,
    "multiplications through the 1 x 1": 12443648,
    "how many times fewer": 9.677,
}
""",
    grader=Numbers(
        (
            Question(
                "weights, directly",
                lambda: 192 * 32 * 25,
                {
                    "input maps": (32 * 25, "each kernel has 25 weights for each of 192 maps"),
                    "kernel side": (192 * 32 * 5, "5 x 5 are 25"),
                },
            ),
            Question(
                "multiplications, directly",
                lambda: 192 * 32 * 25 * 784,
                {"one place": (192 * 32 * 25, "for each of 28 x 28 places")},
            ),
            Question("weights of the 1 x 1", lambda: 192 * 16),
            Question("weights of the 5 x 5 behind it", lambda: 16 * 32 * 25),
            Question(
                "multiplications through the 1 x 1",
                lambda: (192 * 16 + 16 * 32 * 25) * 784,
                {
                    "5 x 5 only": (16 * 32 * 25 * 784, "the 1 x 1 itself costs as well"),
                    "one place": (192 * 16 + 16 * 32 * 25, "for each of 28 x 28 places"),
                },
            ),
            Question(
                "how many times fewer",
                lambda: 192 * 32 * 25 / (192 * 16 + 16 * 32 * 25),
                {"upside down": (0.10333, "how many times fewer is above 1")},
            ),
        )
    ),
    hints=(
        "Weights: maps in, times maps out, times the kernel's area.",
        "Multiplications: weights times 28 · 28.",
        "Through 16 maps: 192 · 16 + 16 · 32 · 25 weights.",
    ),
    wrong=(
        ("input maps", "153600", "800"),
        ("kernel side", "153600", "30720"),
        ("one place", "120422400", "153600"),
        ("5 x 5 only", "12443648", "10035200"),
        ("one place", "12443648", "15872"),
        ("upside down", "9.677", "0.1033"),
        ("constant", "12800", "25600"),
    ),
)

EXERCISES = (
    RESIDUAL,
    SAVING,
)
