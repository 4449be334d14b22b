"""Unit 20: backward through a convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal, of
from minigrad.exercise.rules import Rules
from minigrad.exercise.values import Values
from minigrad.nn import functional as F


def _conv_back(g: Any, x: Any, w: Any) -> tuple[Any, Any]:
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for t in range(len(g)):
        dx[t : t + len(w)] += g[t] * w
        dw += g[t] * x[t : t + len(w)]
    return dx, dw


CONV = Exercise(
    name="conv-rule",
    title="Back through a convolution in one dimension",
    unit="20",
    words="""
y[t] = Σ_k w[k] x[t + k], with x (N,), w (K,), y and g (N - K + 1,). Each x
and each w is used in several windows. Return the gradients of x and w.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x, w):
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    for t in range(len(g)):
        dx[t : t + len(w)] += g[t] * w
        dw += g[t] * x[t : t + len(w)]
    return dx, dw
""",
    grader=Rules(
        lambda x, w: F.conv1d(x[None, None], w[None, None])[0, 0],
        normal((11,), (3,)),
        {
            "dx overwritten": (
                "dx: each window overwrites the one before: += and not =",
                lambda g, x, w: (_overwritten(g, x, w), _conv_back(g, x, w)[1]),
            ),
            "dw of the last": (
                "dw: only the last window is counted: += and not =",
                lambda g, x, w: (_conv_back(g, x, w)[0], g[-1] * x[len(x) - len(w) :]),
            ),
            "dx flipped": (
                "dx: the kernel is turned around",
                lambda g, x, w: (_conv_back(g, x, w[::-1])[0], _conv_back(g, x, w)[1]),
            ),
            "dw mean": (
                "dw: the sum over the windows is asked, not the mean",
                lambda g, x, w: (_conv_back(g, x, w)[0], _conv_back(g, x, w)[1] / len(g)),
            ),
            "same window": (
                "dw: each window of x begins at t",
                lambda g, x, w: (_conv_back(g, x, w)[0], g.sum() * x[: len(w)]),
            ),
        },
    ),
    hints=(
        "y[t] touches x[t], ..., x[t + K - 1]: give each its share.",
        "x[t + k] gets g[t] w[k]; w[k] gets g[t] x[t + k]; all that comes is added up.",
        "dx[t : t + K] += g[t] * w; dw += g[t] * x[t : t + K].",
    ),
    wrong=(
        ("dx overwritten", "dx[t : t + len(w)] +=", "dx[t : t + len(w)] ="),
        ("dw of the last", "dw += g", "dw = g"),
        ("dx flipped", "g[t] * w\n", "g[t] * w[::-1]\n"),
        ("dw mean", "return dx, dw", "return dx, dw / len(g)"),
        ("same window", "g[t] * x[t : t + len(w)]", "g[t] * x[: len(w)]"),
        (
            "cotangent ignored",
            "def backward(g, x, w):\n",
            "def backward(g, x, w):\n    g = np.ones_like(g)\n",
        ),
        ("count", "return dx, dw", "return dw"),
        ("wrong shape", "return dx, dw", "return dw, dx"),
        ("sign", "dx[t : t + len(w)] +=", "dx[t : t + len(w)] -="),
    ),
)


def _overwritten(g: Any, x: Any, w: Any) -> Any:
    dx = np.zeros_like(x)
    for t in range(len(g)):
        dx[t : t + len(w)] = g[t] * w
    return dx


IM2COL = Exercise(
    name="im2col",
    title="Every window a column",
    unit="20",
    words="""
Return the column matrix of the image x (H, W) for windows of h x w: a column
for each window, row by row from the upper left, and in it the window's
numbers row by row. Then the kernel as a row, times this matrix, is the
convolution.
""",
    asks="im2col",
    solution="""
import numpy as np


def im2col(x, h, w):
    columns = []
    for i in range(x.shape[0] - h + 1):
        for j in range(x.shape[1] - w + 1):
            columns.append(x[i : i + h, j : j + w].ravel())
    return np.array(columns).T
""",
    grader=Values(
        lambda x, h, w: _columns(x, h, w).T,
        of(normal((5, 7)), lambda rng, turn: [[3, 2], [2, 3], [4, 2]][turn]),
        {
            "windows as rows": (
                "the windows are rows: a column each",
                lambda x, h, w: _columns(x, h, w),
            ),
            "down first": (
                "the windows go down first; row by row is asked",
                lambda x, h, w: _columns(x, h, w, by_columns=True).T,
            ),
            "inside turned": (
                "inside a window the numbers stand column by column",
                lambda x, h, w: _columns(x, h, w, turned=True).T,
            ),
            "last missing": (
                "the last windows are missing: H - h + 1 of them fit",
                lambda x, h, w: _columns(x[:-1, :-1], h, w).T,
            ),
            "apart": (
                "the windows stand side by side; they overlap, each one further than the last",
                lambda x, h, w: _columns(x, h, w, (h, w)).T,
            ),
            "h and w": (
                "height and width of the window are exchanged",
                lambda x, h, w: _columns(x, w, h).T,
            ),
        },
        results=("the columns",),
    ),
    hints=(
        "Two loops over the places of a window; x[i : i + h, j : j + w] is the window.",
        "ravel() lays a window out row by row.",
        "Collect them in a list; np.array of it has the windows as rows: transpose.",
    ),
    wrong=(
        ("windows as rows", "np.array(columns).T", "np.array(columns)"),
        (
            "down first",
            "    for i in range(x.shape[0] - h + 1):\n        for j in range(x.shape[1] - w + 1):",
            "    for j in range(x.shape[1] - w + 1):\n        for i in range(x.shape[0] - h + 1):",
        ),
        ("inside turned", ".ravel()", ".T.ravel()"),
        (
            "last missing",
            "range(x.shape[0] - h + 1):\n        for j in range(x.shape[1] - w + 1)",
            "range(x.shape[0] - h):\n        for j in range(x.shape[1] - w)",
        ),
        (
            "apart",
            "range(x.shape[0] - h + 1):\n        for j in range(x.shape[1] - w + 1)",
            "range(0, x.shape[0] - h + 1, h):\n        for j in range(0, x.shape[1] - w + 1, w)",
        ),
        ("h and w", "def im2col(x, h, w):", "def im2col(x, w, h):"),
        ("reversed", "np.array(columns).T", "np.array(columns).T[:, ::-1]"),
        ("nothing returned", "return np", "np"),
    ),
)


def _columns(
    x: Any,
    h: int,
    w: int,
    step: tuple[int, int] = (1, 1),
    by_columns: bool = False,
    turned: bool = False,
) -> Any:
    places = [
        (i, j)
        for i in range(0, x.shape[0] - h + 1, step[0])
        for j in range(0, x.shape[1] - w + 1, step[1])
    ]
    if by_columns:
        places.sort(key=lambda at: (at[1], at[0]))
    windows = [x[i : i + h, j : j + w] for i, j in places]
    return np.array([(a.T if turned else a).ravel() for a in windows])


EXERCISES = (
    CONV,
    IM2COL,
)
