"""Units 28 and 31: rules that the engine has not, or not yet."""

from __future__ import annotations

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal
from minigrad.exercise.rules import Rules
from minigrad.nn import functional as F

GRAM = Exercise(
    name="gram-rule",
    title="Back through a Gram matrix",
    unit="28",
    words="""
f (C, H, W) are feature maps; each map as a row of H W numbers gives F, and
the Gram matrix is F F' / (C H W), (C, C). Return the gradient of f, in its
shape.
""",
    asks="backward",
    solution="""
def backward(g, f):
    rows = f.reshape(len(f), -1)
    d = (g + g.T) @ rows / f.size
    return d.reshape(f.shape)
""",
    grader=Rules(
        lambda f: f.flatten(1) @ f.flatten(1).T / f.numel(),
        normal((3, 2, 5)),
        {
            "g once": (
                "F stands in the product twice: g F and g' F",
                lambda g, f: (g @ f.reshape(len(f), -1) / f.size).reshape(f.shape),
            ),
            "g' once": (
                "F stands in the product twice: g F and g' F",
                lambda g, f: (g.T @ f.reshape(len(f), -1) / f.size).reshape(f.shape),
            ),
            "symmetric": (
                "2 g F is right for a symmetric g only: g + g'",
                lambda g, f: (2 * g @ f.reshape(len(f), -1) / f.size).reshape(f.shape),
            ),
            "not divided": (
                "the Gram matrix is divided by C H W",
                lambda g, f: ((g + g.T) @ f.reshape(len(f), -1)).reshape(f.shape),
            ),
            "by H W": (
                "divided by C H W, not by H W",
                lambda g, f: ((g + g.T) @ f.reshape(len(f), -1)).reshape(f.shape) / f[0].size,
            ),
        },
    ),
    hints=(
        "A product of F with itself: each of the two gets a gradient.",
        "From the left g F, from the right g' F.",
        "((g + g') F / (C H W)).reshape(f.shape)",
    ),
    wrong=(
        ("g once", "(g + g.T)", "g"),
        ("g' once", "(g + g.T)", "g.T"),
        ("symmetric", "(g + g.T)", "(2 * g)"),
        ("not divided", " / f.size", ""),
        ("by H W", "/ f.size", "/ rows.shape[1]"),
        ("wrong shape", "return d.reshape(f.shape)", "return d"),
        ("sign", "return d", "return -d"),
        ("cotangent ignored", "    rows =", "    g = g * 0 + 1\n    rows ="),
    ),
)


COSM1 = Exercise(
    name="new-op-rule",
    title="A rule for an op of your own",
    unit="31",
    words="""
y = log(1 + exp(x)), called softplus. Return the gradient of x, right for x
from -1000 to 1000: exp(x) overflows there.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x):
    e = np.exp(-np.abs(x))
    return g * np.where(x > 0, 1, e) / (1 + e)
""",
    grader=Rules(
        lambda x: F.softplus(x),
        lambda rng, turn: [
            np.concatenate([rng.standard_normal((4, 7)), np.linspace(-1e3, 1e3, 7)[None]])
            if turn == 2
            else (1.0, 30.0)[turn] * rng.standard_normal((5 + turn, 7 + turn))
        ],
        {
            "1 - s": (
                "that is 1 - sigmoid(x): the sign of x is wrong",
                lambda g, x: g * np.where(x > 0, np.exp(-abs(x)), 1) / (1 + np.exp(-abs(x))),
            ),
            "sigmoid's own": (
                "the derivative of softplus is the sigmoid; this is the sigmoid's derivative",
                lambda g, x: g * np.exp(-abs(x)) / (1 + np.exp(-abs(x))) ** 2,
            ),
            "value": (
                "that is g times the function itself",
                lambda g, x: g * (np.maximum(x, 0) + np.log1p(np.exp(-abs(x)))),
            ),
            "relu": ("that is the derivative of relu", lambda g, x: g * (x > 0)),
            "inner": (
                "the derivative of what is inside, exp(x), is missing",
                lambda g, x: g / (1 + np.exp(x)),
            ),
            "sign of the exponent": (
                "for negative x it is exp(x) / (1 + exp(x))",
                lambda g, x: g / (1 + np.exp(-abs(x))),
            ),
        },
    ),
    hints=(
        "log's derivative is 1 / (1 + exp(x)), times that of the inside.",
        "exp(x) / (1 + exp(x)) is the sigmoid of x.",
        "With e = exp(-|x|): 1 / (1 + e) for x > 0, e / (1 + e) else.",
    ),
    wrong=(
        (
            "nan",
            "    e = np.exp(-np.abs(x))\n    return g * np.where(x > 0, 1, e) / (1 + e)",
            "    return g * np.exp(x) / (1 + np.exp(x))",
        ),
        ("1 - s", "x > 0", "x < 0"),
        ("sigmoid's own", "np.where(x > 0, 1, e) / (1 + e)", "e / (1 + e) ** 2"),
        ("value", "np.where(x > 0, 1, e) / (1 + e)", "(np.maximum(x, 0) + np.log1p(e))"),
        ("relu", "np.where(x > 0, 1, e) / (1 + e)", "(x > 0)"),
        ("sign of the exponent", "np.where(x > 0, 1, e)", "1"),
        ("cotangent ignored", "return g *", "return"),
        ("sign", "return g", "return -g"),
    ),
)

EXERCISES = (
    GRAM,
    COSM1,
)
