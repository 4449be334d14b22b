"""Unit 6: is it right? Gradients by differences."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal, of
from minigrad.exercise.numbers import Numbers, Question
from minigrad.exercise.values import Values
from minigrad.gradcheck.examine import check


def _quotient(f: Any, x: Any, h: float) -> Any:
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        found[i] = (f(x + step) - f(x - step)) / (2 * h)
    return found


def _forward(f: Any, x: Any, h: float) -> Any:
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        found[i] = (f(x + step) - f(x)) / h
    return found


def _bowl(x: Any) -> Any:
    return float((np.sin(x) * x**2).sum() + x.flat[0] * x.flat[-1])


def _together(f: Any, x: Any, h: float) -> Any:
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


QUOTIENT = Exercise(
    name="difference-quotient",
    title="A gradient without any calculus",
    unit="6",
    words="""
f takes an array and returns a number. Return its gradient at x, an array of
x's shape, by central differences: for each element (f(x + h) - f(x - h)) / (2
h), where only that element is moved.
""",
    asks="numeric_gradient",
    solution="""
import numpy as np


def numeric_gradient(f, x, h):
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient
""",
    grader=Values(
        _quotient,
        of(lambda rng, turn: [_bowl], normal((3, 2)), lambda rng, turn: [[1e-3, 2e-3, 1e-2][turn]]),
        {
            "one-sided": (
                "that is the one-sided quotient, whose error is of the size of h and not of h²",
                _forward,
            ),
            "all at once": ("all elements are moved at once; move one at a time", _together),
        },
        results=("the gradient",),
    ),
    hints=(
        "Only one element moves at a time: a loop over all of them.",
        "np.ndindex(x.shape) goes through all places of an array.",
        "step = zeros with h in one place; f(x + step) and f(x - step) are 2 h apart.",
    ),
    wrong=(
        ("one-sided", "(f(x + step) - f(x - step)) / (2 * h)", "(f(x + step) - f(x)) / h"),
        ("constant", "(2 * h)", "h"),
        ("sign", "f(x + step) - f(x - step)", "f(x - step) - f(x + step)"),
        ("all at once", "step[i] = h", "step[...] = h"),
        ("constant", " / (2 * h)", ""),
        ("writes", "    gradient = np", "    x += h\n    gradient = np"),
        ("wrong shape", "return gradient", "return gradient.ravel()"),
        ("type", "return gradient", "return f"),
    ),
)


FARTHEST = [(1.0, 1.9), (-1.9, -1.0), (-1.0, -1.9), (0.0, 0.7), (0.6, 0.0), (1.0, -1.3)]
"""The two numbers that are farthest apart, turn by turn: either is larger, negative, or 0."""


def _apart(rng: Any, turn: int) -> list[Any]:
    n = 7 + turn
    x = (1 + rng.random(n)) * rng.choice([-1, 1] if turn else [1], n)
    y = x * (1 + 0.1 * rng.random(n))
    x[turn], y[turn] = (1 + rng.random()) * np.array(FARTHEST[turn])
    return [np.append(x, 0.0), np.append(y, 0.0)]


ERROR = Exercise(
    name="relative-error",
    title="How far apart are two gradients?",
    unit="6",
    words="""
Return the largest relative error of two arrays: for each element |a - b| /
max(|a|, |b|), and 0 where both are 0.
""",
    asks="relative_error",
    solution="""
import numpy as np


def relative_error(a, b):
    size = np.maximum(np.abs(a), np.abs(b))
    return np.max(np.abs(a - b) / np.where(size == 0, 1, size))
""",
    grader=Values(
        lambda a, b: np.max(
            np.abs(a - b) / np.where(np.maximum(abs(a), abs(b)) == 0, 1, np.maximum(abs(a), abs(b)))
        ),
        _apart,
        {
            "absolute": ("that is the absolute error", lambda a, b: np.max(np.abs(a - b))),
            "mean": (
                "that is the mean; one wrong element of many would hide in it",
                lambda a, b: (
                    np.mean(np.abs(a - b)[:-1] / np.maximum(abs(a), abs(b))[:-1])
                    * (len(a) - 1)
                    / len(a)
                ),
            ),
            "sum of sizes": (
                "it is divided by |a| + |b|",
                lambda a, b: np.max(np.abs(a - b)[:-1] / (abs(a) + abs(b))[:-1]),
            ),
            "by a alone": (
                "it is divided by |a| alone: the two are not treated alike",
                lambda a, b: np.max(np.abs(a - b)[:-1] / abs(a)[:-1]),
            ),
            "by b alone": (
                "it is divided by |b| alone: the two are not treated alike",
                lambda a, b: np.max(np.abs(a - b)[:-1] / abs(b)[:-1]),
            ),
            "no absolute value": (
                "the difference's sign is kept, so a large negative one does not show",
                lambda a, b: max(0.0, np.max((a - b)[:-1] / np.maximum(abs(a), abs(b))[:-1])),
            ),
            "every element": (
                "one number is asked, the largest",
                lambda a, b: np.abs(a - b) / np.where(abs(a) == 0, 1, np.maximum(abs(a), abs(b))),
            ),
        },
        results=("the error",),
        turns=6,
    ),
    hints=(
        "np.maximum takes the larger of two arrays, element by element.",
        "Where both are 0, 0/0 is nan: divide by 1 there.",
        "np.where(size == 0, 1, size) is what to divide by; then np.max.",
    ),
    wrong=(
        ("absolute", " / np.where(size == 0, 1, size)", ""),
        ("mean", "np.max(", "np.mean("),
        ("sum of sizes", "np.maximum(np.abs(a), np.abs(b))", "np.abs(a) + np.abs(b)"),
        ("by a alone", "np.maximum(np.abs(a), np.abs(b))", "np.abs(a)"),
        ("no absolute value", "np.abs(a - b)", "(a - b)"),
        ("by b alone", "size == 0, 1, size", "b == 0, 1, np.abs(b)"),
        ("every element", "np.max(", "("),
        ("nan", "np.where(size == 0, 1, size)", "size"),
    ),
)


def _five() -> list[tuple[Any, Any]]:
    return [
        (np.tanh, lambda g, x: (g * (1 - np.tanh(x) ** 2),)),
        (lambda x: 1 / x, lambda g, x: (-g / x**2,)),
        (lambda x: np.sqrt(x), lambda g, x: (g / np.sqrt(x),)),
        (lambda x: x * np.exp(x), lambda g, x: (g * (1 + x) * np.exp(x),)),
        (lambda x: np.log(1 + x), lambda g, x: (g / (1 + x),)),
    ]


def _found() -> int:
    x = np.linspace(0.5, 1.5, 5)
    return next(i for i, pair in enumerate(_five(), 1) if not check(pair, [x], level="quick").ok)


SUSPECT = Exercise(
    name="find-the-wrong-rule",
    title="One rule of five is wrong",
    unit="6",
    words="""
1  tanh x      g * (1 - tanh(x)²)
2  1 / x       -g / x²
3  sqrt x      g / sqrt(x)
4  x exp x     g * (1 + x) * exp(x)
5  log(1 + x)  g / (1 + x)

Which one is wrong, and by which factor is its result too large? At x = 2, what
is the right slope of that function?
""",
    asks="answers",
    solution="""
answers = {
    "which": 3,
    "too large by": 2.0,
    "slope at 2": 0.3536,
}
""",
    grader=Numbers(
        (
            Question(
                "which",
                _found,
                {
                    "minus": (2, "1/x falls, so its slope is negative: that rule is right"),
                    "product": (4, "the product rule gives exp x + x exp x: that rule is right"),
                },
            ),
            Question("too large by", lambda: 2.0, {"upside down": (0.5, "too large, so above 1")}),
            Question(
                "slope at 2",
                lambda: (np.sqrt(2 + 1e-6) - np.sqrt(2 - 1e-6)) / 2e-6,
                {
                    "wrong rule": (2**-0.5, "that is what the wrong rule gives"),
                    "value": (2**0.5, "that is the value, not the slope"),
                },
            ),
        )
    ),
    hints=(
        "Measure each slope: (f(2.001) - f(1.999)) / 0.002, and compare.",
        "sqrt x is x to the power of 1/2.",
        "The derivative of x^p is p x^(p-1).",
    ),
    wrong=(
        ("minus", '"which": 3', '"which": 2'),
        ("product", '"which": 3', '"which": 4'),
        ("other number", '"which": 3', '"which": 1'),
        ("upside down", "2.0", "0.5"),
        ("wrong rule", "0.3536", "0.7071"),
        ("value", "0.3536", "1.4142"),
        ("sign", "0.3536", "-0.3536"),
    ),
)

EXERCISES = (
    QUOTIENT,
    ERROR,
    SUSPECT,
)
