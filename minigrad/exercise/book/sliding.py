"""Unit 18: sliding windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal
from minigrad.exercise.values import Values


def _corr(x: Any, k: Any) -> Any:
    h, w = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    return np.array(
        [
            [(x[i : i + k.shape[0], j : j + k.shape[1]] * k).sum() for j in range(w)]
            for i in range(h)
        ]
    )


CORRELATE = Exercise(
    name="correlate",
    title="Slide a window",
    unit="18",
    words="""
Return the cross-correlation of the image x (H, W) with the kernel k (h, w):
at each place where the kernel fits into the image the sum of the products of
the numbers that lie on each other. The result is (H - h + 1, W - w + 1).
""",
    asks="correlate",
    solution="""
import numpy as np


def correlate(x, k):
    h, w = k.shape
    y = np.zeros((x.shape[0] - h + 1, x.shape[1] - w + 1))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = (x[i : i + h, j : j + w] * k).sum()
    return y
""",
    grader=Values(
        _corr,
        normal((7, 5), (3, 2)),
        {
            "flipped": (
                "the kernel is turned by 180 degrees: that is the true convolution",
                lambda x, k: _corr(x, k[::-1, ::-1]),
            ),
            "last missing": (
                "the last window of each row and column is missing",
                lambda x, k: _corr(x, k)[:-1, :-1],
            ),
            "one window": (
                "it is the first window everywhere: begin it at i, j",
                lambda x, k: np.full_like(_corr(x, k), _corr(x, k)[0, 0]),
            ),
            "mean": ("the products are summed, not averaged", lambda x, k: _corr(x, k) / k.size),
            "maximum": (
                "the products are summed; that takes the largest",
                lambda x, k: _most(x, k),
            ),
            "not weighted": ("the kernel is not used", lambda x, k: _corr(x, np.ones_like(k))),
        },
    ),
    hints=(
        "Two loops over the places of the result.",
        "The window at i, j is x[i : i + h, j : j + w].",
        "Times k, summed.",
    ),
    wrong=(
        ("flipped", "* k)", "* k[::-1, ::-1])"),
        ("last missing", "- h + 1, x.shape[1] - w + 1", "- h, x.shape[1] - w"),
        ("one window", "x[i : i + h, j : j + w]", "x[:h, :w]"),
        ("mean", ".sum()", ".mean()"),
        ("maximum", ".sum()", ".max()"),
        ("not weighted", " * k)", ")"),
        ("raises", "- h + 1, x.shape[1] - w + 1", ", x.shape[1]"),
        ("transposed", "return y", "return y.T"),
        ("missing", "            y[i, j] = ", "            z = "),
    ),
)


def _most(x: Any, k: Any) -> Any:
    h, w = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    return np.array(
        [
            [(x[i : i + k.shape[0], j : j + k.shape[1]] * k).max() for j in range(w)]
            for i in range(h)
        ]
    )


DELAYED = Exercise(
    name="delayed-sum",
    title="Convolution as a sum of what came before",
    unit="18",
    words="""
y[t] = w[0] x[t] + w[1] x[t - 1] + w[2] x[t - 2] + ..., where x before the
start is 0. Return y, as long as x.
""",
    asks="convolve",
    solution="""
import numpy as np


def convolve(x, w):
    y = np.zeros(len(x))
    for t in range(len(x)):
        for k in range(len(w)):
            if t - k >= 0:
                y[t] += w[k] * x[t - k]
    return y
""",
    grader=Values(
        lambda x, w: np.convolve(x, w)[: len(x)],
        normal((11,), (3,)),
        {
            "wrapped": (
                "x[-1] is the last number in Python: before the start there is 0",
                lambda x, w: sum(w[k] * np.roll(x, k) for k in range(len(w))),
            ),
            "correlation": (
                "it looks into the future, x[t + k]: that is a cross-correlation",
                lambda x, w: np.convolve(x, w[::-1])[len(w) - 1 :],
            ),
            "first not delayed": (
                "w[0] belongs to x[t], not to x[t - 1]",
                lambda x, w: np.concatenate([[0], np.convolve(x, w)[: len(x) - 1]]),
            ),
            "wide": ("as long as x is asked", lambda x, w: np.convolve(x, w)),
            "narrow": (
                "as long as x is asked, with zeros before the start",
                lambda x, w: np.convolve(x, w, "valid"),
            ),
            "flipped": (
                "the weights are turned around",
                lambda x, w: np.convolve(x, w[::-1])[: len(x)],
            ),
            "last weight": (
                "only the last weight's product is there: add them up",
                lambda x, w: np.concatenate(
                    [
                        w[0] * x[:1],
                        [
                            w[min(t, len(w) - 1)] * x[t - min(t, len(w) - 1)]
                            for t in range(1, len(x))
                        ],
                    ]
                ),
            ),
        },
    ),
    hints=(
        "A loop over t, and one over the weights.",
        "w[k] goes with x[t - k], which is 0 for t - k < 0.",
        "if t - k >= 0: y[t] += w[k] * x[t - k].",
    ),
    wrong=(
        ("wrapped", "t - k >= 0", "True"),
        (
            "correlation",
            "if t - k >= 0:\n                y[t] += w[k] * x[t - k]",
            "if t + k < len(x):\n                y[t] += w[k] * x[t + k]",
        ),
        (
            "first not delayed",
            "if t - k >= 0:\n                y[t] += w[k] * x[t - k]",
            "if t - k - 1 >= 0:\n                y[t] += w[k] * x[t - k - 1]",
        ),
        ("narrow", "return y", "return y[len(w) - 1 :]"),
        ("flipped", "w[k]", "w[-1 - k]"),
        ("last weight", "+=", "="),
        ("sign", "+=", "-="),
        ("wide", "    return y", "    return np.convolve(x, w)"),
    ),
)

EXERCISES = (
    CORRELATE,
    DELAYED,
)
