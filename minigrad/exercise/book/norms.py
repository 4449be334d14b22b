"""Unit 23: normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal
from minigrad.exercise.rules import Rules
from minigrad.exercise.values import Values

EPS = 1e-5


def _norm(x: Any, gamma: Any, beta: Any, dim: int = 0, mean: bool = True, var: bool = True) -> Any:
    """Batch normalisation, some of its paths held constant where asked."""
    m = x.mean(dim=dim, keepdim=True)
    centred = x - (m if mean else m.detach())
    v = ((x - m) ** 2).mean(dim=dim, keepdim=True)
    return gamma * centred / ((v if var else v.detach()) + EPS).sqrt() + beta


NORM = """
import numpy as np


def backward(g, x, gamma, beta):
    mean = x.mean(axis=0)
    deviation = np.sqrt(x.var(axis=0) + 1e-5)
    h = (x - mean) / deviation
    dgamma = (g * h).sum(axis=0)
    dbeta = g.sum(axis=0)
    dh = g * gamma
    dx = (dh - dh.mean(axis=0) - h * (dh * h).mean(axis=0)) / deviation
    return dx, dgamma, dbeta
"""


BATCH_NORM = Exercise(
    name="batch-norm-rule",
    title="The three paths of batch normalisation",
    unit="23",
    words="""
h = (x - m) / sqrt(v + 1e-5), y = gamma h + beta; m and v are mean and
variance of each column of x (N, D) (divided by N), gamma and beta are (D,). x
moves y directly, by m and by v. Return the gradients of x, gamma and beta.
""",
    asks="backward",
    solution=NORM,
    grader=Rules(
        _norm,
        normal((7, 3), (3,), (3,)),
        held={
            "variance held": (
                "dx: the variance depends on x too: its path is missing",
                lambda x, gamma, beta: _norm(x, gamma, beta, var=False),
            ),
            "mean held": (
                "dx: the mean depends on x too: its path is missing",
                lambda x, gamma, beta: _norm(x, gamma, beta, mean=False),
            ),
            "both held": (
                "dx: mean and variance depend on x too: both paths are missing",
                lambda x, gamma, beta: _norm(x, gamma, beta, mean=False, var=False),
            ),
        },
        typical={
            "gamma forgotten": (
                "dx: gamma is missing",
                lambda g, x, gamma, beta: _norm_back(g, x, gamma, scale=False),
            ),
            "h forgotten": (
                "dgamma: y is gamma h + beta, so the derivative by gamma is h",
                lambda g, x, gamma, beta: _norm_back(g, x, gamma, h=False),
            ),
        },
    ),
    hints=(
        "Without mean and variance: dx = g gamma / deviation.",
        "The mean's path takes the mean of that away, the variance's path what goes along with h.",
        "dh = g gamma; dx = (dh - mean(dh) - h mean(dh h)) / deviation.",
    ),
    wrong=(
        ("variance held", " - h * (dh * h).mean(axis=0)", ""),
        ("mean held", " - dh.mean(axis=0)", ""),
        ("both held", "(dh - dh.mean(axis=0) - h * (dh * h).mean(axis=0))", "dh"),
        ("gamma forgotten", "dh = g * gamma", "dh = g"),
        ("h forgotten", "(g * h).sum(axis=0)", "g.sum(axis=0)"),
        ("not summed", "dbeta = g.sum(axis=0)", "dbeta = g"),
        ("mean for sum", "dbeta = g.sum(axis=0)", "dbeta = g.mean(axis=0)"),
        ("eps", "x.var(axis=0) + 1e-5", "x.var(axis=0) + 3e-3"),
        ("reduction", "(dh * h).mean(axis=0)", "(dh * h).sum(axis=0)"),
        ("operands exchanged", "return dx, dgamma, dbeta", "return dx, dbeta, dgamma"),
    ),
)


def _norm_back(g: Any, x: Any, gamma: Any, scale: bool = True, h: bool = True) -> Any:
    d = np.sqrt(x.var(0) + EPS)
    n = (x - x.mean(0)) / d
    dh = g * gamma if scale else g
    dx = (dh - dh.mean(0) - n * (dh * n).mean(0)) / d
    return dx, (g * n).sum(0) if h else g.sum(0), g.sum(0)


RUNNING = Exercise(
    name="batch-norm-evaluation",
    title="Batch normalisation: training and evaluation",
    unit="23",
    words="""
While training, each column of x (N, D) is normalised with its own mean and
variance (divided by N), and the running ones move a tenth of the way: 0.9 old
+ 0.1 new, the variance there divided by N - 1. In evaluation the running ones
are used and stay. Return y, the running mean, the running variance.
""",
    asks="normalise",
    solution="""
import numpy as np


def normalise(x, mean, var, training):
    if training:
        m, v = x.mean(axis=0), x.var(axis=0)
        mean = 0.9 * mean + 0.1 * m
        var = 0.9 * var + 0.1 * x.var(axis=0, ddof=1)
    else:
        m, v = mean, var
    return (x - m) / np.sqrt(v + 1e-5), mean, var
""",
    grader=Values(
        lambda x, m, v, t: _running(x, m, v, t),
        lambda rng, turn: [
            2 + 3 * rng.standard_normal((7 + turn, 3 + turn)),
            rng.standard_normal(3 + turn),
            1 + rng.random(3 + turn),
            turn != 1,
        ],
        {
            "batch in evaluation": (
                "in evaluation a sample must not depend on the others: the running values are used",
                lambda x, m, v, t: (
                    _running(x, m, v, True)[0],
                    *((m, v) if not t else _running(x, m, v, t)[1:]),
                ),
            ),
            "running in training": (
                "while training the batch's own values normalise it",
                lambda x, m, v, t: (
                    (_with_moved(x, m, v), *_running(x, m, v, t)[1:]) if t else _running(x, m, v, t)
                ),
            ),
            "biased": (
                "the running variance is divided by N - 1, to be right for all data on average",
                lambda x, m, v, t: (
                    *_running(x, m, v, t)[:2],
                    0.9 * v + 0.1 * x.var(0) if t else v,
                ),
            ),
            "exchanged": (
                "a tenth of the new one and nine of the old",
                lambda x, m, v, t: (
                    _running(x, m, v, t)[0],
                    0.1 * m + 0.9 * x.mean(0) if t else m,
                    0.1 * v + 0.9 * x.var(0, ddof=1) if t else v,
                ),
            ),
            "never moves": (
                "the running values do not move while training",
                lambda x, m, v, t: (_running(x, m, v, t)[0], m, v),
            ),
            "moves in evaluation": (
                "in evaluation the running values stay",
                lambda x, m, v, t: (_running(x, m, v, t)[0], *_running(x, m, v, True)[1:]),
            ),
            "unbiased here": (
                "the batch itself is normalised with the variance divided by N",
                lambda x, m, v, t: (
                    (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + EPS)
                    if t
                    else _running(x, m, v, t)[0],
                    *_running(x, m, v, t)[1:],
                ),
            ),
        },
        results=("y", "the running mean", "the running variance"),
    ),
    hints=(
        "Which mean is used, and which one moves?",
        "Training: the batch's own to normalise; the running ones move. "
        "Evaluation: the running ones.",
        "x.var(axis=0) to normalise, x.var(axis=0, ddof=1) for the running variance.",
    ),
    wrong=(
        ("batch in evaluation", "m, v = mean, var", "m, v = x.mean(axis=0), x.var(axis=0)"),
        ("running in training", "    return (x", "    m, v = mean, var\n    return (x"),
        ("biased", ", ddof=1", ""),
        (
            "exchanged",
            "0.9 * mean + 0.1 * m\n        var = 0.9 * var + 0.1",
            "0.1 * mean + 0.9 * m\n        var = 0.1 * var + 0.9",
        ),
        (
            "never moves",
            "mean = 0.9 * mean + 0.1 * m\n        var = 0.9 * var + 0.1 * x.var(axis=0, ddof=1)",
            "pass",
        ),
        (
            "moves in evaluation",
            "        m, v = mean, var\n",
            "        m, v = mean, var\n"
            "        mean = 0.9 * mean + 0.1 * x.mean(axis=0)\n"
            "        var = 0.9 * var + 0.1 * x.var(axis=0, ddof=1)\n",
        ),
        (
            "unbiased here",
            "x.mean(axis=0), x.var(axis=0)\n",
            "x.mean(axis=0), x.var(axis=0, ddof=1)\n",
        ),
        ("count", "np.sqrt(v + 1e-5), mean, var", "np.sqrt(v + 1e-5)"),
        (
            "writes",
            "        mean = 0.9 * mean + 0.1 * m\n",
            "        mean *= 0.9\n        mean += 0.1 * m\n",
        ),
    ),
)


def _with_moved(x: Any, m: Any, v: Any) -> Any:
    """Normalised with the running values, after they have moved."""
    _, mean, var = _running(x, m, v, True)
    return (x - mean) / np.sqrt(var + EPS)


def _running(x: Any, m: Any, v: Any, training: bool) -> Any:
    if not training:
        return (x - m) / np.sqrt(v + EPS), m, v
    y = (x - x.mean(0)) / np.sqrt(x.var(0) + EPS)
    return y, 0.9 * m + 0.1 * x.mean(0), 0.9 * v + 0.1 * x.var(0, ddof=1)


LAYER_NORM = Exercise(
    name="layer-norm-rule",
    title="Back through layer normalisation",
    unit="23",
    words="""
y = (x - m) / sqrt(v + 1e-5) with mean and variance of each ROW of x (N, D)
(divided by D). Return the gradient of x.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x):
    mean = x.mean(axis=1, keepdims=True)
    deviation = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    y = (x - mean) / deviation
    return (g - g.mean(axis=1, keepdims=True) - y * (g * y).mean(axis=1, keepdims=True)) / deviation
""",
    grader=Rules(
        lambda x: _norm(x, 1.0, 0.0, 1),
        normal((5, 7)),
        held={
            "variance held": (
                "dx: the variance depends on x too: its path is missing",
                lambda x: _norm(x, 1.0, 0.0, 1, var=False),
            ),
            "mean held": (
                "dx: the mean depends on x too: its path is missing",
                lambda x: _norm(x, 1.0, 0.0, 1, mean=False),
            ),
            "both held": (
                "dx: mean and variance depend on x too: both paths are missing",
                lambda x: _norm(x, 1.0, 0.0, 1, mean=False, var=False),
            ),
            "columns": (
                "that is batch normalisation, by columns; here each row is normalised",
                lambda x: _norm(x, 1.0, 0.0, 0),
            ),
        },
    ),
    hints=(
        "It is batch normalisation along the other axis.",
        "Three paths: x itself, the mean, the variance.",
        "(g - mean(g) - y mean(g y)) / deviation, means over the row.",
    ),
    wrong=(
        ("variance held", " - y * (g * y).mean(axis=1, keepdims=True)", ""),
        ("mean held", " - g.mean(axis=1, keepdims=True)", ""),
        (
            "both held",
            "(g - g.mean(axis=1, keepdims=True) - y * (g * y).mean(axis=1, keepdims=True))",
            "g",
        ),
        ("columns", "axis=1", "axis=0"),
        ("sign", "return (g", "return -(g"),
        ("raises", ", keepdims=True", ""),
        ("eps", "1e-5", "3e-3"),
    ),
)

EXERCISES = (
    BATCH_NORM,
    RUNNING,
    LAYER_NORM,
)
