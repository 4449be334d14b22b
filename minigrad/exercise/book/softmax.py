"""Unit 10: softmax and cross-entropy."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import labels, normal, of
from minigrad.exercise.rules import Rules
from minigrad.exercise.values import Values
from minigrad.nn import functional as F


def _soft(x: Any) -> Any:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


STABLE = Exercise(
    name="stable-softmax",
    title="A softmax that does not overflow",
    unit="10",
    words="""
Return the softmax of each row of x (N, C): exp(x) over the row's sum of
exp(x). The numbers may be as large as 1000, and exp(1000) is infinite.
""",
    asks="softmax",
    solution="""
import numpy as np


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
""",
    grader=Values(
        _soft,
        lambda rng, turn: [
            (1000.0 if turn == 2 else 1.0) * rng.standard_normal((5 + 2 * turn, 3 + turn))
        ],
        {
            "columns": (
                "the columns are divided, not the rows: which axis has a sample's classes?",
                lambda x: np.exp(x - x.max(0)) / np.exp(x - x.max(0)).sum(0),
            ),
            "whole table": (
                "the sum is that of the whole table; each row has its own",
                lambda x: (
                    np.exp(x - x.max(1, keepdims=True)) / np.exp(x - x.max(1, keepdims=True)).sum()
                ),
            ),
            "not divided": (
                "the exponentials are not divided by their sum",
                lambda x: np.exp(x - x.max(1, keepdims=True)),
            ),
            "divided by the maximum": (
                "divided by the largest: that changes the shares; take it away instead",
                lambda x: _soft(x / x.max(1, keepdims=True)),
            ),
            "logarithm": ("that is its logarithm", lambda x: np.log(_soft(x))),
        },
        results=("the shares",),
    ),
    hints=(
        "The same number taken away from a row changes nothing: it cancels.",
        "Take away the row's largest: then no exponent is above 0.",
        "x - x.max(axis=1, keepdims=True); keepdims also for the sum.",
    ),
    wrong=(
        ("nan", "x - x.max(axis=1, keepdims=True)", "x"),
        ("columns", "axis=1", "axis=0"),
        ("whole table", "e.sum(axis=1, keepdims=True)", "e.sum()"),
        ("not divided", "e / e.sum(axis=1, keepdims=True)", "e"),
        (
            "divided by the maximum",
            "x - x.max(axis=1, keepdims=True)",
            "x / x.max(axis=1, keepdims=True)",
        ),
        ("raises", "e.sum(axis=1, keepdims=True)", "e.sum(axis=1)"),
        (
            "logarithm",
            "return e / e.sum(axis=1, keepdims=True)",
            "return np.log(e / e.sum(axis=1, keepdims=True))",
        ),
        ("nan", "- x.max(axis=1, keepdims=True)", "- x.mean(axis=1, keepdims=True)"),
    ),
)


SOFTMAX = Exercise(
    name="softmax-rule",
    title="The gradient of a softmax",
    unit="10",
    words="""
y = softmax(x), each row of x (N, C) by itself: every share depends on every
number of its row. Return the gradient of x.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y * (g - (g * y).sum(axis=1, keepdims=True))
""",
    grader=Rules(
        lambda x: x.softmax(dim=1),
        normal((5, 3)),
        {
            "fused": (
                "y - g belongs to softmax and cross-entropy together; here g is any gradient",
                lambda g, x: _soft(x) - g,
            ),
            "sum held": (
                "the sum below the line depends on x too: its path is missing",
                lambda g, x: g * _soft(x),
            ),
            "y outside": (
                "the factor y in front is missing",
                lambda g, x: g - (g * _soft(x)).sum(1, keepdims=True),
            ),
            "g not weighted": (
                "g is summed without its weights y",
                lambda g, x: _soft(x) * (g - g.sum(1, keepdims=True)),
            ),
            "whole table": (
                "the sum is over a sample's own classes",
                lambda g, x: _soft(x) * (g - (g * _soft(x)).sum()),
            ),
        },
    ),
    hints=(
        "dy_i/dx_j is y_i (1 - y_i) for i = j, and -y_i y_j else.",
        "Sum over i: g_j y_j - y_j Σ_i g_i y_i.",
        "y * (g - (g * y).sum(axis=1, keepdims=True)).",
    ),
    wrong=(
        ("diagonal only", "y * (g - (g * y).sum(axis=1, keepdims=True))", "g * y * (1 - y)"),
        ("fused", "y * (g - (g * y).sum(axis=1, keepdims=True))", "y - g"),
        ("sum held", "y * (g - (g * y).sum(axis=1, keepdims=True))", "g * y"),
        ("y outside", "return y * ", "return "),
        ("g not weighted", "(g * y).sum", "g.sum"),
        ("whole table", "(g * y).sum(axis=1, keepdims=True)", "(g * y).sum()"),
        ("sign", "return y", "return -y"),
        ("raises", "(g * y).sum(axis=1, keepdims=True)", "(g * y).sum(axis=1)"),
    ),
)


def _onehot(y: Any, n: int) -> Any:
    return np.eye(n)[y]


def _ce(p: Any, y: Any) -> Any:
    return -np.log(p[np.arange(len(y)), y])


FUSED = Exercise(
    name="cross-entropy-rule",
    title="Softmax and cross-entropy together",
    unit="10",
    words="""
The loss is the mean over the samples of -log(softmax(x)[label]), with scores
x (N, C) and labels y (N,), whole numbers. g is a number. Return the gradient
of x; y has none.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x, y):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return g * p / len(y)
""",
    grader=Rules(
        lambda x, y: F.cross_entropy(x, y),
        of(normal((5, 3)), labels(5, 3)),
        {
            "labels forgotten": (
                "p alone; the 1 of the right class is to be taken away",
                lambda g, x, y: g * _soft(x) / len(y),
            ),
            "shares forgotten": (
                "the right class's share alone; all classes get a gradient",
                lambda g, x, y: -g * _onehot(y, x.shape[1]) / len(y),
            ),
            "loss of probabilities": (
                "-1/p is the gradient of the probabilities; through the softmax it becomes p - y",
                lambda g, x, y: -g * _onehot(y, x.shape[1]) / _soft(x) / len(y),
            ),
            "all elements": (
                "divided by N C; the loss is a mean over N samples",
                lambda g, x, y: g * (_soft(x) - _onehot(y, x.shape[1])) / x.size,
            ),
        },
    ),
    hints=(
        "Write the loss as log Σ exp(x) - x[label].",
        "Its gradient by x is softmax(x) - onehot(label).",
        "Times g, divided by the number of samples.",
    ),
    wrong=(
        ("sum for mean", " / len(y)", ""),
        ("labels forgotten", "    p[np.arange(len(y)), y] -= 1\n", ""),
        ("shares forgotten", "g * p / len(y)", "-g * np.eye(x.shape[1])[y] / len(y)"),
        (
            "loss of probabilities",
            "g * p / len(y)",
            "-g * np.eye(x.shape[1])[y] / (e / e.sum(axis=1, keepdims=True)) / len(y)",
        ),
        ("all elements", "len(y)\n", "x.size\n"),
        ("sign", "return g", "return -g"),
        ("cotangent ignored", "return g * p", "return p"),
        ("term missing", "p[np.arange(len(y)), y] -= 1", "p[:, y] -= 1"),
    ),
)


LOG_LOSS = Exercise(
    name="stable-cross-entropy",
    title="Cross-entropy from scores, at 1000",
    unit="10",
    words="""
Return the mean of -log(softmax(x)[label]) over the samples, with scores x (N,
C) up to 1000 in size and labels y (N,). Where the softmax rounds to 0 the
logarithm is infinite: do not compute it.
""",
    asks="cross_entropy",
    solution="""
import numpy as np


def cross_entropy(x, y):
    top = x.max(axis=1)
    total = top + np.log(np.exp(x - top[:, None]).sum(axis=1))
    return (total - x[np.arange(len(y)), y]).mean()
""",
    grader=Values(
        lambda x, y: (
            x.max(1) + np.log(np.exp(x - x.max(1, keepdims=True)).sum(1)) - x[np.arange(len(y)), y]
        ).mean(),
        lambda rng, turn: [
            (900 if turn == 2 else 1) * normal((7, 3))(rng, turn)[0] - (2000 if turn == 2 else 0),
            *labels(7, 3)(rng, turn),
        ],
        {
            "maximum not added": (
                "the maximum that was taken away in the exponent has to be added again",
                lambda x, y: (
                    np.log(np.exp(x - x.max(1, keepdims=True)).sum(1)) - x[np.arange(len(y)), y]
                ).mean(),
            ),
            "score forgotten": (
                "the score of the label is missing",
                lambda x, y: (x.max(1) + np.log(np.exp(x - x.max(1, keepdims=True)).sum(1))).mean(),
            ),
            "logarithm forgotten": (
                "the logarithm is missing",
                lambda x, y: -_soft(x)[np.arange(len(y)), y].mean(),
            ),
            "sign": (
                "the sign is wrong: the loss is minus a logarithm, and never below 0",
                lambda x, y: np.log(_soft(x)[np.arange(len(y)), y]).mean(),
            ),
            "by sample": (
                "one number is asked, the mean over the samples",
                lambda x, y: _ce(_soft(x), y),
            ),
        },
        results=("the loss",),
    ),
    hints=(
        "-log(exp(s) / Σ exp) = log Σ exp - s.",
        "log Σ exp(x) = m + log Σ exp(x - m), with m the row's maximum.",
        "(m + log Σ exp(x - m) - x[label]).mean().",
    ),
    wrong=(
        ("nan", "x - top[:, None]", "x"),
        ("maximum not added", "top + np.log", "np.log"),
        ("score forgotten", "total - x[np.arange(len(y)), y]", "total"),
        ("sum for mean", ".mean()", ".sum()"),
        ("sign", "total - x[np.arange(len(y)), y]", "x[np.arange(len(y)), y] - total"),
        ("by sample", ".mean()", ""),
        (
            "nan",
            "    return (total - x[np.arange(len(y)), y]).mean()",
            "    p = np.exp(x - total[:, None])\n"
            "    return -np.log(p[np.arange(len(y)), y]).mean()",
        ),
        (
            "logarithm forgotten",
            "    return (total - x[np.arange(len(y)), y]).mean()",
            "    p = np.exp(x - total[:, None])\n    return -p[np.arange(len(y)), y].mean()",
        ),
    ),
)

EXERCISES = (
    STABLE,
    SOFTMAX,
    FUSED,
    LOG_LOSS,
)
