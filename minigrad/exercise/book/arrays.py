"""Unit 7: from numbers to arrays. Which axis is summed?"""

from __future__ import annotations

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal
from minigrad.exercise.rules import Rules

BIAS = Exercise(
    name="bias-rule",
    title="The gradient of a bias",
    unit="7",
    words="""
y = x + b, where x is (N, D) and b (D,): b is added to every row. Return the
gradients of x and b.
""",
    asks="backward",
    solution="""
def backward(g, x, b):
    return g, g.sum(axis=0)
""",
    grader=Rules(lambda x, b: x + b, normal((5, 3), (3,))),
    hints=(
        "Every row of y uses the same b.",
        "What is used N times gets the sum of N gradients.",
        "g.sum(axis=0) has b's shape.",
    ),
    wrong=(
        ("not summed", "g.sum(axis=0)", "g"),
        ("mean for sum", "sum", "mean"),
        ("batch not summed", "g, g.sum(axis=0)", "g, g[0]"),
        ("axis", "g.sum(axis=0)", "g.sum(axis=1)"),
        ("wrong shape", "g.sum(axis=0)", "g.sum(axis=0, keepdims=True)"),
        ("argument missing", "g.sum(axis=0)", "g.sum()"),
        (
            "cotangent ignored",
            "return g, g.sum(axis=0)",
            "return g * 0 + 1, (g * 0 + 1).sum(axis=0)",
        ),
        ("count", "return g, g.sum(axis=0)", "return g.sum(axis=0)"),
        ("missing", "g.sum(axis=0)", "0 * b"),
    ),
)

MATMUL = Exercise(
    name="matmul-rule",
    title="The gradients of a product of matrices",
    unit="7",
    words="""
y = x @ w with x (N, K) and w (K, M). Return the gradients of x and w.
""",
    asks="backward",
    solution="""
def backward(g, x, w):
    return g @ w.T, x.T @ g
""",
    grader=Rules(lambda x, w: x @ w, normal((5, 3), (3, 7))),
    hints=(
        "The shapes nearly tell: g is (N, M), dx (N, K), dw (K, M).",
        "Which of the products of g, x, w and their transposes have these shapes?",
        "dx = g w', dw = x' g.",
    ),
    wrong=(
        ("transposed", "x.T @ g", "(x.T @ g).T"),
        ("raises", "w.T", "w"),
        ("raises", "x.T @ g", "g @ x.T"),
        ("mean for sum", "x.T @ g", "x.T @ g / len(x)"),
        ("sign", "x.T", "-x.T"),
        ("count", "return g @ w.T, x.T @ g", "return x.T @ g"),
        ("missing", "x.T @ g", "0 * w"),
        ("constant", "return g @ w.T,", "return 2 * g @ w.T,"),
        ("cotangent ignored", "return", "g = g * 0 + 1\n    return"),
        ("rounded", "x.T @ g", '(x.T @ g).astype("float32")'),
    ),
)

MEAN = Exercise(
    name="mean-rule",
    title="The gradient of a mean",
    unit="7",
    words="""
y = x.mean(), a number, and so is g. x is (N, M). Return the gradient of x.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x):
    return np.full(x.shape, g / x.size)
""",
    grader=Rules(
        lambda x: x.mean(),
        normal((5, 3)),
        {
            "rows only": (
                "the mean is over all N M numbers, not over N",
                lambda g, x: g / len(x) + 0 * x,
            ),
            "like the max": (
                "a mean shares g among all elements alike; the values do not matter",
                lambda g, x: g * x / x.size,
            ),
        },
    ),
    hints=(
        "How much does the mean move when one of the numbers moves by 1?",
        "By 1 / (N M), whichever it is.",
        "An array of x's shape, filled with g / x.size.",
    ),
    wrong=(
        ("sum for mean", "g / x.size", "g"),
        ("rows only", "x.size", "len(x)"),
        ("like the max", "np.full(x.shape, g / x.size)", "g * x / x.size"),
        ("wrong shape", "np.full(x.shape, g / x.size)", "g / x.size"),
        ("cotangent ignored", "g / x.size", "1 / x.size"),
        ("mean for sum", "g / x.size", "g / x.size**2"),
        ("sign", "g /", "-g /"),
        ("wrong shape", "x.shape,", "len(x),"),
    ),
)

SUM_AXIS = Exercise(
    name="sum-rule",
    title="The gradient of a sum along an axis",
    unit="7",
    words="""
y = x.sum(axis=1) with x (N, M), so y and g are (N,). Return the gradient of
x.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x):
    return np.broadcast_to(g[:, None], x.shape)
""",
    grader=Rules(lambda x: x.sum(dim=1), normal((5, 3))),
    hints=(
        "Each number of a row counts once in that row's sum.",
        "Every number of row i gets g[i].",
        "g[:, None] is a column; np.broadcast_to stretches it over x's shape.",
    ),
    wrong=(
        ("wrong shape", "np.broadcast_to(g[:, None], x.shape)", "g"),
        ("wrong shape", "np.broadcast_to(g[:, None], x.shape)", "g[:, None]"),
        ("mean for sum", "g[:, None]", "g[:, None] / x.shape[1]"),
        ("cotangent ignored", "g[:, None]", "np.ones_like(g)[:, None]"),
        ("raises", "g[:, None]", "g"),
        ("sign", "g[:, None]", "-g[:, None]"),
        ("transposed", "np.broadcast_to(g[:, None], x.shape)", "np.broadcast_to(g, x.shape[::-1])"),
        ("term missing", "g[:, None], x.shape)", "g[:, None], x.shape) * x"),
    ),
)

OUTER = Exercise(
    name="broadcast-rule",
    title="A column times a row",
    unit="7",
    words="""
y = c * r with c (N, 1) and r (1, M), stretched to (N, M). Return the
gradients of c and r.
""",
    asks="backward",
    solution="""
def backward(g, c, r):
    return (g * r).sum(axis=1, keepdims=True), (g * c).sum(axis=0, keepdims=True)
""",
    grader=Rules(lambda c, r: c * r, normal((5, 1), (1, 3))),
    hints=(
        "Without broadcasting: dc would be g * r, dr would be g * c.",
        "What was stretched along an axis is summed along it.",
        "keepdims=True leaves the axis of size 1.",
    ),
    wrong=(
        ("not summed", "(g * r).sum(axis=1, keepdims=True)", "g * r"),
        ("not summed", "(g * c).sum(axis=0, keepdims=True)", "g * c"),
        ("argument missing", "axis=1, keepdims=True", "axis=1"),
        ("axis", "axis=1, keepdims=True", "axis=0, keepdims=True"),
        ("mean for sum", "(g * r).sum", "(g * r).mean"),
        ("factor missing", "g * r", "g"),
        (
            "wrong shape",
            "(g * r).sum(axis=1, keepdims=True), (g * c).sum(axis=0, keepdims=True)",
            "(g * c).sum(axis=0, keepdims=True), (g * r).sum(axis=1, keepdims=True)",
        ),
        ("sign", "(g * c)", "(-g * c)"),
    ),
)

EXERCISES = (BIAS, MATMUL, MEAN, SUM_AXIS, OUTER)
