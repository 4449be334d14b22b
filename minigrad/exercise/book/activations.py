"""Unit 13: activations."""

from __future__ import annotations

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal, of
from minigrad.exercise.rules import Rules
from minigrad.nn import functional as F

TANH = Exercise(
    name="tanh-rule",
    title="The rule of tanh",
    unit="13",
    words="""
y = tanh(x). Return the gradient of x.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x):
    y = np.tanh(x)
    return g * (1 - y**2)
""",
    grader=Rules(
        lambda x: x.tanh(),
        normal((5, 3)),
        {
            "x for y": (
                "1 - x² is not 1 - y²: it is the result that counts",
                lambda g, x: g * (1 - x**2),
            ),
            "not squared": ("1 - y² and not 1 - y", lambda g, x: g * (1 - np.tanh(x))),
            "sigmoid": (
                "y (1 - y) is the rule of the sigmoid",
                lambda g, x: g * np.tanh(x) * (1 - np.tanh(x)),
            ),
            "value": ("that is g times the function itself", lambda g, x: g * np.tanh(x)),
        },
    ),
    hints=(
        "tanh is a sine of a kind over a cosine of a kind: use the quotient's rule.",
        "The derivative is 1 - tanh².",
        "With y = tanh(x) at hand: g * (1 - y**2).",
    ),
    wrong=(
        ("x for y", "y**2", "x**2"),
        ("not squared", "y**2", "y"),
        ("sigmoid", "(1 - y**2)", "y * (1 - y)"),
        ("value", "(1 - y**2)", "y"),
        ("cotangent ignored", "g * (1 - y**2)", "1 - y**2"),
        ("sign", "1 - y**2", "y**2 - 1"),
        ("operator", "1 - y**2", "1 + y**2"),
    ),
)


SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772


SELU = Exercise(
    name="selu-rule",
    title="The rule of SELU",
    unit="13",
    words="""
y = s x for x > 0, and s a (exp(x) - 1) else, with s = 1.0507009873554805, a =
1.6732632423543772. Return the gradient of x.
""",
    asks="backward",
    solution="""
import numpy as np

s, a = 1.0507009873554805, 1.6732632423543772


def backward(g, x):
    return g * s * np.where(x > 0, 1, a * np.exp(x))
""",
    grader=Rules(
        lambda x: F.selu(x),
        normal((5, 3)),
        {
            "value": (
                "the derivative of a (exp(x) - 1) is a exp(x): the 1 is gone",
                lambda g, x: g * SCALE * np.where(x > 0, 1, ALPHA * (np.exp(x) - 1)),
            ),
            "a forgotten": (
                "a is missing where x is negative",
                lambda g, x: g * SCALE * np.where(x > 0, 1, np.exp(x)),
            ),
            "s one side": (
                "s is missing where x is positive",
                lambda g, x: g * np.where(x > 0, 1, SCALE * ALPHA * np.exp(x)),
            ),
            "x": (
                "the derivative of s x is s, not s x",
                lambda g, x: g * SCALE * np.where(x > 0, x, ALPHA * np.exp(x)),
            ),
            "sides": (
                "the two sides are exchanged",
                lambda g, x: g * SCALE * np.where(x < 0, 1, ALPHA * np.exp(x)),
            ),
            "relu": (
                "where x is negative the function falls to -s a and still has a slope",
                lambda g, x: g * SCALE * (x > 0),
            ),
        },
    ),
    hints=(
        "Two pieces: differentiate each.",
        "s on the right, s a exp(x) on the left.",
        "np.where(x > 0, 1, a * np.exp(x)), times s and g.",
    ),
    wrong=(
        ("value", "a * np.exp(x)", "a * (np.exp(x) - 1)"),
        ("a forgotten", "1, a * np.exp(x)", "1, np.exp(x)"),
        ("s one side", "s * np.where(x > 0, 1, a", "np.where(x > 0, 1, s * a"),
        ("x", "x > 0, 1,", "x > 0, x,"),
        ("sides", "x > 0", "x < 0"),
        ("relu", "a * np.exp(x)", "0"),
        ("constant", "g * s *", "g *"),
        ("cotangent ignored", "return g *", "return"),
    ),
)


LEAKY = Exercise(
    name="prelu-rule",
    title="A slope that is learned: PReLU",
    unit="13",
    words="""
y = x for x > 0, and w x else; w is one number, shape (1,), for all of x (N,
M). Return the gradients of x and of w.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x, w):
    negative = x <= 0
    dw = np.array([(g * x * negative).sum()])
    return g * np.where(negative, w, 1), dw
""",
    grader=Rules(
        lambda x, w: F.prelu(x, w),
        of(normal((5, 3)), lambda rng, turn: [np.array([[0.3, -0.7, 1.4][turn]])]),
        {
            "all of x": (
                "w plays no part where x is positive",
                lambda g, x, w: (g * np.where(x > 0, 1, w), np.array([(g * x).sum()])),
            ),
            "x forgotten": (
                "the derivative of w x by w is x",
                lambda g, x, w: (g * np.where(x > 0, 1, w), np.array([(g * (x <= 0)).sum()])),
            ),
            "w twice": (
                "the derivative of w x by w is x; w itself does not belong there",
                lambda g, x, w: (
                    g * np.where(x > 0, 1, w),
                    np.array([(g * w * x * (x <= 0)).sum()]),
                ),
            ),
        },
    ),
    hints=(
        "By x: 1 on the right, w on the left.",
        "By w: 0 on the right, x on the left.",
        "w is one number for all: its gradient is the sum over everything, shape (1,).",
    ),
    wrong=(
        ("all of x", "g * x * negative", "g * x"),
        ("x forgotten", "g * x * negative", "g * negative"),
        ("w twice", "g * x * negative", "g * w * x * negative"),
        ("not summed", "np.array([(g * x * negative).sum()])", "g * x * negative"),
        ("mean for sum", "negative).sum()", "negative).mean()"),
        ("term missing", "np.where(negative, w, 1)", "np.where(negative, 0, 1)"),
        ("wrong shape", "np.array([(g * x * negative).sum()])", "(g * x * negative).sum()"),
        ("sign", "(g * x", "(-g * x"),
        ("count", "return g * np.where(negative, w, 1), dw", "return dw"),
    ),
)

EXERCISES = (
    TANH,
    SELU,
    LEAKY,
)
