"""Unit 11: layers by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise, Wrong
from minigrad.exercise.faults import same
from minigrad.exercise.inputs import labels, normal, of
from minigrad.exercise.rules import Rules
from minigrad.exercise.values import Values


def _onehot(y: Any, n: int) -> Any:
    return np.eye(n)[y]


RELU = Exercise(
    name="relu-layer",
    title="ReLU as a layer of your own",
    unit="11",
    words="""
A layer has forward(x), which remembers what backward needs, and backward(g),
which returns the gradient of x. Write those of ReLU, max(x, 0); at 0 its
derivative is 0.
""",
    asks="ReLU",
    solution='''
import numpy as np


class ReLU:
    """max(x, 0)"""

    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, g):
        return g * (self.x > 0)
''',
    grader=Rules(
        lambda x: x.relu(),
        lambda rng, turn: [
            np.where(rng.random((n := 5 + 2 * turn, 3 + turn)) < 0.2, 0.0, 1.0)
            * rng.standard_normal((n, 3 + turn))
        ],
        {
            "at 0": ("at 0 the derivative is 0: x > 0, not x >= 0", lambda g, x: g * (x >= 0)),
            "g tested": ("it is x that has to be positive, not g", lambda g, x: np.maximum(g, 0)),
            "value": (
                "times 1 where x is positive, not times x",
                lambda g, x: g * np.maximum(x, 0),
            ),
            "identity": ("nothing passes where x is negative", lambda g, x: g),
            "other side": ("it passes on the wrong side", lambda g, x: g * (x < 0)),
        },
        use=lambda layer: _layered(layer, lambda x: np.maximum(x, 0)),
    ),
    hints=(
        "Where x is positive y is x, elsewhere it does not depend on x.",
        "forward has to keep x, or where it is positive.",
        "g * (self.x > 0).",
    ),
    wrong=(
        ("at 0", "self.x > 0", "self.x >= 0"),
        ("g tested", "g * (self.x > 0)", "g * (g > 0)"),
        ("value", "g * (self.x > 0)", "g * np.maximum(self.x, 0)"),
        ("identity", "g * (self.x > 0)", "g"),
        ("other side", "self.x > 0", "self.x < 0"),
        ("cotangent ignored", "return g * (self.x > 0)", "return (self.x > 0) * 1.0"),
        ("forward", "np.maximum(x, 0)", "np.abs(x)"),
        ("raises", "        self.x = x\n", ""),
    ),
)


def _layered(layer: Any, forward: Any, *parameters: str) -> Any:
    """The backward of a student's layer; its forward is looked at as well."""

    def backward(g: Any, *inputs: Any) -> Any:
        made = layer(*inputs[1:])
        y = made.forward(inputs[0])
        want = forward(*inputs)
        if not same(np.asarray(y, float), want):
            raise Wrong("forward", "forward gives other numbers than it should")
        dx = made.backward(g)
        return (dx, *(getattr(made, name) for name in parameters)) if parameters else dx

    return backward


DENSE = Exercise(
    name="dense-layer",
    title="A dense layer of your own",
    unit="11",
    words="""
FullConnection(W, b) has forward(x), which gives x W + b with the samples as
the rows of x (N, D), and backward(g), which returns the gradient of x and
leaves those of W and b in self.dW and self.db.
""",
    asks="FullConnection",
    solution='''
class FullConnection:
    """x W + b"""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g):
        self.dW = self.x.T @ g
        self.db = g.sum(axis=0)
        return g @ self.W.T
''',
    grader=Rules(
        lambda x, W, b: x @ W + b,
        normal((5, 3), (3, 7), (7,)),
        use=lambda layer: _layered(layer, lambda x, W, b: x @ W + b, "dW", "db"),
    ),
    hints=(
        "backward needs what forward was given: keep x.",
        "The gradient of a product: dW = x' g, dx = g W'.",
        "b is used by each sample: db is the sum of g over the samples.",
    ),
    wrong=(
        ("not summed", "g.sum(axis=0)", "g"),
        ("mean for sum", "g.sum(axis=0)", "g.mean(axis=0)"),
        ("mean for sum", "self.x.T @ g", "self.x.T @ g / len(g)"),
        ("transposed", "self.x.T @ g", "g.T @ self.x"),
        ("raises", "self.W.T", "self.W"),
        ("forward", " + self.b\n", "\n"),
        ("forward", "x @ self.W + self.b", "(x @ self.W + self.b) * (1 + 1e-6)"),
        ("nothing returned", "        return g @ self.W.T\n", "        g @ self.W.T\n"),
        ("raises", "        self.db = g.sum(axis=0)\n", ""),
        ("sign", "self.x.T @ g", "-self.x.T @ g"),
    ),
)


ONE_HOT = Exercise(
    name="one-hot",
    title="Labels as rows of one 1",
    unit="11",
    words="""
labels (N,) are class indices, of `classes` classes. Return an array (N,
classes) of float64 with a 1 at each row's label and 0 elsewhere.
""",
    asks="one_hot",
    solution="""
import numpy as np


def one_hot(labels, classes):
    rows = np.zeros((len(labels), classes))
    rows[np.arange(len(labels)), labels] = 1
    return rows
""",
    grader=Values(
        lambda y, n: _onehot(y, n),
        of(labels(7, 3), lambda rng, turn: [6 + turn]),
        {
            "whole columns": (
                "rows[:, labels] marks whole columns: each sample has a row of its own",
                lambda y, n: np.ones((len(y), n)) * np.isin(np.arange(n), y),
            ),
            "from 1": (
                "classes are counted from 0",
                lambda y, n: _onehot((y - 1) % n, n),
            ),
            "largest label": (
                "there are as many columns as classes, also where the last do not occur",
                lambda y, n: _onehot(y, y.max() + 1),
            ),
            "label itself": (
                "the label's place is marked with a 1, not with the label",
                lambda y, n: _onehot(y, n) * y[:, None],
            ),
            "turned": ("a row a sample", lambda y, n: _onehot(y, n).T),
        },
        results=("the rows",),
    ),
    hints=(
        "In row i there is a 1 in column labels[i].",
        "Two arrays of indices pick one place each: rows[np.arange(N), labels].",
        "np.zeros((N, classes)), then that = 1.",
    ),
    wrong=(
        ("whole columns", "np.arange(len(labels)), labels", ":, labels"),
        ("from 1", "labels] = 1", "labels - 1] = 1"),
        ("largest label", "classes))\n", "labels.max() + 1))\n"),
        ("label itself", "= 1", "= labels"),
        ("turned", "return rows", "return rows.T"),
        ("missing", "    rows[np.arange(len(labels)), labels] = 1\n", ""),
        ("nothing returned", "    return rows\n", "    pass\n"),
        ("raises", "np.zeros((len(labels), classes))", "np.zeros(len(labels))"),
    ),
)

EXERCISES = (
    RELU,
    DENSE,
    ONE_HOT,
)
