"""Unit 3: following a slope."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal, of
from minigrad.exercise.values import Values


def _parabola(x: Any, y: Any, a: Any, b: Any, c: Any, k: float = 2.0) -> tuple[Any, Any, Any]:
    r = a * x**2 + b * x + c - y
    return k * (r * x**2).mean(), k * (r * x).mean(), k * r.mean()


PARABOLA = Exercise(
    name="parabola-gradients",
    title="The three gradients of a parabola's loss",
    unit="3",
    words="""
The model is a x² + b x + c, the loss the mean of the squared errors r² with r
= a x² + b x + c - y. Return the loss's derivatives by a, by b and by c.
""",
    asks="gradients",
    solution="""
def gradients(x, y, a, b, c):
    r = a * x**2 + b * x + c - y
    return 2 * (r * x**2).mean(), 2 * (r * x).mean(), 2 * r.mean()
""",
    grader=Values(
        _parabola,
        of(normal((11,), (11,)), lambda rng, turn: list((-1) ** turn * rng.standard_normal(3))),
        {
            "squared error": (
                "the derivative of r² is 2 r times that of r; r stands squared here",
                lambda x, y, a, b, c: tuple(
                    2 * ((a * x**2 + b * x + c - y) ** 2 * v).mean() for v in (x**2, x, x**0)
                ),
            ),
            "y forgotten": (
                "r is the prediction without y taken away",
                lambda x, y, a, b, c: _parabola(x, 0 * y, a, b, c),
            ),
        },
        results=("da", "db", "dc"),
        turns=6,
    ),
    hints=(
        "The chain rule: the derivative of r² is 2 r times the derivative of r.",
        "By a, r's derivative is x²; by b it is x; by c it is 1.",
        "da = 2/N Σ r x². The mean is that 1/N Σ.",
    ),
    wrong=(
        ("constant", "2 * ", ""),
        ("sum for mean", "mean()", "sum()"),
        ("sign", " - y", " - y\n    r = -r"),
        (
            "operands exchanged",
            "2 * (r * x**2).mean(), 2 * (r * x).mean()",
            "2 * (r * x).mean(), 2 * (r * x**2).mean()",
        ),
        ("squared error", " - y", " - y\n    r = r**2"),
        ("y forgotten", " + c - y", " + c"),
        ("count", ", 2 * r.mean()", ""),
        ("not summed", "mean()", "copy() / len(x)"),
    ),
)


RATE = Exercise(
    name="diverging-rate",
    title="How large may the learning rate be?",
    unit="3",
    words="""
A loss is a bowl with the second derivatives H, a symmetric matrix. Along an
eigenvector with the eigenvalue λ, a step of gradient descent leaves 1 - rate
λ of the error. Return the rate from which on the steps lead away.
""",
    asks="largest_rate",
    solution="""
import numpy as np


def largest_rate(H):
    return 2 / np.linalg.eigvalsh(H).max()
""",
    grader=Values(
        lambda H: 2 / np.linalg.eigvalsh(H).max(),
        lambda rng, turn: [
            (lambda a: a @ a.T + np.eye(len(a)))(rng.standard_normal((3 + turn, 9)))
        ],
        {
            "flattest": (
                "it is the steepest direction that diverges first, not the flattest",
                lambda H: 2 / np.linalg.eigvalsh(H).min(),
            ),
            "one step": (
                "at 1/λ one step leaves nothing; up to 2/λ what is left still shrinks",
                lambda H: 1 / np.linalg.eigvalsh(H).max(),
            ),
            "trace": (
                "the trace is the sum of all eigenvalues; the largest one decides",
                lambda H: 2 / np.trace(H),
            ),
            "diagonal": (
                "the largest number on the diagonal is no eigenvalue",
                lambda H: 2 / np.diag(H).max(),
            ),
            "upside down": ("that is 1 / the rate", lambda H: np.linalg.eigvalsh(H).max() / 2),
            "every direction": (
                "each direction has a rate of its own; the smallest of them counts",
                lambda H: 2 / np.linalg.eigvalsh(H),
            ),
        },
        results=("the rate",),
    ),
    hints=(
        "It shrinks as long as |1 - rate λ| < 1.",
        "The largest λ is the first to break this.",
        "np.linalg.eigvalsh(H) has the eigenvalues; 1 - rate λ = -1 gives the rate.",
    ),
    wrong=(
        ("flattest", "max()", "min()"),
        ("one step", "2 /", "1 /"),
        ("trace", "np.linalg.eigvalsh(H).max()", "np.trace(H)"),
        ("diagonal", "np.linalg.eigvalsh(H).max()", "np.diag(H).max()"),
        ("upside down", "2 / np.linalg.eigvalsh(H).max()", "np.linalg.eigvalsh(H).max() / 2"),
        ("every direction", ".max()", ""),
        ("sign", "return 2", "return -2"),
    ),
)


def _descent(start: Any, rate: float, steps: int, sign: float = -1.0, power: int = 3) -> Any:
    path = [start]
    for _ in range(steps):
        path.append(path[-1] + sign * rate * 4 * path[-1] ** power)
    return np.array(path)


DESCEND = Exercise(
    name="descend",
    title="Walk down by hand",
    unit="3",
    words="""
Minimise f(x) = x⁴ from x = start: `steps` steps of gradient descent with this
rate. Return the places, start first, as an array of steps + 1 numbers.
""",
    asks="descend",
    solution="""
import numpy as np


def descend(start, rate, steps):
    path = [start]
    for _ in range(steps):
        x = path[-1]
        path.append(x - rate * 4 * x**3)
    return np.array(path)
""",
    grader=Values(
        _descent,
        lambda rng, turn: [
            float(rng.uniform(0.5, 1)) * [1, -1, 1][turn],
            0.05 + 0.01 * turn,
            5 + turn,
        ],
        {
            "upwards": (
                "the steps go up the slope: minus the gradient",
                lambda s, r, n: _descent(s, r, n, 1.0),
            ),
            "start forgotten": (
                "the start is a place as well",
                lambda s, r, n: _descent(s, r, n)[1:],
            ),
            "last missing": ("one step is missing", lambda s, r, n: _descent(s, r, n - 1)),
            "wrong derivative": (
                "the derivative of x⁴ is 4 x³",
                lambda s, r, n: _descent(s, r / 4, n),
            ),
            "power": (
                "the derivative of x⁴ is 4 x³: the power",
                lambda s, r, n: _descent(s, r, n, power=4),
            ),
            "slope at the start": (
                "the slope is taken at the start each time, and not at the last place",
                lambda s, r, n: s - r * 4 * s**3 * np.arange(n + 1),
            ),
            "only the last": ("all places are asked", lambda s, r, n: _descent(s, r, n)[-1]),
        },
        results=("the path",),
    ),
    hints=(
        "f'(x) = 4 x³.",
        "A step: x - rate f'(x), with x the last place.",
        "path = [start]; in a loop path.append(path[-1] - rate * 4 * path[-1]**3).",
    ),
    wrong=(
        ("upwards", "x - rate", "x + rate"),
        ("start forgotten", "np.array(path)", "np.array(path[1:])"),
        ("last missing", "range(steps)", "range(steps - 1)"),
        ("wrong derivative", "4 * x**3", "x**3"),
        ("power", "x**3", "x**4"),
        ("slope at the start", "4 * x**3", "4 * start**3"),
        ("only the last", "np.array(path)", "path[-1]"),
    ),
)

EXERCISES = (
    PARABOLA,
    RATE,
    DESCEND,
)
