"""Unit 4: one neuron, one chain."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.creation import tensor
from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal
from minigrad.exercise.numbers import Numbers, Question
from minigrad.exercise.rules import Rules
from minigrad.gradients import grad


def _s(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _neuron() -> tuple[float, ...]:
    w, x, b = (tensor(v, dtype="float64", requires_grad=True) for v in (-0.5, 2.0, 0.5))
    z = w * x + b
    y = z.sigmoid()
    return (z.item(), y.item(), *(0.0 if d is None else d.item() for d in grad(y, [z, w, x, b])))


NEURON = Exercise(
    name="one-neuron",
    title="One neuron by pencil",
    unit="4",
    words="""
y = sigmoid(z) with z = w x + b, w = -0.5, x = 2, b = 0.5. sigmoid(z) = 1 / (1
+ exp(-z)), and its derivative is y (1 - y). Write the numbers that stand on
the edges of the graph, three digits each.
""",
    asks="answers",
    solution="""
answers = {
    "z": -0.5,
    "y": 0.3775,
    "dy/dz": 0.2350,
    "dy/dw": 0.4700,
    "dy/dx": -0.1175,
    "dy/db": 0.2350,
}
""",
    grader=Numbers(
        (
            Question("z", lambda: _neuron()[0], {"b forgotten": (-1.0, "b is missing")}),
            Question(
                "y",
                lambda: _neuron()[1],
                {"sign of z": (_s(0.5), "the exponent is -z, and z is negative")},
            ),
            Question(
                "dy/dz",
                lambda: _neuron()[2],
                {
                    "z for y": (-0.5 * 1.5, "y (1 - y), not z (1 - z)"),
                    "tanh": (1 - _s(-0.5) ** 2, "that is the derivative of tanh"),
                },
            ),
            Question(
                "dy/dw",
                lambda: _neuron()[3],
                {
                    "x forgotten": (_neuron()[2], "dz/dw is x"),
                    "dy/dz forgotten": (2.0, "that is dz/dw; times dy/dz"),
                },
            ),
            Question(
                "dy/dx",
                lambda: _neuron()[4],
                {"dy/dz forgotten": (-0.5, "that is dz/dx; times dy/dz")},
            ),
            Question(
                "dy/db", lambda: _neuron()[5], {"b": (0.5 * _neuron()[2], "dz/db is 1, not b")}
            ),
        )
    ),
    hints=(
        "First forward: z, then y.",
        "Then back: dy/dz = y (1 - y), and each input's gradient is dy/dz times dz/d(it).",
        "dz/dw = x, dz/dx = w, dz/db = 1.",
    ),
    wrong=(
        ("b forgotten", '"z": -0.5', '"z": -1.0'),
        ("sign of z", "0.3775", "0.6225"),
        ("z for y", '"dy/dz": 0.2350', '"dy/dz": -0.75'),
        ("tanh", '"dy/dz": 0.2350', '"dy/dz": 0.8575'),
        ("x forgotten", "0.4700", "0.2350"),
        ("sign", "-0.1175", "0.1175"),
        ("dy/dz forgotten", "-0.1175", "-0.5"),
        ("b", '"dy/db": 0.2350', '"dy/db": 0.1175'),
    ),
)


SIGMOID = Exercise(
    name="sigmoid-rule",
    title="The rule of the sigmoid",
    unit="4",
    words="""
y = 1 / (1 + exp(-x)), element by element. g is the gradient that comes from
behind, of y's shape. Return the gradient of x.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x):
    y = 1 / (1 + np.exp(-x))
    return g * y * (1 - y)
""",
    grader=Rules(
        lambda x: x.sigmoid(),
        normal((5, 3)),
        {
            "x for y": (
                "x (1 - x) is not y (1 - y): it is the result that counts",
                lambda g, x: g * x * (1 - x),
            ),
            "tanh": ("1 - y² is the rule of tanh", lambda g, x: g * (1 - _s(x) ** 2)),
            "half": ("y is missing, or (1 - y)", lambda g, x: g * (1 - _s(x))),
            "value": (
                "that is g times the sigmoid itself, not its derivative",
                lambda g, x: g * _s(x),
            ),
        },
    ),
    hints=(
        "How does y change when one x changes a little? The other elements do not matter.",
        "dy/dx = y (1 - y).",
        "The chain rule: g times that.",
    ),
    wrong=(
        ("x for y", "y * (1 - y)", "x * (1 - x)"),
        ("tanh", "y * (1 - y)", "(1 - y**2)"),
        ("half", "g * y *", "g *"),
        ("value", "* (1 - y)", ""),
        ("cotangent ignored", "return g *", "return"),
        ("sign", "(1 - y)", "(y - 1)"),
        ("wrong shape", "g * y * (1 - y)", "(g * y * (1 - y)).ravel()"),
        ("rounded", "(1 - y)", "(1 - y).astype(np.float32)"),
    ),
)


CHAIN = Exercise(
    name="chain-rule",
    title="Three functions in a row",
    unit="4",
    words="""
y = exp(sin(x²)), element by element. Return the gradient of x.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x):
    a = x**2
    b = np.sin(a)
    return g * np.exp(b) * np.cos(a) * 2 * x
""",
    grader=Rules(
        lambda x: (x**2).sin().exp(),
        normal((5, 3)),
        {
            "inner": (
                "the innermost function's derivative, 2 x, is missing",
                lambda g, x: g * np.exp(np.sin(x**2)) * np.cos(x**2),
            ),
            "middle": (
                "the sine's derivative, cos(x²), is missing",
                lambda g, x: g * np.exp(np.sin(x**2)) * 2 * x,
            ),
            "outer": ("the derivative of exp is missing", lambda g, x: g * np.cos(x**2) * 2 * x),
            "wrong place": (
                "each derivative is taken at what its function was given: cos(x²), not cos(2 x)",
                lambda g, x: g * np.exp(np.sin(x**2)) * np.cos(2 * x) * 2 * x,
            ),
            "x": (
                "the derivative of x² is 2 x",
                lambda g, x: g * np.exp(np.sin(x**2)) * np.cos(x**2) * x,
            ),
            "nested": (
                "derivatives are multiplied and not nested",
                lambda g, x: g * np.exp(np.cos(2 * x)),
            ),
        },
    ),
    hints=(
        "Forward has three steps: a = x², b = sin a, y = exp b.",
        "Backward has three factors: dy/db, db/da, da/dx.",
        "exp(b), cos(a), 2 x.",
    ),
    wrong=(
        ("inner", " * 2 * x", ""),
        ("middle", " * np.cos(a)", ""),
        ("outer", " * np.exp(b)", ""),
        ("wrong place", "np.cos(a)", "np.cos(2 * x)"),
        ("x", "* 2 * x", "* x"),
        ("sign", "np.cos(a)", "-np.cos(a)"),
        ("nested", "np.exp(b) * np.cos(a) * 2 * x", "np.exp(np.cos(2 * x))"),
        ("cotangent ignored", "return g *", "return"),
    ),
)

EXERCISES = (
    NEURON,
    SIGMOID,
    CHAIN,
)
