"""Unit 7: rules of quotients, of rows that are taken, of a maximum."""

from __future__ import annotations

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import nonzero, normal, of
from minigrad.exercise.rules import Rules

DIVISION = Exercise(
    name="division-rule",
    title="The gradients of a quotient",
    unit="7",
    words="""
y = a / b, element by element. Return the gradients of a and b.
""",
    asks="backward",
    solution="""
def backward(g, a, b):
    return g / b, -g * a / b**2
""",
    grader=Rules(
        lambda a, b: a / b,
        of(normal((5, 3)), nonzero((5, 3))),
        {
            "not squared": (
                "by b it is -a / b²: the square is missing",
                lambda g, a, b: (g / b, -g * a / b),
            ),
            "a forgotten": ("by b it is -a / b²: a is missing", lambda g, a, b: (g / b, -g / b**2)),
            "times": (
                "a is divided by b, so its gradient is as well",
                lambda g, a, b: (g * b, -g * a / b**2),
            ),
        },
    ),
    hints=(
        "a / b = a b⁻¹: it is linear in a.",
        "The derivative of b⁻¹ is -b⁻².",
        "g / b and -g a / b².",
    ),
    wrong=(
        ("not squared", "b**2", "b"),
        ("a forgotten", "-g * a", "-g"),
        ("times", "g / b,", "g * b,"),
        ("sign", "-g", "g"),
        ("operands exchanged", "g / b, -g * a / b**2", "-g * a / b**2, g / b"),
        ("cotangent ignored", "return", "g = g * 0 + 1\n    return"),
        ("constant", "b**2", "b**2 / 2"),
        ("missing", "-g * a / b**2", "0 * b"),
    ),
)

TAKE = Exercise(
    name="rows-rule",
    title="Rows of a table, some of them twice",
    unit="7",
    words="""
y = table[rows]: table is (V, D), rows (N,) are whole numbers, some of which
occur more than once (an embedding of words is this). Return the gradient of
table; rows has none.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, table, rows):
    d = np.zeros_like(table)
    np.add.at(d, rows, g)
    return d
""",
    grader=Rules(
        lambda table, rows: table[rows],
        of(
            normal((5, 3)), lambda rng, turn: [np.array([1, 4, 1, 0, 4, 1, 2, 3][: 7 + (turn > 1)])]
        ),
        {
            "assigned": (
                "a row that is taken more than once keeps only the last of its "
                "gradients: d[rows] = "
                "and d[rows] += both do that, np.add.at adds",
                lambda g, table, rows: _assigned(g, table, rows),
            ),
            "divided": (
                "it is divided by how often a row is taken; a sum is asked",
                lambda g, table, rows: (
                    _added(g, table, rows)
                    / np.maximum(1, np.bincount(rows, minlength=len(table)))[:, None]
                ),
            ),
        },
    ),
    hints=(
        "A row that was taken three times gets the sum of three gradients.",
        "d[rows] += g does not add up: NumPy writes each place once.",
        "np.add.at(d, rows, g).",
    ),
    wrong=(
        ("assigned", "np.add.at(d, rows, g)", "d[rows] += g"),
        ("assigned", "np.add.at(d, rows, g)", "d[rows] = g"),
        (
            "divided",
            "    return d",
            "    return d / np.maximum(1, np.bincount(rows, minlength=len(table)))[:, None]",
        ),
        ("wrong shape", "return d", "return g"),
        ("sign", "return d", "return -d"),
        ("cotangent ignored", "rows, g)", "rows, np.ones_like(g))"),
        ("writes", "d = np.zeros_like(table)", "d = table"),
        ("missing", "    np.add.at(d, rows, g)\n", ""),
        ("wrong shape", "return d", "return d[rows]"),
    ),
)


def _assigned(g: np.ndarray, table: np.ndarray, rows: np.ndarray) -> np.ndarray:
    d = np.zeros_like(table)
    d[rows] = g
    return d


def _added(g: np.ndarray, table: np.ndarray, rows: np.ndarray) -> np.ndarray:
    d = np.zeros_like(table)
    np.add.at(d, rows, g)
    return d


MAX = Exercise(
    name="max-rule",
    title="The gradient of a maximum",
    unit="7",
    words="""
y = the largest number of each row of x (N, M); y and g are (N,). Return the
gradient of x. (No two numbers of a row are equal.)
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x):
    d = np.zeros_like(x)
    d[np.arange(len(x)), x.argmax(axis=1)] = g
    return d
""",
    grader=Rules(
        lambda x: x.amax(dim=1),
        normal((5, 3)),
        {
            "to all": (
                "only the largest number moves the maximum; the others get nothing",
                lambda g, x: g[:, None] + 0 * x,
            ),
            "smallest": (
                "it goes to the smallest number",
                lambda g, x: np.where(x == x.min(1, keepdims=True), g[:, None], 0),
            ),
            "whole array": (
                "each row has a maximum of its own",
                lambda g, x: np.where(x == x.max(), g[:, None], 0),
            ),
            "value": (
                "the derivative is 1 at the largest number, not its value",
                lambda g, x: np.where(x == x.max(1, keepdims=True), g[:, None] * x, 0),
            ),
        },
    ),
    hints=(
        "If any other number of the row moves a little, the maximum does not.",
        "x.argmax(axis=1) says where it stands in each row.",
        "d[np.arange(N), x.argmax(axis=1)] = g.",
    ),
    wrong=(
        ("to all", "    return d", "    return g[:, None] + 0 * x"),
        ("smallest", "argmax", "argmin"),
        (
            "whole array",
            "    d[np.arange(len(x)), x.argmax(axis=1)] = g\n",
            "    d = np.where(x == x.max(), g[:, None], 0)\n",
        ),
        ("value", "= g", "= g * x.max(axis=1)"),
        ("cotangent ignored", "= g", "= 1"),
        ("sign", "= g", "= -g"),
        ("missing", "    d[np.arange(len(x)), x.argmax(axis=1)] = g\n", ""),
        ("raises", "axis=1", "axis=0"),
    ),
)

EXERCISES = (DIVISION, TAKE, MAX)
